"""Domineering: one player lays upright dominoes, one flat ones, and who can lay no more loses.

Rules: the players place dominoes on the empty cells of a board of 8 by 8 in turn: player 0 (X), who begins,
upright ones, which cover a cell and the cell below it; player 1 (O) flat ones, which cover a cell and the
cell to its right. Whoever cannot place one loses. Other sizes are options. Perfect play on 8 by 8 wins for
player 0, on 5 by 5 for player 1.

Actions (112); rows from the top and columns from the left, both from 0.

| Action                       | Move                                             | Written                |
|------------------------------|--------------------------------------------------|------------------------|
| 8 row + column (0 to 55)     | an upright domino on this cell and the one below | the cells: `a1a2` (0)  |
| 56 + 7 row + column (to 111) | a flat one on this cell and the one to the right | the cells: `a1b1` (56) |

Observation: `(8, 8, 3)` float32.

| Plane | 1 where                                 |
|-------|-----------------------------------------|
| 0     | dominoes of the observer                |
| 1     | dominoes of the opponent                |
| 2     | everywhere, if the observer is player 1 |

Rewards: +1 to the winner and -1 to the loser at the last move.

Source: Martin Gardner, Mathematical Games, Scientific American, February 1974 (Göran Andersson's game); D. M.
Breuker, J. W. H. M. Uiterwijk and H. J. van den Herik, Solving 8x8 Domineering, 2000
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import GameDefaults
from jaxplay.games import _svg, _text
from jaxplay.games._bits import Bits64, channels
from jaxplay.games._mnk import mirrors
from jaxplay.struct import pytree, replace
from jaxplay.typed import Range

MAX_CELLS = 64
"""Number of bits of a board."""
PLAYERS = np.arange(2, dtype=np.int32)
CELL = 56
"""Width of a cell in pixels."""
COLOURS = {"X": _svg.RED, "O": _svg.BLUE}


@pytree
class DomineeringState:
    """A position: besides the fields of every state, what the dominoes of both players cover.

    Attributes:
        covered: `(2, 2)` uint32: by player 0 and by player 1: `Bits64` of cells.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    covered: Array


@dataclass(frozen=True)
class Domineering(GameDefaults):
    """Leave the opponent no room: see the module for rules, actions and observation.

    Attributes:
        rows: Height of the board, 2 to 32.
        columns: Width of the board, 2 to 26; rows times columns is at most 64.
    """

    rows: Annotated[int, Range(2, 32)] = 8
    columns: Annotated[int, Range(2, 26)] = 8
    num_symmetries = 4
    has_draws = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.num_cells > MAX_CELLS:
            sizes = f"rows={self.rows}, columns={self.columns}"
            raise UserError(f"domineering: {sizes}; allowed: up to {MAX_CELLS} cells")

    @property
    def num_cells(self) -> int:
        """Number of cells of the board."""
        return self.rows * self.columns

    @property
    def num_upright(self) -> int:
        """Number of places of upright dominoes."""
        return (self.rows - 1) * self.columns

    @property
    def num_actions(self) -> int:
        """Number of actions, A: the places of upright and of flat dominoes."""
        return self.num_upright + self.rows * (self.columns - 1)

    @property
    def max_plies(self) -> int:
        """Number of dominoes that fit on the board."""
        return self.num_cells // 2

    @property
    def places(self) -> np.ndarray:
        """`(A, 2)` int: the cells that each domino covers."""
        cells = np.arange(self.num_cells).reshape(self.rows, self.columns)
        upright, flat = (cells[:-1], cells[1:]), (cells[:, :-1], cells[:, 1:])
        return np.concatenate([np.stack(pair, axis=-1).reshape(-1, 2) for pair in (upright, flat)])

    @property
    def _dominoes(self) -> Bits64:
        """`(A,)`: the same as bits."""
        return Bits64.constant((self.places[:, :, None] == np.arange(self.num_cells)).any(axis=1))

    def init(self, key: Array) -> DomineeringState:
        """The empty board, player 0 to move."""
        return self._position(jnp.int32(0), jnp.zeros((2, 2), jnp.uint32))

    def step(self, state: DomineeringState, action: Array) -> DomineeringState:
        """Place a domino; the turn passes, also when the game ends."""
        domino = jnp.asarray(self._dominoes.words())[:, action]
        mover = state.current_player == PLAYERS
        covered = state.covered | jnp.where(mover[:, None], domino[None], jnp.uint32(0))
        return self._position(1 - state.current_player, covered)

    def _position(self, player: Array, covered: Array) -> DomineeringState:
        """The state in which `player` is to move, or has lost."""
        occupied = Bits64.of(covered[0] | covered[1])
        upright = np.arange(self.num_actions) < self.num_upright
        legal = ~(self._dominoes & occupied).any() & (upright == (player == 0))
        lost = ~legal.any()
        defeat = jnp.where(player == PLAYERS, jnp.float32(-1), jnp.float32(1))
        return DomineeringState(
            current_player=player,
            legal_action_mask=legal | lost,
            rewards=jnp.where(lost, defeat, jnp.float32(0)),
            terminated=lost,
            covered=covered,
        )

    def observe(self, state: DomineeringState, player: Array | None = None) -> Array:
        """`(rows, columns, 3)` float32: own dominoes, the opponent's, and who observes."""
        player = state.current_player if player is None else player
        first, second = (Bits64.of(state.covered[i]).bits(self.num_cells) for i in range(2))
        begins = player == 0
        planes = jnp.where(begins, first, second), jnp.where(begins, second, first), ~begins
        return channels(planes).reshape(self.rows, self.columns, len(planes))

    def symmetry(self, state: DomineeringState, index: Array) -> DomineeringState:
        """The board mirrored: row `index` of the permutations of `mirrors`."""
        sources = jnp.asarray(np.argsort(self._cell_permutation, axis=1))[index]
        boards = Bits64(state.covered[:, 0], state.covered[:, 1]).bits(self.num_cells)
        covered = jnp.moveaxis(Bits64.pack(boards[:, sources]).words(), 0, 1)
        return replace(self._position(state.current_player, covered), rewards=state.rewards)

    @property
    def _cell_permutation(self) -> np.ndarray:
        return mirrors(self.rows, self.columns, upright=False)

    @property
    def action_permutation(self) -> np.ndarray:
        """`(4, A)` int32: the places of the mirrored dominoes."""
        numbers = {frozenset(place): action for action, place in enumerate(self.places.tolist())}
        rows = [
            [numbers[frozenset(moved[place].tolist())] for place in self.places]
            for moved in self._cell_permutation
        ]
        return np.array(rows, np.int32)

    def action_to_string(self, action: int) -> str:
        """The two cells: column letters and row numbers, from `a1` at the top left."""
        return "".join(_text.cell_name(int(cell), self.columns) for cell in self.places[int(action)])

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        allowed = "two cells side by side, such as a1a2 or a1b1"
        return _text.parse(text, map(self.action_to_string, range(self.num_actions)), allowed)

    def render(self, state: DomineeringState, player: int | None = None) -> str:
        """The board with its coordinates, and whose turn it is."""
        return "\n".join([*_text.board(self._letters(state), _text.numbers(self.rows)), _text.status(state)])

    def _letters(self, state: DomineeringState) -> np.ndarray:
        """`(rows, columns)`: `X` and `O` under the dominoes of players 0 and 1, `.` for an empty cell."""
        return _text.stones(self.observe(state, jnp.int32(0)))

    def render_svg(self, state: DomineeringState, player: int | None = None) -> str:
        """Red and blue dominoes on a grid."""
        edge, letters = 24, self._letters(state)
        width, height = self.columns * CELL, self.rows * CELL
        outer = width + 1.5 * edge, height + 1.5 * edge
        shapes = [_svg.rect(0, 0, *outer, _svg.PAPER)]
        shapes += _svg.grid(edge, edge, self.columns, self.rows, CELL, _svg.GREY)
        shapes += _svg.texts(_text.LETTERS[: self.columns], edge + CELL / 2, edge / 2, right=CELL)
        shapes += _svg.texts(_text.numbers(self.rows), edge / 2, edge + CELL / 2, down=CELL)
        for column, row in _first_cells(letters.T == "X"):
            shapes.append(_domino(edge + column * CELL, edge + row * CELL, 1, 2, COLOURS["X"]))
        for row, column in _first_cells(letters == "O"):
            shapes.append(_domino(edge + column * CELL, edge + row * CELL, 2, 1, COLOURS["O"]))
        return _svg.document(*outer, *shapes)


def _first_cells(covered: np.ndarray) -> Iterator[tuple[int, int]]:
    """Line and place of the first cell of each domino that lies along a line of `covered`."""
    for line, cells in enumerate(covered):
        place = 0
        while place < len(cells):
            if cells[place]:
                yield line, place
            place += 2 if cells[place] else 1


def _domino(x: float, y: float, columns: int, rows: int, colour: str) -> str:
    """A domino over so many cells, the first of which begins at `(x, y)`."""
    gap = 4
    return _svg.rect(x + gap, y + gap, columns * CELL - 2 * gap, rows * CELL - 2 * gap, colour, radius=8)


GAME = Domineering
GROUP = "board games"
