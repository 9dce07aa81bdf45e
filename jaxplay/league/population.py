"""Frozen players in one stacked tree of C slots, some of them empty, and the slot that a new one takes.

Slot 0 always holds the agent that has learned nothing. When all slots are full, a player is evicted that
leaves no great gap of age among the copies of its learner: sorted by age, the next older copy may be at
most `SPREAD` times as old as the next younger one. Of these, the player that the main agents beat most is
evicted.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.struct import pytree

INITIAL, MAIN_AGENT, MAIN_EXPLOITER, LEAGUE_EXPLOITER = range(4)
KINDS = ("initial", "main agent", "main exploiter", "league exploiter")
"""Names of the kinds of players, by number."""

SPREAD = 2.0
"""Ages are counted in generations. With this factor about twice the binary logarithm of a learner's
generations cannot be evicted, and ages are never more than doubled from one copy to the next."""


@pytree
class Population:
    """C slots for frozen players.

    Attributes:
        params: the parameters, leaves `(C, ...)`; meaningless where a slot is empty.
        present: `(C,)` bool, whether there is a player in the slot.
        kind: `(C,)` int32, the player's kind, see `KINDS`.
        parent: `(C,)` int32, the learner of which it is a copy; -1 for the agent that has learned nothing.
        born: `(C,)` int32, the league's step at which it was frozen.
        generation: `(C,)` int32, its number among all copies of its learner, from 1; 0 where `parent` is -1.
    """

    params: Any
    present: Array
    kind: Array
    parent: Array
    born: Array
    generation: Array


def new_population(params: Any, num_slots: int) -> Population:
    """A population of one player, in slot 0.

    Args:
        params: the parameters of an agent that has learned nothing.
        num_slots: C, at least 1.
    """

    def same(value: int) -> Array:
        return jnp.full((num_slots,), value, jnp.int32)

    stacked = jax.tree.map(lambda x: jnp.zeros((num_slots, *x.shape), x.dtype).at[0].set(x), params)
    return Population(stacked, jnp.arange(num_slots) == 0, same(INITIAL), same(-1), same(0), same(0))


def freeze(
    population: Population, slot: Array, params: Any, kind: int, parent: int, born: Array, generation: Array
) -> Population:
    """`population` with a new player in a slot.

    Args:
        population: the players so far, in C slots.
        slot: `()` int32, where the player goes, instead of the one that is there; C for nowhere.
        params: its parameters.
        kind: its kind, see `KINDS`.
        parent: the learner of which it is a copy.
        born: `()` int32, the league's step.
        generation: `()` int32, its number among all copies of the learner, from 1.
    """

    def put(slots: Array, value: Any) -> Array:
        return slots.at[slot].set(jnp.asarray(value, slots.dtype), mode="drop")

    return Population(
        params=jax.tree.map(put, population.params, params),
        present=put(population.present, True),
        kind=put(population.kind, kind),
        parent=put(population.parent, parent),
        born=put(population.born, born),
        generation=put(population.generation, generation),
    )


def take(population: Population, slot: Array) -> Any:
    """The parameters of the players in `slot`, int32 of any shape: leaves `(*slot.shape, ...)`."""
    return jax.tree.map(lambda x: x[slot], population.params)


def free_slot(population: Population, beaten: Array, generations: Array, taken: Array) -> Array:
    """`()` int32: the slot for the next player; C if no slot may be given up.

    Args:
        population: the players so far, in C slots.
        beaten: `(C,)`, the main agents' score against each player.
        generations: `(L,)` int32, how many copies of each learner there have been.
        taken: `(C,)` bool, slots that must not be given up at this step.
    """
    movable = population.present & (population.kind != INITIAL) & ~taken
    gap = _gap_without(population, generations)
    crowded = gap <= SPREAD
    # The last key counts most.
    order = jnp.lexsort((gap, -beaten, jnp.where(crowded, 0.0, gap), ~movable))
    empty = ~population.present & ~taken
    slot = jnp.where(empty.any(), jnp.argmax(empty), order[0])
    return jnp.where(empty.any() | movable.any(), slot, taken.shape[0]).astype(jnp.int32)


def _gap_without(population: Population, generations: Array) -> Array:
    """`(C,)`: how many times older the next older copy is than the next younger; inf for the oldest.

    The learner itself, or its next copy, is younger than all copies, at age 1.
    """
    age = (generations[population.parent] - population.generation + 2).astype(jnp.float32)
    kin = population.present[None] & (population.parent[:, None] == population.parent[None])
    older, younger = age[None] > age[:, None], age[None] < age[:, None]
    next_older = jnp.min(jnp.where(kin & older, age[None], jnp.inf), axis=1)
    next_younger = jnp.max(jnp.where(kin & younger, age[None], 1.0), axis=1)
    return next_older / next_younger
