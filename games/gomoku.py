"""Gomoku: five stones in a line win, or k in a line on m by n in general.

Rules: the players place stones on a board of 15 by 15 in turn, player 0 (X, black) first. Five of one's own
in a row, column or diagonal win; a full board without a line is a draw. Longer lines win as well, unless
`overlines` is off, as it is in standard gomoku. Other sizes and lengths are options: three in a line on 3 by
3 is tic-tac-toe. Perfect play on 15 by 15 wins for player 0, with overlines and without.

Actions (225), as in OpenSpiel's `mnk`; rows from the top and columns from the left, both from 0.

| Action          | Move                 | Written                           |
|-----------------|----------------------|-----------------------------------|
| 15 row + column | a stone on this cell | `a15` (0), `h8` (112), `o1` (224) |

Observation: `(15, 15, 2)` float32.

| Plane | 1 where                    |
|-------|----------------------------|
| 0     | the observer has a stone   |
| 1     | the opponent has a stone   |

Rewards: +1 to the winner and -1 to the loser at the last move, 0 for a draw.

Source: L. Victor Allis and others, Go-Moku Solved by New Search Techniques, Computational Intelligence 12,
1996; https://en.wikipedia.org/wiki/M,n,k-game
"""

from dataclasses import dataclass
from typing import Annotated

from jax import Array

from jaxplay.games import _svg, _text
from jaxplay.games._mnk import PlacementGame, StonesState
from jaxplay.typed import Range

MAX_SIDE = len(_text.LETTERS)
CELL = 40
"""Pixels between two lines."""
WOOD = "#e3b778"
COLOURS = {"X": _svg.INK, "O": _svg.PAPER}


@dataclass(frozen=True)
class Gomoku(PlacementGame):
    """Five in a line: see the module for rules, actions and observation.

    Attributes:
        rows: Height of the board, 1 to 26.
        columns: Width of the board, 1 to 26.
        k: Length of a winning line, 2 to 26.
        overlines: Whether longer lines win too.
    """

    rows: Annotated[int, Range(1, MAX_SIDE)] = 15
    columns: Annotated[int, Range(1, MAX_SIDE)] = 15
    k: Annotated[int, Range(2, MAX_SIDE)] = 5
    overlines: bool = True

    def has_line(self, board: Array) -> Array:
        """`()` bool: whether these stones, `(W,)` uint32, win."""
        return self.grid.has_line(board, self.k, longer=self.overlines)

    def render_svg(self, state: StonesState, player: int | None = None) -> str:
        """Stones on the crossings of a wooden board."""
        width, height = (self.columns + 1) * CELL, (self.rows + 1) * CELL
        letters, numbers = _text.LETTERS[: self.columns], _text.numbers(self.rows)[::-1]
        shapes = [_svg.rect(0, 0, width, height, WOOD, radius=6)]
        shapes += _svg.texts(letters, CELL, height - CELL / 3, right=CELL, fill=_svg.INK)
        shapes += _svg.texts(numbers, CELL / 3, CELL, down=CELL, fill=_svg.INK)
        shapes += _svg.grid(CELL, CELL, self.columns - 1, self.rows - 1, CELL, _svg.INK)
        for row, letters in enumerate(self.cells(state)):
            for column, letter in enumerate(letters):
                if letter != ".":
                    x, y = (column + 1) * CELL, (row + 1) * CELL
                    shapes.append(_svg.circle(x, y, 0.45 * CELL, COLOURS[letter], stroke=_svg.INK, width=1))
        return _svg.document(width, height, *shapes)


GAME = Gomoku
GROUP = "line and connection games"
