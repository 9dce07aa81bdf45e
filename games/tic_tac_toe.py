"""Tic-tac-toe.

Rules: the players place stones on a 3 by 3 board in turn, player 0 (X) first. Three of one's own in a row,
column or diagonal win; a full board without a line is a draw. Perfect play draws.

Actions (9): cells along the rows from the top left, as in Pgx. They are written column and row: `a3` (action
0) is the top left, `c1` (action 8) the bottom right.

Observation: `(3, 3, 2)` float32.

| Plane | 1 where                    |
|-------|----------------------------|
| 0     | the observer has a stone   |
| 1     | the opponent has a stone   |

Rewards: +1 to the winner and -1 to the loser at the last move, 0 for a draw.

Source: https://en.wikipedia.org/wiki/Tic-tac-toe
"""

from dataclasses import dataclass

import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.games import _svg
from jaxplay.games._mnk import StonesGame, StonesState, rotations_and_mirrors

CELL = 80
"""Pixels a cell."""


@dataclass(frozen=True)
class TicTacToe(StonesGame):
    """Three in a line on a 3 by 3 board: see the module for rules, actions and observation."""

    rows = 3
    columns = 3
    k = 3
    num_symmetries = 8

    @property
    def num_actions(self) -> int:
        """A: a cell each."""
        return 9

    @property
    def cell_permutation(self) -> np.ndarray:
        """`(8, 9)` int32: turns and mirrors of the square."""
        return rotations_and_mirrors(3)

    @property
    def action_permutation(self) -> np.ndarray:
        """`(8, 9)` int32: actions are cells."""
        return self.cell_permutation

    def legal_actions(self, occupied: Array) -> Array:
        """`(9,)` bool: the empty cells."""
        return ~self.grid.unpack(occupied).reshape(-1)

    def placed(self, occupied: Array, action: Array) -> Array:
        """`(1,)` uint32: the chosen cell."""
        return self.grid.cell(action)

    def action_to_string(self, action: int) -> str:
        """Column letter and row number, from `a1` at the bottom left."""
        row, column = divmod(int(action), 3)
        return f"{'abc'[column]}{3 - row}"

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        name = text.strip().lower()
        if len(name) == 2 and name[0] in "abc" and name[1] in "123":
            return 3 * (3 - int(name[1])) + "abc".index(name[0])
        raise UserError(f"{text!r} is not a cell; allowed: a column a to c and a row 1 to 3, such as b2")

    def render(self, state: StonesState, player: int | None = None) -> str:
        """The board with its coordinates, and whose turn it is."""
        rows = [f"{3 - i} {' '.join(row)}" for i, row in enumerate(self.cells(state))]
        return "\n".join([*rows, "  a b c", self.status(state)])

    def render_svg(self, state: StonesState, player: int | None = None) -> str:
        """The board as drawn on paper."""
        size, margin = 3 * CELL, 24
        shapes = [_svg.rect(0, 0, size + 2 * margin, size + 2 * margin, _svg.PAPER, radius=8)]
        for i in (1, 2):
            at, ends = margin + i * CELL, (margin + 4, margin + size - 4)
            shapes += [_svg.line(at, ends[0], at, ends[1], _svg.INK, width=4)]
            shapes += [_svg.line(ends[0], at, ends[1], at, _svg.INK, width=4)]
        for i in range(3):
            centre = margin + i * CELL + CELL / 2
            shapes.append(_svg.text(centre, size + 1.5 * margin, "abc"[i]))
            shapes.append(_svg.text(margin / 2, centre, str(3 - i)))
        for row, letters in enumerate(self.cells(state)):
            for column, letter in enumerate(letters):
                shapes.append(_stone(margin + (column + 0.5) * CELL, margin + (row + 0.5) * CELL, letter))
        return _svg.document(size + 2 * margin, size + 2 * margin, *shapes)


def _stone(x: float, y: float, letter: str) -> str:
    """A cross, a nought or nothing, centred on `(x, y)`."""
    reach = 0.28 * CELL
    if letter == "X":
        falling = _svg.line(x - reach, y - reach, x + reach, y + reach, _svg.RED, width=8)
        return falling + _svg.line(x - reach, y + reach, x + reach, y - reach, _svg.RED, width=8)
    if letter == "O":
        return _svg.circle(x, y, reach, "none", stroke=_svg.BLUE, width=8)
    return ""


GAME = TicTacToe
