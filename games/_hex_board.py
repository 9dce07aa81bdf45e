"""A rhombus of hexagons: which cells touch, and which stones are connected."""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jax import Array

NEIGHBOURS = np.array([(0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1)])
"""Rows and columns from a cell to the six that touch it."""


def touching(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns, `(cells, 6)` each, of what touches each cell, also where that is off the board."""
    row, column = np.divmod(np.arange(rows * columns)[:, None], columns)
    return row + NEIGHBOURS[:, 0], column + NEIGHBOURS[:, 1]


@dataclass(frozen=True)
class HexBoard:
    """A board of at most 124 cells. Player 0 connects top and bottom, player 1 left and right.

    A chain of connected stones has one label, positive for player 0 and negative for player 1: the number of
    one of its cells, from 1; or `first`, `second` or `both`, for the edges of its player that it touches.
    """

    rows: int
    columns: int

    @property
    def num_cells(self) -> int:
        """Cells of the board."""
        return self.rows * self.columns

    @property
    def first(self) -> int:
        """The label of the chain at the player's first edge: the top, the left."""
        return self.num_cells + 1

    @property
    def second(self) -> int:
        """The label of the chain at the player's second edge: the bottom, the right."""
        return self.num_cells + 2

    @property
    def both(self) -> int:
        """The label of a chain that connects the edges."""
        return self.num_cells + 3

    def placed(self, chains: Array, cell: Array, player: Array) -> Array:
        """`(cells,)` int8: the chains after a stone of `player` on an empty cell."""
        sign = (1 - 2 * player).astype(jnp.int8)
        own = chains * sign
        near = jnp.append(own, jnp.int8(0))[jnp.asarray(self._neighbours)[cell]]
        edge = jnp.asarray(self._edges)[player, cell]
        touched = jnp.concatenate([near, jnp.stack([edge, (cell + 1).astype(jnp.int8)])])
        wins = (touched == self.first).any() & (touched == self.second).any()
        label = jnp.where(wins, jnp.int8(self.both), touched.max())
        joined = ((own[:, None] == touched[None]) & (own > 0)[:, None]).any(axis=1)
        return jnp.where(joined | (np.arange(self.num_cells) == cell), label, own) * sign

    def connected(self, chains: Array) -> Array:
        """`(2,)` bool: whether this player has connected its edges."""
        return jnp.stack([(chains == self.both).any(), (chains == -self.both).any()])

    def turned(self, chains: Array) -> Array:
        """`(cells,)` int8: chains on a board that was turned by 180 degrees, labelled anew."""
        label = jnp.abs(chains)
        cell, edge = self.first - label, self.first + self.second - label
        opposite = jnp.where(label < self.first, cell, jnp.where(label < self.both, edge, label))
        return jnp.sign(chains) * opposite.astype(jnp.int8)

    @property
    def _neighbours(self) -> np.ndarray:
        """`(cells, 6)` int32: the cells that touch each cell; the number of cells where there is none."""
        row, column = touching(self.rows, self.columns)
        inside = (row >= 0) & (row < self.rows) & (column >= 0) & (column < self.columns)
        return np.where(inside, row * self.columns + column, self.num_cells).astype(np.int32)

    @property
    def _edges(self) -> np.ndarray:
        """`(2, cells)` int8: for each player the label of the edge, or of both, at each cell; 0 for none."""
        rows, columns = np.divmod(np.arange(self.num_cells), self.columns)
        edges = []
        for place, size in ((rows, self.rows), (columns, self.columns)):
            at_first, at_second = place == 0, place == size - 1
            labels = [self.both, self.first, self.second]
            edges.append(np.select([at_first & at_second, at_first, at_second], labels, 0))
        return np.stack(edges).astype(np.int8)
