"""Phantom tic-tac-toe: tic-tac-toe where nobody sees the opponent's stones.

Rules: as in tic-tac-toe, but the players, X (player 0, who begins) and O, see their own stones only. Who
tries a cell that the opponent has taken is told so and tries another; in the `abrupt` version the turn passes
instead. Three of one's own in a row, column or diagonal win; a full board without a line is a draw. Nobody is
told how often the opponent has failed. Perfect play is worth 2/3 to X, in the abrupt version 0.5502.

Actions (9), as in OpenSpiel: the cell that is tried. What a player has tried it cannot try again.

| Action  | Cell                       | Written          |
|---------|----------------------------|------------------|
| 0, 1, 2 | the top row, from the left | `a3`, `b3`, `c3` |
| 3, 4, 5 | the middle row             | `a2`, `b2`, `c2` |
| 6, 7, 8 | the bottom row             | `a1`, `b1`, `c1` |

Observation: `(3, 3, 4)` float32.

| Plane | Value                                                               |
|-------|---------------------------------------------------------------------|
| 0     | 1 where the observer has a stone                                    |
| 1     | 1 where the observer knows of a stone of the opponent               |
| 2     | 1 everywhere, if the observer is player 1                           |
| 3     | n / 9 where the observer made its attempt number n, from 1; else 0  |

Rewards: +1 to the winner and -1 to the loser at the last move, 0 for a draw.

Source: Lanctot, Monte Carlo sampling and regret minimization for equilibrium computation and decision-making
in large extensive form games, 2013; the values: Rudolph et al., Reevaluating policy gradient methods for
imperfect-information games, 2025, https://arxiv.org/abs/2502.08938
"""

from dataclasses import dataclass, field

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.games import _svg, _text
from jaxplay.games._dark import DarkGame, DarkState
from jaxplay.games._hidden import put
from jaxplay.games._mnk import rotations_and_mirrors

CELL = 80
"""Width of a cell in pixels."""
LINES = np.array([[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8], [0, 4, 8], [2, 4, 6]])


@dataclass(frozen=True)
class PhantomTicTacToe(DarkGame):
    """Tic-tac-toe in the dark: see the module for rules, actions and observation.

    Attributes:
        abrupt: Whether a failed attempt ends the turn.
    """

    rows: int = field(default=3, init=False, repr=False)
    columns: int = field(default=3, init=False, repr=False)
    num_symmetries = 8

    @property
    def action_permutation(self) -> np.ndarray:
        """`(8, 9)` int32: turns and mirrors of the square."""
        return rotations_and_mirrors(3)

    def placed(self, board: Array, cell: Array, player: Array) -> Array:
        """`(9,)` int8: 1 for a stone of player 0, -1 for one of player 1."""
        return put(board, cell, 1 - 2 * player)

    def winner(self, board: Array) -> Array:
        """`(2,)` bool: who has three in a line."""
        sums = board[LINES].sum(axis=1)
        return jnp.stack([(sums == 3).any(), (sums == -3).any()])

    def action_to_string(self, action: int) -> str:
        """Column letter and row number, from `a1` at the bottom left."""
        row, column = divmod(int(action), 3)
        return f"{_text.LETTERS[column]}{3 - row}"

    def render(self, state: DarkState, player: int | None = None) -> str:
        """The stones that `player` knows, and whose turn it is."""
        names, letters = _text.numbers(3)[::-1], self.letters(state, player)
        return "\n".join([*_text.board(letters, names, letters_below=True), self.status(state)])

    def render_svg(self, state: DarkState, player: int | None = None) -> str:
        """The board by night, with the stones that `player` knows."""
        size, margin = 3 * CELL, 24
        shapes = [_svg.rect(0, 0, size + 2 * margin, size + 2 * margin, _svg.INK, radius=8)]
        for i in (1, 2):
            at, ends = margin + i * CELL, (margin + 4, margin + size - 4)
            shapes += [_svg.line(at, ends[0], at, ends[1], _svg.GREY, width=3)]
            shapes += [_svg.line(ends[0], at, ends[1], at, _svg.GREY, width=3)]
        shapes += _svg.texts("abc", margin + CELL / 2, size + 1.5 * margin, right=CELL)
        shapes += _svg.texts("321", margin / 2, margin + CELL / 2, down=CELL)
        for (row, column), letter in np.ndenumerate(self.letters(state, player)):
            shapes.append(_stone(margin + (column + 0.5) * CELL, margin + (row + 0.5) * CELL, letter))
        return _svg.document(size + 2 * margin, size + 2 * margin, *shapes)


def _stone(x: float, y: float, letter: str) -> str:
    """A cross, a nought or nothing, centred on `(x, y)`."""
    reach = 0.28 * CELL
    if letter == "X":
        falling = _svg.line(x - reach, y - reach, x + reach, y + reach, _svg.RED, width=8)
        return falling + _svg.line(x - reach, y + reach, x + reach, y - reach, _svg.RED, width=8)
    return _svg.circle(x, y, reach, "none", stroke=_svg.YELLOW, width=8) if letter == "O" else ""


GAME = PhantomTicTacToe
GROUP = "board games in the dark"
