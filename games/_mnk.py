"""The m,n,k kernel: two players place stones on a grid in turn; a line of k of one's own stones wins."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import GameDefaults
from jaxplay.games import _text
from jaxplay.games._bits import Grid
from jaxplay.struct import pytree, replace

PLAYERS = np.arange(2, dtype=np.int32)


@pytree
class StonesState:
    """A position: besides the fields of every state, the stones of both players.

    Attributes:
        stones: `(2, W)` uint32 bitboards: the stones of the player to move, and the opponent's.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    stones: Array


class StonesGame(GameDefaults):
    """What the games of this kind share. A game adds its sizes, its actions and its pictures.

    Attributes:
        rows: height of the grid.
        columns: width of the grid.
        k: length of a winning line.
    """

    rows: int
    columns: int
    k: int

    @property
    def grid(self) -> Grid:
        """The layout of the bitboards."""
        return Grid(self.rows, self.columns)

    @property
    def num_actions(self) -> int:
        """Number of actions, A."""
        raise NotImplementedError

    @property
    def max_plies(self) -> int:
        """At most one stone for every cell."""
        return self.rows * self.columns

    def legal_actions(self, occupied: Array) -> Array:
        """`(A,)` bool: the actions that the stones on the board, `(W,)` uint32, leave possible."""
        raise NotImplementedError

    def placed(self, occupied: Array, action: Array) -> Array:
        """`(W,)` uint32: the stone that `action` adds to the board."""
        raise NotImplementedError

    def has_line(self, board: Array) -> Array:
        """`()` bool: whether these stones, `(W,)` uint32, win."""
        return self.grid.has_line(board, self.k)

    @property
    def lines(self) -> np.ndarray:
        """`(L, k)` int32: the cells of every line of k, along the rows, for networks that look at lines."""
        cells = np.arange(self.rows * self.columns, dtype=np.int32).reshape(self.rows, self.columns)
        found = []
        for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
            board = cells if right >= 0 else cells[:, ::-1]
            height, width = self.rows - down * (self.k - 1), self.columns - abs(right) * (self.k - 1)
            steps = [
                board[down * i :, abs(right) * i :][: max(height, 0), : max(width, 0)] for i in range(self.k)
            ]
            found.append(np.stack(steps, axis=-1).reshape(-1, self.k))
        return np.concatenate(found)

    def init(self, key: Array) -> StonesState:
        """The empty board, player 0 to move."""
        return StonesState(
            current_player=jnp.int32(0),
            legal_action_mask=jnp.ones(self.num_actions, jnp.bool_),
            rewards=jnp.zeros(2, jnp.float32),
            terminated=jnp.bool_(False),
            stones=jnp.zeros((2, self.grid.num_words), jnp.uint32),
        )

    def step(self, state: StonesState, action: Array) -> StonesState:
        """Place the mover's stone; the turn passes, also when the game ends."""
        mine, theirs = state.stones[0], state.stones[1]
        mine = mine | self.placed(mine | theirs, action)
        won = self.has_line(mine)
        legal = self.legal_actions(mine | theirs)
        ended = won | ~legal.any()
        win = jnp.where(state.current_player == PLAYERS, jnp.float32(1), jnp.float32(-1))
        return StonesState(
            current_player=1 - state.current_player,
            legal_action_mask=legal | ended,
            rewards=jnp.where(won, win, jnp.float32(0)),
            terminated=ended,
            stones=jnp.stack([theirs, mine]),
        )

    def observe(self, state: StonesState, player: Array | None = None) -> Array:
        """`(rows, columns, 2)` float32: where `player` has stones, where the opponent has."""
        mine, theirs = (self.grid.unpack(state.stones[i]) for i in range(2))
        planes = jnp.stack([mine, theirs], axis=-1)
        if player is not None:
            planes = jnp.where(player == state.current_player, planes, planes[..., ::-1])
        return planes.astype(jnp.float32)

    def symmetry(self, state: StonesState, index: Array) -> StonesState:
        """The board turned or mirrored: symmetry `index` of `cell_permutation`."""
        sources = jnp.asarray(np.argsort(self.cell_permutation, axis=1))[index]
        stones = jnp.stack([self._move_cells(state.stones[i], sources) for i in range(2)])
        legal = self.legal_actions(stones[0] | stones[1]) | state.terminated
        return replace(state, stones=stones, legal_action_mask=legal)

    def _move_cells(self, board: Array, sources: Array) -> Array:
        return self.grid.pack(self.grid.unpack(board).reshape(-1)[sources].reshape(self.grid.shape))

    @property
    def cell_permutation(self) -> np.ndarray:
        """`(num_symmetries, cells)` int32: where symmetry `i` moves each cell. Row 0 is the identity."""
        raise NotImplementedError

    def cells(self, state: StonesState) -> list[list[str]]:
        """The board in letters: `X` for player 0, `O` for player 1, `.` for an empty cell."""
        return _text.stones(self.observe(state, jnp.int32(0))).tolist()

    def status(self, state: StonesState) -> str:
        """Whose turn it is, or how the game ended."""
        mover = "XO"[int(state.current_player)]
        if not state.terminated:
            return f"{mover} to move"
        won = self.has_line(state.stones[1])
        return f"{'OX'[int(state.current_player)]} wins" if won else "draw"


class PlacementGame(StonesGame):
    """Games in which a stone goes to any empty cell; actions are cells along the rows from the top left."""

    @property
    def num_actions(self) -> int:
        """Number of actions, A: one for each cell."""
        return self.rows * self.columns

    @property
    def num_symmetries(self) -> int:
        """Number of symmetries: 8 on a square, else 4."""
        return 8 if self.rows == self.columns else 4

    @property
    def cell_permutation(self) -> np.ndarray:
        """`(num_symmetries, cells)` int32: mirrors, and turns of a square."""
        return board_symmetries(self.rows, self.columns)

    @property
    def action_permutation(self) -> np.ndarray:
        """`(num_symmetries, A)` int32: actions are cells."""
        return self.cell_permutation

    def legal_actions(self, occupied: Array) -> Array:
        """`(A,)` bool: the empty cells."""
        return ~self.grid.unpack(occupied).reshape(-1)

    def placed(self, occupied: Array, action: Array) -> Array:
        """`(W,)` uint32: the chosen cell."""
        return self.grid.cell(action)

    def action_to_string(self, action: int) -> str:
        """Column letter and row number, from `a1` at the bottom left."""
        row, column = divmod(int(action), self.columns)
        return f"{_text.LETTERS[column]}{self.rows - row}"

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        allowed = f"a column a to {_text.LETTERS[self.columns - 1]} and a row 1 to {self.rows}, such as b2"
        return _text.parse(text, map(self.action_to_string, range(self.num_actions)), allowed)

    def render(self, state: StonesState, player: int | None = None) -> str:
        """The board with its coordinates, and whose turn it is."""
        names = _text.numbers(self.rows)[::-1]
        return "\n".join([*_text.board(self.cells(state), names, letters_below=True), self.status(state)])


def mirrors(rows: int, columns: int, *, upright: bool = True) -> np.ndarray:
    """`(2, cells)` int32: the identity, and left for right; `(4, cells)` unless `upright`: top for bottom."""

    def images(cells: np.ndarray) -> list[np.ndarray]:
        sides = [cells, cells[:, ::-1]]
        return sides if upright else [*sides, *(side[::-1] for side in sides)]

    return _permutations(rows, columns, images)


def rotations_and_mirrors(size: int) -> np.ndarray:
    """`(8, cells)` int32: a square turned by 0, 90, 180 and 270 degrees, and the same after mirroring."""
    return _permutations(
        size, size, lambda cells: [np.rot90(c, turns) for c in (cells, cells[:, ::-1]) for turns in range(4)]
    )


def board_symmetries(rows: int, columns: int) -> np.ndarray:
    """`(8, cells)` int32 of a square, `(4, cells)` of another rectangle."""
    return rotations_and_mirrors(rows) if rows == columns else mirrors(rows, columns, upright=False)


def _permutations(rows: int, columns: int, images: Any) -> np.ndarray:
    """From boards that tell which cell lies where now, to where each cell has gone."""
    cells = np.arange(rows * columns).reshape(rows, columns)
    return np.argsort([image.reshape(-1) for image in images(cells)], axis=1).astype(np.int32)
