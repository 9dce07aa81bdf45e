"""Breakthrough: the first pawn that reaches the far side of the board wins.

Rules: on a board of 8 by 8, pawns of player 0 (X) fill the two rows at the top, those of player 1 (O) the two
at the bottom; player 0 begins. A pawn moves one row ahead, straight or diagonally, to an empty cell;
diagonally it may also take a pawn of the opponent. Whoever reaches the opponent's first row, or has taken all
pawns, wins: there is no draw, and always a move. Other sizes are options; boards below 6 rows begin with one
row of pawns each.

Actions (768), as in OpenSpiel: `(cell * 6 + direction) * 2 + takes`. They are written from and to, `a7b6`, or
`a7xb6` where the move takes. Actions that leave the board are never legal: `a7<6`, `h7>6`, `a1a0`.

| Part      | Meaning                                                                            |
|-----------|------------------------------------------------------------------------------------|
| cell      | where the pawn stands: along the rows from the top left                            |
| direction | down and left, down, down and right (player 0); up and left, up, up and right (player 1) |
| takes     | 1 if there is a pawn of the opponent to take                                       |

Observation: `(8, 8, 3)` float32.

| Plane | 1 where                                 |
|-------|-----------------------------------------|
| 0     | the observer has a pawn                 |
| 1     | the opponent has a pawn                 |
| 2     | everywhere, if the observer is player 1 |

Rewards: +1 to the winner and -1 to the loser at the last move.

Source: Dan Troyka, 2000; https://en.wikipedia.org/wiki/Breakthrough_(board_game)
"""

from dataclasses import dataclass
from typing import Annotated

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import GameDefaults
from jaxplay.games import _svg, _text
from jaxplay.games._bits import Bits64, channels
from jaxplay.games._dense import take
from jaxplay.struct import pytree, replace
from jaxplay.typed import Range

MAX_CELLS = 64
"""Number of bits of a board."""
PLAYERS = np.arange(2, dtype=np.int32)
NUM_DIRECTIONS = 6
DOWN = (1, 1, 1, -1, -1, -1)
RIGHT = (-1, 0, 1, -1, 0, 1)
"""Rows and columns that each direction moves by."""

CELL = 56
"""Width of a cell in pixels."""
LIGHT, DARK = "#f0d9b5", "#b58863"
COLOURS = {"X": _svg.INK, "O": _svg.PAPER}


@pytree
class BreakthroughState:
    """A position: besides the fields of every state, the pawns of both players.

    Attributes:
        pawns: `(2, 2)` uint32: the pawns of the player to move, and the opponent's: `Bits64` of cells.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    pawns: Array


@dataclass(frozen=True)
class Breakthrough(GameDefaults):
    """Race through the opponent's pawns: see the module for rules, actions and observation.

    Attributes:
        rows: Height of the board, 4 to 32.
        columns: Width of the board, 2 to 16; rows times columns is at most 64.
    """

    rows: Annotated[int, Range(4, 32)] = 8
    columns: Annotated[int, Range(2, 16)] = 8
    num_symmetries = 2
    has_draws = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.num_cells > MAX_CELLS:
            sizes = f"rows={self.rows}, columns={self.columns}"
            raise UserError(f"breakthrough: {sizes}; allowed: up to {MAX_CELLS} cells")

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.columns

    @property
    def num_cells(self) -> int:
        """Number of cells of the board."""
        return self.rows * self.columns

    @property
    def num_actions(self) -> int:
        """Number of actions, A: for every cell and direction, with and without taking."""
        return self.num_cells * NUM_DIRECTIONS * 2

    @property
    def pawn_rows(self) -> int:
        """Rows of pawns that each player begins with."""
        return 2 if self.rows >= 6 else 1

    @property
    def max_plies(self) -> int:
        """Number of decisions where all pawns go to the last row but one, and one of them on."""
        steps = sum(self.rows - 2 - row for row in range(self.pawn_rows))
        return 2 * self.columns * steps + 1

    def init(self, key: Array) -> BreakthroughState:
        """Pawns in their first rows, player 0 to move."""
        count, cells = self.pawn_rows * self.columns, np.arange(self.num_cells)
        top, bottom = Bits64.constant(cells < count), Bits64.constant(cells >= self.num_cells - count)
        return self._position(jnp.int32(0), top, bottom, jnp.bool_(False))

    def step(self, state: BreakthroughState, action: Array) -> BreakthroughState:
        """Move a pawn; one that stood there is taken."""
        mine, theirs = Bits64.of(state.pawns[0]), Bits64.of(state.pawns[1])
        cell, direction = action // (2 * NUM_DIRECTIONS), action // 2 % NUM_DIRECTIONS
        target = cell + take(jnp.asarray(self._distances), direction)
        reached = Bits64.single(target)
        mine, theirs = mine & ~Bits64.single(cell) | reached, theirs & ~reached
        row = target // self.columns
        goal = jnp.where(state.current_player == 0, self.rows - 1, 0)
        won = (row == goal) | ~theirs.any()
        return self._position(1 - state.current_player, theirs, mine, won)

    def _position(self, player: Array, mine: Bits64, theirs: Bits64, lost: Array) -> BreakthroughState:
        """The state in which `player`, whose pawns are `mine`, is to move or has just lost."""
        defeat = jnp.where(player == PLAYERS, jnp.float32(-1), jnp.float32(1))
        return BreakthroughState(
            current_player=player,
            legal_action_mask=self._legal(player, mine, theirs) | lost,
            rewards=jnp.where(lost, defeat, jnp.float32(0)),
            terminated=lost,
            pawns=jnp.stack([mine.words(), theirs.words()]),
        )

    def _legal(self, player: Array, mine: Bits64, theirs: Bits64) -> Array:
        """`(A,)` bool: moves of `mine`."""
        pawns, prey = (board.bits(self.num_cells).reshape(self.shape) for board in (mine, theirs))
        free = jnp.pad(~(pawns | prey), 1)
        prey = jnp.pad(prey, 1)
        legal = []
        for down, right in zip(DOWN, RIGHT, strict=True):
            targets = slice(1 + down, 1 + down + self.rows), slice(1 + right, 1 + right + self.columns)
            movers = pawns & ((player == 0) == (down > 0))
            legal += [movers & free[targets], movers & prey[targets] & (right != 0)]
        return jnp.stack(legal, axis=-1).reshape(-1)

    @property
    def _distances(self) -> np.ndarray:
        """`(6,)` int32: by how much each direction changes the number of the cell."""
        return np.array(DOWN, np.int32) * self.columns + np.array(RIGHT, np.int32)

    def heuristic(self, state: BreakthroughState) -> Array:
        """`()` float32: pawns, each worth 1 and a tenth for every row it has come; of all there may be."""
        first = jnp.where(state.current_player == 0, state.pawns[0], state.pawns[1])
        second = jnp.where(state.current_player == 0, state.pawns[1], state.pawns[0])
        rows = np.repeat(np.arange(self.rows, dtype=np.float32), self.columns)
        ahead = Bits64.of(first).bits(self.num_cells) * (1 + rows / 10)
        behind = Bits64.of(second).bits(self.num_cells) * (1 + (self.rows - 1 - rows) / 10)
        most = self.pawn_rows * self.columns * (1 + (self.rows - 1) / 10)
        return (ahead - behind).sum() / np.float32(most)

    def observe(self, state: BreakthroughState, player: Array | None = None) -> Array:
        """`(rows, columns, 3)` float32: own pawns, the opponent's, and who observes."""
        player = state.current_player if player is None else player
        mover, waiting = (Bits64.of(state.pawns[i]).bits(self.num_cells) for i in range(2))
        moves = player == state.current_player
        planes = jnp.where(moves, mover, waiting), jnp.where(moves, waiting, mover), player == 1
        return channels(planes).reshape(*self.shape, len(planes))

    def symmetry(self, state: BreakthroughState, index: Array) -> BreakthroughState:
        """Left and right exchanged if `index` is 1."""
        boards = Bits64(state.pawns[:, 0], state.pawns[:, 1]).bits(self.num_cells)
        mirrored = boards.reshape(2, *self.shape)[:, :, ::-1].reshape(2, -1)
        mine, theirs = (Bits64.pack(cells) for cells in jnp.where(index == 1, mirrored, boards))
        turned = self._position(state.current_player, mine, theirs, state.terminated)
        return replace(turned, rewards=state.rewards)

    @property
    def action_permutation(self) -> np.ndarray:
        """`(2, A)` int32: columns and directions exchanged."""
        actions = np.arange(self.num_actions, dtype=np.int32).reshape(*self.shape, 2, 3, 2)
        return np.stack([actions.reshape(-1), actions[:, ::-1, :, ::-1].reshape(-1)])

    def action_to_string(self, action: int) -> str:
        """From and to, an `x` between them if the move takes; `a1` is at the bottom left."""
        move, takes = divmod(int(action), 2)
        cell, direction = divmod(move, NUM_DIRECTIONS)
        row, column = divmod(cell, self.columns)
        names = f"<{_text.LETTERS[: self.columns]}>"
        start = f"{names[column + 1]}{self.rows - row}"
        end = f"{names[column + 1 + RIGHT[direction]]}{self.rows - row - DOWN[direction]}"
        return f"{start}{'x' if takes else ''}{end}"

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        allowed = "from and to, such as a7b6, with an x between them to take"
        return _text.parse(text, map(self.action_to_string, range(self.num_actions)), allowed)

    def render(self, state: BreakthroughState, player: int | None = None) -> str:
        """The board with its coordinates, and whose turn it is."""
        lines = _text.board(self._letters(state), _text.numbers(self.rows)[::-1], letters_below=True)
        return "\n".join([*lines, _text.status(state)])

    def _letters(self, state: BreakthroughState) -> np.ndarray:
        """`(rows, columns)`: `X` and `O` for the pawns of players 0 and 1, `.` for an empty cell."""
        return _text.stones(self.observe(state, jnp.int32(0)))

    def render_svg(self, state: BreakthroughState, player: int | None = None) -> str:
        """Pawns on a checkered board."""
        edge = 24
        width, height = self.columns * CELL, self.rows * CELL
        shapes = [_svg.rect(0, 0, width + edge, height + edge, _svg.PAPER)]
        letters, numbers = _text.LETTERS[: self.columns], _text.numbers(self.rows)[::-1]
        shapes += _svg.texts(letters, edge + CELL / 2, height + edge / 2, right=CELL)
        shapes += _svg.texts(numbers, edge / 2, CELL / 2, down=CELL)
        for (row, column), letter in np.ndenumerate(self._letters(state)):
            x, y = edge + column * CELL, row * CELL
            shapes.append(_svg.rect(x, y, CELL, CELL, DARK if (row + column) % 2 else LIGHT))
            if letter != ".":
                shapes.append(_pawn(x + CELL / 2, y + CELL / 2, COLOURS[letter]))
        return _svg.document(width + edge, height + edge, *shapes)


def _pawn(x: float, y: float, colour: str) -> str:
    """A pawn around `(x, y)`: a head on a skirt."""
    foot, neck, reach = y + 0.34 * CELL, y - 0.12 * CELL, 0.26 * CELL
    skirt = [(x - reach, foot), (x + reach, foot), (x + 0.08 * CELL, neck), (x - 0.08 * CELL, neck)]
    body = _svg.polygon(skirt, colour, stroke=_svg.INK, width=1)
    return body + _svg.circle(x, y - 0.18 * CELL, 0.15 * CELL, colour, stroke=_svg.INK, width=1)


GAME = Breakthrough
GROUP = "board games"
