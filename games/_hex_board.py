"""A rhombus of hexagons: which cells touch, and which stones are connected."""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.games._dense import take

NEIGHBOURS = np.array([(0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1)])
"""Rows and columns from a cell to the six that touch it."""


def touching(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns, `(cells, 6)` each, of what touches each cell, also where that is off the board."""
    row, column = np.divmod(np.arange(rows * columns)[:, None], columns)
    return row + NEIGHBOURS[:, 0], column + NEIGHBOURS[:, 1]


FIRST, LAST, STONES = 1, 2, 3
"""Labels: of the chain at the mover's first edge, at the other, and where those of single stones begin."""


@dataclass(frozen=True)
class HexBoard:
    """A board on which player 0 connects top and bottom, player 1 left and right.

    A chain of connected stones has one label: `FIRST` if it touches the top edge (player 1: the left edge),
    `LAST` if it touches the bottom (the right) edge, else `STONES` and the number of one of its cells.
    """

    rows: int
    columns: int

    @property
    def num_cells(self) -> int:
        """Number of cells of the board."""
        return self.rows * self.columns

    @property
    def label(self) -> np.dtype:
        """The smallest type that holds every label."""
        return np.dtype(np.int8 if STONES + self.num_cells <= np.iinfo(np.int8).max + 1 else np.int16)

    def placed(self, chains: Array, cell: Array, player: Array) -> tuple[Array, Array]:
        """The board after a stone, and whether that connects the edges of who placed it.

        Args:
            chains: `(cells,)` of type `label`: for each cell the label of its stone, negative where that is
                the opponent's of `player`; 0: no stone.
            cell: where the stone comes to lie, an empty cell.
            player: whose stone it is.
        """
        edges = np.array([[FIRST, LAST, -FIRST, -LAST], [-FIRST, -LAST, FIRST, LAST]], self.label)
        beside = jnp.concatenate([chains, jnp.where(player == 0, edges[0], edges[1])])
        near = take(beside, take(jnp.asarray(self._neighbours), cell))
        stone = (cell + STONES).astype(self.label)
        mine = jnp.where(near > 0, near, stone)
        label = mine.min()
        joined = np.arange(self.num_cells) == cell
        for i in range(len(NEIGHBOURS)):
            joined = joined | (chains == mine[i])
        return jnp.where(joined, label, chains), (label == FIRST) & (mine == LAST).any()

    def connected(self, chains: Array) -> Array:
        """`(2,)` bool: who has connected its edges, `chains` being positive for player 0.

        A chain that touches both edges has the label of the first.
        """
        board = chains.reshape(self.rows, self.columns)
        return jnp.stack([(board[-1] == FIRST).any(), (board[:, -1] == -FIRST).any()])

    def relabelled(self, chains: Array) -> Array:
        """`(cells,)`: the labels of chains after a turn by 180 degrees, to the opposite cells and edges."""
        size, edge_sum, last = jnp.abs(chains), self.label.type(FIRST + LAST), STONES + self.num_cells - 1
        stone = self.label.type(last) - (size - self.label.type(STONES))
        return jnp.sign(chains) * jnp.where(size < STONES, edge_sum - size, stone)

    @property
    def _neighbours(self) -> np.ndarray:
        """`(cells, 6)` int32: what touches each cell: cells; after them the top, bottom, left, right edge."""
        rows, columns = touching(self.rows, self.columns)
        outside = [rows < 0, rows == self.rows, columns < 0, columns == self.columns]
        edges = [self.num_cells + i for i in range(4)]
        return np.select(outside, edges, rows * self.columns + columns).astype(np.int32)
