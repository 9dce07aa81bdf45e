"""Dark Hex: Hex where nobody sees the opponent's stones; also called phantom or Kriegspiel Hex.

Rules: as in Hex, the players place stones on a rhombus of hexagons in turn. X (player 0, red, who begins)
wins by a chain of touching stones from the top edge to the bottom, O (player 1, blue) by one from the left
edge to the right. But each sees its own stones only. Who tries a cell that the opponent has taken is told so
and tries another; in the `abrupt` version the turn passes instead. Nobody is told how often the opponent has
failed. No game is drawn. On the board of 3 by 3 perfect play wins for X; in the abrupt version it is worth
0.3844 to X.

Actions (rows x columns = 9), as in OpenSpiel; rows from the top and columns from the left, both from 0. What
a player has tried it cannot try again.

| Action                 | Move             | Written                      |
|------------------------|------------------|------------------------------|
| columns x row + column | to try this cell | `a1` (0), `b1` (1), `a2` (3) |

Observation: `(rows, columns, 4)` float32, here `(3, 3, 4)`.

| Plane | Value                                                                   |
|-------|-------------------------------------------------------------------------|
| 0     | 1 where the observer has a stone                                        |
| 1     | 1 where the observer knows of a stone of the opponent                   |
| 2     | 1 everywhere, if the observer is player 1                               |
| 3     | n / cells where the observer made its attempt number n, from 1; else 0  |

Rewards: +1 to the winner and -1 to the loser at the last move.

Source: https://webdocs.cs.ualberta.ca/~hayward/670gga/jem/games.html; the values: Rudolph et al.,
Reevaluating policy gradient methods for imperfect-information games, 2025, https://arxiv.org/abs/2502.08938
"""

from dataclasses import dataclass
from typing import Annotated

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.games import _hex_render
from jaxplay.games._dark import DarkGame, DarkState
from jaxplay.games._hex_board import HexBoard
from jaxplay.typed import Range

MAX_COLUMNS = 26
MOST_CELLS = 124
"""So that every label of a chain is an int8."""


@dataclass(frozen=True)
class DarkHex(DarkGame):
    """Hex in the dark: see the module for rules, actions and observation.

    Attributes:
        rows: Height of the board, 1 to 124.
        columns: Width of the board, 1 to 26; at most 124 cells.
        abrupt: Whether a failed attempt ends the turn.
    """

    rows: Annotated[int, Range(1, MOST_CELLS)] = 3
    columns: Annotated[int, Range(1, MAX_COLUMNS)] = 3
    num_symmetries = 2
    has_draws = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.num_actions > MOST_CELLS:
            sizes = f"rows={self.rows}, columns={self.columns}"
            raise UserError(f"dark_hex: {sizes}; allowed: up to {MOST_CELLS} cells")

    @property
    def board(self) -> HexBoard:
        """The board's geometry: which cells touch, and which stones are connected."""
        return HexBoard(self.rows, self.columns)

    @property
    def action_permutation(self) -> np.ndarray:
        """`(2, A)` int32: the board as it is, and turned by 180 degrees."""
        cells = np.arange(self.num_actions, dtype=np.int32)
        return np.stack([cells, cells[::-1]])

    def placed(self, board: Array, cell: Array, player: Array) -> Array:
        """`(A,)` int8: the labels of the chains."""
        sign = (1 - 2 * player).astype(jnp.int8)
        return self.board.placed(board * sign, cell, player)[0] * sign

    def winner(self, board: Array) -> Array:
        """`(2,)` bool: who has connected its edges."""
        return self.board.connected(board)

    def turned(self, board: Array, index: Array) -> Array:
        """`(A,)` int8: a turned board with its chains labelled anew."""
        return jnp.where(index == 1, self.board.relabelled(board), board)

    def render(self, state: DarkState, player: int | None = None) -> str:
        """The stones that `player` knows, and whose turn it is."""
        return "\n".join([*_hex_render.text(self.letters(state, player)), self.status(state)])

    def render_svg(self, state: DarkState, player: int | None = None) -> str:
        """The board with the stones that `player` knows."""
        return _hex_render.svg(self.letters(state, player))


GAME = DarkHex
GROUP = "board games in the dark"
