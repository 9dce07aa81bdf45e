"""Tic-tac-toe: three in a line on a board of 3 by 3 win.

Rules: the players place stones on a 3 by 3 board in turn, player 0 (X) first. Three of one's own in a row,
column or diagonal win; a full board without a line is a draw. Perfect play draws.

Actions (9), as in Pgx: the cell where a stone is placed.

| Action  | Cell                       | Written          |
|---------|----------------------------|------------------|
| 0, 1, 2 | the top row, from the left | `a3`, `b3`, `c3` |
| 3, 4, 5 | the middle row             | `a2`, `b2`, `c2` |
| 6, 7, 8 | the bottom row             | `a1`, `b1`, `c1` |

Observation: `(3, 3, 2)` float32.

| Plane | 1 where                    |
|-------|----------------------------|
| 0     | the observer has a stone   |
| 1     | the opponent has a stone   |

Rewards: +1 to the winner and -1 to the loser at the last move, 0 for a draw.

Source: https://en.wikipedia.org/wiki/Tic-tac-toe
"""

from dataclasses import dataclass

from jaxplay.games import _svg
from jaxplay.games._mnk import PlacementGame, StonesState

CELL = 80
"""Width of a cell in pixels."""


@dataclass(frozen=True)
class TicTacToe(PlacementGame):
    """Three in a line on a 3 by 3 board: see the module for rules, actions and observation."""

    rows = 3
    columns = 3
    k = 3

    def render_svg(self, state: StonesState, player: int | None = None) -> str:
        """The board as on paper."""
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
GROUP = "line and connection games"
