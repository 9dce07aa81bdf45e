"""Games in the dark: two players place stones on one board, and each sees its own stones only.

Who tries a cell that the opponent has taken is told so, and then knows that stone. In the classical version
it tries again at once; in the `abrupt` one its turn is over.
"""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.games import _text
from jaxplay.games._bits import channels
from jaxplay.games._hidden import HiddenGame
from jaxplay.struct import pytree, replace


@pytree
class DarkState:
    """A position: besides the fields of every state, stones and attempts.

    Attributes:
        board: `(cells,)` int8: positive for stones of player 0, negative for those of player 1, 0 for an
            empty cell. What else the numbers tell, the game knows.
        tried: `(2, cells)` int8: the number, from 1, of each player's attempt at each cell; 0: none yet.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    board: Array
    tried: Array


@dataclass(frozen=True)
class DarkGame(HiddenGame):
    """What these games share. A game adds `placed`, `winner`, its symmetries and its pictures.

    Attributes:
        rows: height of the board.
        columns: width of the board.
        abrupt: whether a failed attempt ends the turn.
    """

    rows: int = 3
    columns: int = 3
    abrupt: bool = False

    @property
    def num_actions(self) -> int:
        """Number of actions, A: one for each cell."""
        return self.rows * self.columns

    @property
    def max_plies(self) -> int:
        """At most: both try every cell but the last, where nobody fails."""
        return 2 * self.num_actions - 1

    def placed(self, board: Array, cell: Array, player: Array) -> Array:
        """`(cells,)` int8: the board after a stone of `player` on the empty cell number `cell`."""
        raise NotImplementedError

    def winner(self, board: Array) -> Array:
        """`(2,)` bool: whether this player has won."""
        raise NotImplementedError

    def turned(self, board: Array, index: Array) -> Array:
        """`(cells,)` int8: the board under a symmetry that leaves the cells where they are."""
        return board

    def init(self, key: Array) -> DarkState:
        """The empty board, player 0 to move."""
        board = jnp.zeros(self.num_actions, jnp.int8)
        return self._state(board, jnp.zeros((2, self.num_actions), jnp.int8), jnp.int32(0))

    def step(self, state: DarkState, action: Array) -> DarkState:
        """The mover tries a cell."""
        mover, here = state.current_player, np.arange(self.num_actions) == action
        free = (here & (state.board == 0)).any()
        number = (state.tried > 0).sum(axis=1, dtype=jnp.int8) + jnp.int8(1)
        attempt = (np.arange(2) == mover)[:, None] & here[None]
        return self._state(
            jnp.where(free, self.placed(state.board, action, mover), state.board),
            jnp.where(attempt, number[:, None], state.tried),
            jnp.where(free | self.abrupt, 1 - mover, mover),
        )

    def _state(self, board: Array, tried: Array, player: Array) -> DarkState:
        won = self.winner(board)
        ended = won.any() | (board != 0).all()
        gain = won.astype(jnp.float32)
        return DarkState(
            current_player=player,
            legal_action_mask=(_row(tried, player) == 0) | ended,
            rewards=gain - gain[::-1],
            terminated=ended,
            board=board,
            tried=tried,
        )

    def observe(self, state: DarkState, player: Array | None = None) -> Array:
        """`(rows, columns, 4)` float32: own stones, stones found, who observes, order of the attempts."""
        seat = self.seat(state, player)
        tried = _row(state.tried, seat)
        mine = jnp.where(seat == 0, state.board > 0, state.board < 0)
        planes = channels([mine, (tried > 0) & ~mine, seat == 1])
        order = tried.astype(jnp.float32)[:, None] / self.num_actions
        return jnp.concatenate([planes, order], axis=1).reshape(self.rows, self.columns, 4)

    def symmetry(self, state: DarkState, index: Array) -> DarkState:
        """The board turned or mirrored: symmetry `index` of `action_permutation`."""
        source = jnp.asarray(np.argsort(self.action_permutation, axis=1))[index]
        board = self.turned(state.board[source], index)
        return self._tried(replace(state, board=board), state.tried[:, source])

    def forget(self, state: DarkState) -> DarkState:
        """The stones and who moves; nobody remembers more than its own stones."""
        mine = jnp.stack([state.board > 0, state.board < 0])
        return self._tried(state, mine.astype(jnp.int8))

    def remind(self, state: DarkState, memory: DarkState, player: Array) -> DarkState:
        """`state`, where `player` remembers the attempts that it has made in `memory`."""
        whose = (np.arange(2) == player)[:, None]
        return self._tried(state, jnp.where(whose, memory.tried, state.tried))

    def _tried(self, state: DarkState, tried: Array) -> DarkState:
        legal = (_row(tried, state.current_player) == 0) | state.terminated
        return replace(state, tried=tried, legal_action_mask=legal)

    def action_to_string(self, action: int) -> str:
        """Column letter and row number, from `a1` at the top left."""
        return _text.cell_name(int(action), self.columns)

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        names = list(map(self.action_to_string, range(self.num_actions)))
        return _text.parse(text, names, f"a1 to {names[-1]}")

    def letters(self, state: DarkState, player: int | None) -> np.ndarray:
        """`(rows, columns)`: `X` and `O` for the stones that `player` knows, at the end for all."""
        board = np.asarray(state.board)
        letters = np.where(board > 0, "X", np.where(board < 0, "O", "."))
        if player is not None and not state.terminated:
            mine = board > 0 if player == 0 else board < 0
            letters = np.where(mine | (np.asarray(state.tried)[player] > 0), letters, ".")
        return letters.reshape(self.rows, self.columns)

    def status(self, state: DarkState) -> str:
        """Whose turn it is, or how the game ended."""
        if not state.terminated:
            return f"{'XO'[int(state.current_player)]} to move"
        won = np.asarray(self.winner(state.board))
        return f"{'XO'[won.argmax()]} wins" if won.any() else "draw"


def _row(table: Array, player: Array) -> Array:
    """A player's row of `(2, cells)`."""
    return jnp.where(player == 0, table[0], table[1])
