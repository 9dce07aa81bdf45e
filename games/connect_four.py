"""Connect Four: discs fall into an upright grid, and four in a line win.

Rules: the players drop discs into the columns of an upright grid (6 rows, 7 columns) in turn, player 0 (X,
red) first. A disc falls to the lowest free cell. Four of one's own in a row, column or diagonal win; a full
grid without a line is a draw. Perfect play wins for player 0, who begins in the middle. Other sizes and line
lengths are options.

Actions (7), as in Pgx.

| Action | Move                                           | Written    |
|--------|------------------------------------------------|------------|
| 0 to 6 | a disc into this column, counted from the left | `1` to `7` |

Observation: `(rows, columns, 2)` float32, here `(6, 7, 2)`, the top row first.

| Plane | 1 where                    |
|-------|----------------------------|
| 0     | the observer has a disc    |
| 1     | the opponent has a disc    |

Rewards: +1 to the winner and -1 to the loser at the last move, 0 for a draw.

Source: James D. Allen, The Complete Book of Connect 4, 2010; https://en.wikipedia.org/wiki/Connect_Four
"""

from dataclasses import dataclass
from typing import Annotated

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.games import _svg, _text
from jaxplay.games._bits import WORD, shift
from jaxplay.games._mnk import StonesGame, StonesState, mirrors
from jaxplay.typed import Range

MAX_SIDE = WORD - 1
"""A row lies within a word."""
CELL = 64
"""Width of a cell in pixels."""
COLOURS = {"X": _svg.RED, "O": _svg.YELLOW, ".": _svg.PAPER}


@dataclass(frozen=True)
class ConnectFour(StonesGame):
    """Four in a line, with gravity: see the module for rules, actions and observation.

    Attributes:
        rows: Height of the grid, 1 to 31.
        columns: Width of the grid, 1 to 31.
        k: Length of a winning line, 2 to 31.
    """

    rows: Annotated[int, Range(1, MAX_SIDE)] = 6
    columns: Annotated[int, Range(1, MAX_SIDE)] = 7
    k: Annotated[int, Range(2, MAX_SIDE)] = 4
    num_symmetries = 2

    @property
    def num_actions(self) -> int:
        """Number of actions, A: one for each column."""
        return self.columns

    @property
    def cell_permutation(self) -> np.ndarray:
        """`(2, cells)` int32: left for right."""
        return mirrors(self.rows, self.columns)

    @property
    def action_permutation(self) -> np.ndarray:
        """`(2, A)` int32: the top row goes where its columns go."""
        return self.cell_permutation[:, : self.columns]

    def legal_actions(self, occupied: Array) -> Array:
        """`(A,)` bool: the columns whose top cell is free."""
        return (occupied[0] >> np.arange(self.columns, dtype=np.uint32)) & 1 == 0

    def placed(self, occupied: Array, action: Array) -> Array:
        """`(W,)` uint32: the free cell of the column that has a disc or the floor below it."""
        supported = shift(occupied, self.grid.stride) | self._floor()
        return supported & ~occupied & (self._first_column() << action.astype(jnp.uint32))

    def _floor(self) -> np.ndarray:
        """`(W,)` uint32: the bottom row. A row lies within one word."""
        word, bit = divmod((self.rows - 1) * self.grid.stride, WORD)
        row = np.uint32(((1 << self.columns) - 1) << bit)
        return np.where(np.arange(self.grid.num_words) == word, row, np.uint32(0))

    def _first_column(self) -> np.uint32:
        """Every word's part of the left column, the same in each: a word holds a whole number of rows."""
        return np.uint32(sum(1 << bit for bit in range(0, WORD, self.grid.stride)))

    def action_to_string(self, action: int) -> str:
        """The number of the column, from 1 at the left."""
        return str(int(action) + 1)

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`."""
        names = map(self.action_to_string, range(self.columns))
        return _text.parse(text, names, f"1 to {self.columns}")

    def render(self, state: StonesState, player: int | None = None) -> str:
        """The grid below its column numbers, and whose turn it is."""
        width = len(str(self.columns))
        numbers = [self.action_to_string(column) for column in range(self.columns)]
        lines = [" ".join(cell.rjust(width) for cell in row) for row in (numbers, *self.cells(state))]
        return "\n".join([*lines, self.status(state)])

    def render_svg(self, state: StonesState, player: int | None = None) -> str:
        """The grid as a toy: red and yellow discs behind a blue board."""
        width, height, header = self.columns * CELL, self.rows * CELL, 28
        shapes = [_svg.rect(0, header, width, height, _svg.BLUE, radius=12)]
        for column in range(self.columns):
            number = self.action_to_string(column)
            shapes.append(_svg.text((column + 0.5) * CELL, header / 2, number, size=16))
        for row, letters in enumerate(self.cells(state)):
            for column, letter in enumerate(letters):
                x, y = (column + 0.5) * CELL, header + (row + 0.5) * CELL
                shapes.append(_svg.circle(x, y, 0.4 * CELL, COLOURS[letter], stroke="#0003", width=3))
        return _svg.document(width, header + height, *shapes)


GAME = ConnectFour
GROUP = "line and connection games"
