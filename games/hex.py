"""Hex: connect two opposite edges of a rhombus of hexagons.

Rules: the players place stones on a rhombus of hexagons, 11 by 11, in turn. Player 0 (X, red) begins and wins
by a chain of touching stones from the top edge to the bottom edge, player 1 (O, blue) by one from the left
edge to the right. Stones stay where they are, and no game is drawn: on a full board just one player has such
a chain. To begin is a great advantage; therefore player 1 may swap instead of placing the first stone: the
red stone becomes a blue one on the cell mirrored at the long diagonal, where it is worth to blue what it was
to red. Other sizes, and the game without the swap, are options.

Actions (122), as in Pgx and OpenSpiel; rows from the top and columns from the left, both from 0.

| Action                     | Move                                  | Written                         |
|----------------------------|---------------------------------------|---------------------------------|
| 11 row + column (0 to 120) | a stone on this cell                  | `a1` (0), `b1` (1), `k11` (120) |
| 121                        | the swap, absent in a game without it | `swap`                          |

Observation: `(11, 11, 4)` float32, as in Pgx; without the swap rule, `(11, 11, 3)`.

| Plane | 1 where                                    |
|-------|--------------------------------------------|
| 0     | the observer has a stone                   |
| 1     | the opponent has a stone                   |
| 2     | everywhere, if the observer is player 1    |
| 3     | everywhere, if the player to move may swap |

Rewards: +1 to the winner and -1 to the loser at the last move.

Source: Cameron Browne, Hex Strategy, 2000; https://www.hexwiki.net/index.php/Rules
"""

from dataclasses import dataclass
from typing import Annotated

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import GameDefaults
from jaxplay.games import _hex_render, _text
from jaxplay.games._bits import channels
from jaxplay.games._hex_board import HexBoard
from jaxplay.struct import pytree, replace
from jaxplay.typed import Range

PLAYERS = np.arange(2, dtype=np.int32)


@pytree
class HexState:
    """A position: besides the fields of every state, which stones are connected.

    Attributes:
        chains: `(size * size,)` int8, on boards above 11 by 11 int16: for each cell the label that `HexBoard`
            gives its stone, negative where it is the opponent's; 0: no stone.
        swap_cell: `()` of the same type: where a swap would place the stone, while player 1 may swap; the
            number of cells before the first move, if a swap may follow; else -1.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    chains: Array
    swap_cell: Array


@dataclass(frozen=True)
class Hex(GameDefaults):
    """Connect two edges: see the module for rules, actions and observation.

    Attributes:
        size: Rows and columns of the board, 2 to 26.
        swap: Whether player 1 may swap instead of making the first move.
    """

    size: Annotated[int, Range(2, len(_text.LETTERS))] = 11
    swap: bool = True
    num_symmetries = 2
    has_draws = False

    @property
    def num_cells(self) -> int:
        """Number of cells of the board."""
        return self.size * self.size

    @property
    def num_actions(self) -> int:
        """Number of actions, A: one for each cell, and the swap."""
        return self.num_cells + self.swap

    @property
    def max_plies(self) -> int:
        """Number of decisions: a stone for every cell, and the swap."""
        return self.num_cells + self.swap

    @property
    def board(self) -> HexBoard:
        """The board's geometry: which cells touch, and which stones are connected."""
        return HexBoard(self.size, self.size)

    def init(self, key: Array) -> HexState:
        """The empty board, player 0 to move."""
        return HexState(
            current_player=jnp.int32(0),
            legal_action_mask=jnp.arange(self.num_actions) < self.num_cells,
            rewards=jnp.zeros(2, jnp.float32),
            terminated=jnp.bool_(False),
            chains=jnp.zeros(self.num_cells, self.board.label),
            swap_cell=jnp.asarray(self.num_cells if self.swap else -1, self.board.label),
        )

    def step(self, state: HexState, action: Array) -> HexState:
        """Place a stone, or swap: place one on the mirrored cell of a board made empty."""
        swapped = action == self.num_cells
        cell = jnp.where(swapped, state.swap_cell.astype(jnp.int32), action)
        label = self.board.label
        before = jnp.where(swapped, label.type(0), state.chains)
        chains, won = self.board.placed(before, cell, state.current_player)
        swap_cell = jnp.where(state.swap_cell == self.num_cells, self._mirrored(cell), -1).astype(label)
        win = jnp.where(state.current_player == PLAYERS, jnp.float32(1), jnp.float32(-1))
        return HexState(
            current_player=1 - state.current_player,
            legal_action_mask=self._legal(chains, swap_cell) | won,
            rewards=jnp.where(won, win, jnp.float32(0)),
            terminated=won,
            chains=-chains,
            swap_cell=swap_cell,
        )

    def _mirrored(self, cell: Array) -> Array:
        """The cell on the other side of the long diagonal."""
        return cell % self.size * self.size + cell // self.size

    def _may_swap(self, swap_cell: Array) -> Array:
        return (swap_cell >= 0) & (swap_cell < self.num_cells)

    def _legal(self, chains: Array, swap_cell: Array) -> Array:
        """`(A,)` bool: the empty cells, and the swap."""
        cells = chains == 0
        return jnp.concatenate([cells, self._may_swap(swap_cell)[None]]) if self.swap else cells

    def observe(self, state: HexState, player: Array | None = None) -> Array:
        """`(size, size, 4)` float32: own stones, the opponent's, who observes, and whether a swap is open."""
        player = state.current_player if player is None else player
        stones = jnp.where(player == state.current_player, state.chains, -state.chains)
        planes = [stones > 0, stones < 0, player == 1, self._may_swap(state.swap_cell)][: 3 + self.swap]
        return channels(planes).reshape(self.size, self.size, len(planes))

    def symmetry(self, state: HexState, index: Array) -> HexState:
        """The board turned by 180 degrees if `index` is 1: every cell and edge becomes the opposite one."""
        last = self.num_cells - 1
        chains = jnp.where(index == 1, self.board.relabelled(state.chains)[::-1], state.chains)
        turns = (index == 1) & self._may_swap(state.swap_cell)
        swap_cell = jnp.where(turns, self.board.label.type(last) - state.swap_cell, state.swap_cell)
        legal = self._legal(chains, swap_cell) | state.terminated
        return replace(state, chains=chains, swap_cell=swap_cell, legal_action_mask=legal)

    @property
    def action_permutation(self) -> np.ndarray:
        """`(2, A)` int32: the cells in reverse; a swap stays a swap."""
        cells = np.arange(self.num_cells, dtype=np.int32)
        swap = np.full(self.num_actions - self.num_cells, self.num_cells, np.int32)
        return np.stack([np.concatenate([order, swap]) for order in (cells, cells[::-1])])

    def action_to_string(self, action: int) -> str:
        """Column letter and row number, from `a1` at the top left; `swap`."""
        return "swap" if int(action) == self.num_cells else _text.cell_name(int(action), self.size)

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        corner = self.action_to_string(self.num_cells - 1)
        allowed = f"a1 to {corner}{', and swap' if self.swap else ''}"
        return _text.parse(text, map(self.action_to_string, range(self.num_actions)), allowed)

    def render(self, state: HexState, player: int | None = None) -> str:
        """The board, its columns sloping to the right, and whose turn it is."""
        return "\n".join([*_hex_render.text(self._letters(state)), _text.status(state)])

    def _letters(self, state: HexState) -> np.ndarray:
        """`(size, size)`: `X` and `O` for the stones of players 0 and 1, `.` for an empty cell."""
        return _text.stones(self.observe(state, jnp.int32(0)))

    def render_svg(self, state: HexState, player: int | None = None) -> str:
        """The rhombus of hexagons, its edges in the colours of those who connect them."""
        return _hex_render.svg(self._letters(state))


GAME = Hex
GROUP = "line and connection games"
