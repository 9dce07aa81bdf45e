"""Episodes of a game in sequence form: a walk through its histories, for `jit` and `vmap`."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import CHANCE
from jaxplay.solve import SequenceForm, Treeplex


class Walk(NamedTuple):
    """The histories as a table of where moves lead.

    Attributes:
        child: `(H, E)` int32, the history that each move or outcome leads to; the history itself where there
            is none.
        slot: `(H, E)` int32, where the probability of a move stands: among the policies of all players,
            then those of chance, then a 0.
        chance: `(C,)` float32, the probabilities of outcomes.
        returns: `(H, P)` float64, what players have earned.
        depth: the number of moves of the longest history.
    """

    child: np.ndarray
    slot: np.ndarray
    chance: np.ndarray
    returns: np.ndarray
    depth: int

    def end(self, policies: Array, key: Array) -> Array:
        """`()` int32: the complete history that a play reaches.

        Args:
            policies: those of all players, one after the other.
            key: of the play.
        """
        probs = jnp.concatenate([policies, jnp.asarray(self.chance, policies.dtype)])
        chances = jax.random.uniform(key, (self.depth,), policies.dtype)
        child, slot = jnp.asarray(self.child), jnp.asarray(self.slot)

        def step(number: Array, history: Array) -> Array:
            return child[history, pick(probs[slot[history]], chances[number])]

        return jax.lax.fori_loop(0, self.depth, step, jnp.int32(0))


def pick(weights: Array, chance: Array) -> Array:
    """`()` int32: an index, in proportion to `weights` `(n,)`, by a number from 0 to below 1."""
    bars = jnp.cumsum(weights)
    place = (bars <= chance * bars[-1]).sum()
    return jnp.minimum(place, jnp.max(jnp.where(weights > 0, jnp.arange(len(weights)), 0))).astype(jnp.int32)


def walk_of(form: SequenceForm) -> Walk:
    """The table of a game; on the host, once."""
    tree = form.tree
    size = tree.num_histories
    width = int(tree.edge.max(initial=0)) + 1
    child = np.tile(np.arange(size, dtype=np.int32)[:, None], (1, width))
    later = np.arange(1, size)
    parent, edge = tree.parent[later], tree.edge[later]
    child[parent, edge] = later
    returns = tree.rewards.copy()
    for level in tree.slices()[1:]:
        returns[level] += returns[tree.parent[level]]
    num_slots = sum(t.num_slots for t in form.treeplexes)
    by_chance = (tree.player[parent] == CHANCE) & ~tree.terminated[parent]
    outcomes = later[by_chance]
    probs = tree.chance[outcomes] / tree.chance[tree.parent[outcomes]]
    slot = np.full((size, width), num_slots + len(outcomes), np.int32)
    slot[tree.parent[outcomes], tree.edge[outcomes]] = num_slots + np.arange(len(outcomes))
    moves = later[~by_chance]
    before = tree.parent[moves]
    slot[before, tree.edge[moves]] = _slots(form)[tree.infoset[before], tree.edge[moves]]
    slot[tree.terminated] = num_slots + len(outcomes)
    return Walk(child, slot, np.append(probs, 0.0).astype(np.float32), returns, len(tree.slices()) - 1)


def _slots(form: SequenceForm) -> np.ndarray:
    """`(I, A)`: where each action stands among the policies of all players."""
    slots, start = np.zeros(form.tree.legal.shape, np.int32), 0
    for t in form.treeplexes:
        at = np.flatnonzero(t.legal)
        slots[t.infoset[at], t.action[at]] = start + at
        start += t.num_slots
    return slots


class Paths(NamedTuple):
    """A player's decisions as rows, and the path to each of its sequences.

    Attributes:
        rows: `(n, W)` int32, the slots of each information set; the number of slots where there is none.
        path: `(1 + S, D)` int32, for each sequence the information sets on the way to it, the last one first.
        choice: `(1 + S, D)` int32, which entry of the row was chosen.
        real: `(1 + S, D)` bool, whether there is such a decision.
    """

    rows: np.ndarray
    path: np.ndarray
    choice: np.ndarray
    real: np.ndarray


def paths_of(treeplex: Treeplex) -> Paths:
    """The rows and paths of a treeplex; on the host, once."""
    num_slots, width = treeplex.num_slots, max(block.width for block in treeplex.blocks)
    rows = np.full((treeplex.num_infosets, width), num_slots, np.int32)
    owner, place = np.zeros(num_slots, int), np.zeros(num_slots, int)
    before, first = np.full(treeplex.num_infosets, -1), 0
    for number, level in enumerate(treeplex.levels):
        for block in level.blocks:
            slots = np.arange(block.slots.start, block.slots.stop).reshape(block.shape)
            own = np.arange(first, first + block.num)
            legal = treeplex.legal[slots]
            rows[own, : block.width] = np.where(legal, slots, num_slots).T
            owner[slots], place[slots] = own, np.arange(block.width)[:, None]
            first += block.num
        if number:
            before[level.infosets] = treeplex.levels[number - 1].slots.start + level.parent
    depth = len(treeplex.levels)
    path, choice = np.zeros((1 + num_slots, depth), np.int32), np.zeros((1 + num_slots, depth), np.int32)
    at = np.arange(-1, num_slots)
    real = np.zeros((1 + num_slots, depth), bool)
    for step in range(depth):
        there = at >= 0
        slot = np.maximum(at, 0)
        path[:, step], choice[:, step], real[:, step] = owner[slot], place[slot], there
        at = np.where(there, before[owner[slot]], -1)
    return Paths(rows, path, choice, real)
