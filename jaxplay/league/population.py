"""Frozen players in one stacked tree of C slots, some of them empty; which slot a new one takes.

Slot 0 holds the agent that has learned nothing, for ever. When all slots are full, a player goes that
leaves no great gap of age among the copies of its learner: sorted by age, the next older one may be at
most `SPREAD` times as old as the next younger one. Of these, the player goes whom the main agents beat
most.
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
"""Ages are counted in generations. With this factor, about twice the binary logarithm of a learner's
generations cannot go, and its ages are never more than doubled from one copy to the next."""


@pytree
class Population:
    """C slots for frozen players.

    Attributes:
        params: leaves `(C, ...)`; of no meaning where a slot is empty.
        present: `(C,)` bool.
        kind: `(C,)` int32, see `KINDS`.
        parent: `(C,)` int32, the learner of which it is a copy; -1: none.
        born: `(C,)` int32, the league's step at which it was frozen.
        generation: `(C,)` int32, its number among all copies of its learner, from 1; 0: no copy.
    """

    params: Any
    present: Array
    kind: Array
    parent: Array
    born: Array
    generation: Array


def new_population(params: Any, num_slots: int) -> Population:
    """`params` in slot 0, and nobody else.

    Args:
        params: of an agent that has learned nothing.
        num_slots: C, at least 1.
    """

    def same(value: int) -> Array:
        return jnp.full((num_slots,), value, jnp.int32)

    stacked = jax.tree.map(lambda x: jnp.zeros((num_slots, *x.shape), x.dtype).at[0].set(x), params)
    return Population(stacked, jnp.arange(num_slots) == 0, same(INITIAL), same(-1), same(0), same(0))


def freeze(
    population: Population, slot: Array, params: Any, kind: int, parent: int, born: Array, generation: Array
) -> Population:
    """`population` with a new player in `slot`, `()` int32; as it was if `slot` is C."""

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
    """Parameters of the players in `slot`, int32 of any shape."""
    return jax.tree.map(lambda x: x[slot], population.params)


def free_slot(population: Population, beaten: Array, generations: Array, taken: Array) -> Array:
    """`()` int32: where the next player goes; C if no slot may be given up.

    Args:
        population: with C slots.
        beaten: `(C,)`, the main agents' score against each player.
        generations: `(L,)` int32, how many copies of each learner there have been.
        taken: `(C,)` bool, slots that must not be given up now.
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

    Younger than all copies is the learner itself, or the copy to come, at age 1.
    """
    age = (generations[population.parent] - population.generation + 2).astype(jnp.float32)
    kin = population.present[None] & (population.parent[:, None] == population.parent[None])
    older, younger = age[None] > age[:, None], age[None] < age[:, None]
    next_older = jnp.min(jnp.where(kin & older, age[None], jnp.inf), axis=1)
    next_younger = jnp.max(jnp.where(kin & younger, age[None], 1.0), axis=1)
    return next_older / next_younger
