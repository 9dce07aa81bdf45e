"""A game as a graph of every position that can be reached, with equal positions merged."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from jaxplay.errors import UserError
from jaxplay.game import Game
from jaxplay.solve.table import Table, table_of


@dataclass(frozen=True)
class Graph:
    """S positions, numbered from the first state (0) on; E = `num_edges(game)`.

    Two positions are one if all their fields but mask and rewards are the same, however they came
    about: a position has one number even where it occurs at different depths.

    Attributes:
        game: the game.
        states: the positions, NumPy leaves `(S, ...)`.
        child: `(S, E)` int32, the numbers of the positions that actions and chance outcomes lead to; -1 where
            there is no such move.
        rewards: `(S, E, P)` float32, what the moves earn.
        probs: `(S, E)` float32, the probabilities of the outcomes at chance nodes; None without chance.
        hashes: `(S,)` uint64, all different.
    """

    game: Game[Any]
    states: Any
    child: np.ndarray
    rewards: np.ndarray
    probs: np.ndarray | None
    hashes: np.ndarray

    @property
    def num_states(self) -> int:
        """S, the number of positions, the ends of the game included."""
        return len(self.child)

    @property
    def player(self) -> np.ndarray:
        """`(S,)` int32: who moves."""
        return self.states.current_player

    @cached_property
    def table(self) -> Table:
        """The table that finds the numbers of states, under `jax.jit` too."""
        return table_of(self.hashes)

    @cached_property
    def levels(self) -> list[np.ndarray]:
        """The numbers of the positions by their longest way to an end; level 0 holds the ends.

        Raises:
            UserError: a position can occur again in one game, so that the game need not end.
        """
        levels = _levels(self.child)
        if sum(map(len, levels)) < self.num_states:
            raise UserError("positions repeat within this game, so it cannot be solved from its ends")
        return levels

    def num_lines(self) -> int:
        """The number of complete games, from the first position to an end (exact below 2**53)."""
        lines = np.zeros(self.num_states)
        lines[self.levels[0]] = 1
        for level in self.levels[1:]:
            child = self.child[level]
            lines[level] = np.where(child >= 0, lines[child], 0).sum(axis=1)
        return int(lines[0])


def _levels(child: np.ndarray) -> list[np.ndarray]:
    """Positions in the order in which they can be valued (Kahn 1962); those on a cycle are missing."""
    parent, edge = np.nonzero(child >= 0)
    by_child = np.argsort(child[parent, edge], kind="stable")
    parent, target = parent[by_child], child[parent, edge][by_child]
    waiting = (child >= 0).sum(axis=1)
    levels, ready = [], np.flatnonzero(waiting == 0)
    while len(ready):
        levels.append(ready)
        start, stop = np.searchsorted(target, ready), np.searchsorted(target, ready, side="right")
        above = np.concatenate([parent[a:b] for a, b in zip(start, stop, strict=True)])
        above, count = np.unique(above, return_counts=True)
        waiting[above] -= count
        ready = above[waiting[above] == 0]
    return levels
