"""Othello (Reversi): enclose the opponent's discs to turn them over.

Rules: the board of 8 by 8 begins with two discs of each player in the middle. Player 0 (X, black) begins. A
disc is placed on an empty cell so that one straight line or more, in any of the eight directions, runs from
it over discs of the opponent only to another disc of one's own; all discs so enclosed, in every direction,
turn over. Who has no such move passes; who has one may not. When neither player has one, the game is over,
and whoever has more discs wins. Boards of 4 and 6 are options; on both, perfect play wins for player 1.

Actions (65), as in Pgx and OpenSpiel; rows from the top and columns from the left, both from 0. Where neither
player can move, Pgx has both pass before the game ends; here, as in OpenSpiel, it ends at once.

| Action                   | Move                | Written                        |
|--------------------------|---------------------|--------------------------------|
| 8 row + column (0 to 63) | a disc on this cell | `a1` (0), `d3` (19), `h8` (63) |
| 64                       | a pass              | `pass`                         |

Observation: `(8, 8, 2)` float32.

| Plane | 1 where                    |
|-------|----------------------------|
| 0     | the observer has a disc    |
| 1     | the opponent has a disc    |

Rewards: +1 to the winner and -1 to the loser at the last move, 0 for a draw.

Source: https://www.worldothello.org/about/about-othello/othello-rules/official-rules/english
"""

from dataclasses import dataclass
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import GameDefaults
from jaxplay.games import _svg, _text
from jaxplay.games._bits import Bits64
from jaxplay.games._mnk import rotations_and_mirrors
from jaxplay.struct import pytree, replace

CELL = 56
"""Width of a cell in pixels."""
FELT = "#2e8b57"
COLOURS = {"X": _svg.INK, "O": _svg.PAPER}

PLAYERS = np.arange(2, dtype=np.int32)

WORTH = ((120, -20, 20, 5), (-20, -40, -5, -5), (20, -5, 15, 3), (5, -5, 3, 3))
"""Of the cells of a quarter of the board, its corner first: Norvig, Paradigms of AI Programming, 18.4."""


@pytree
class OthelloState:
    """A position: besides the fields of every state, the discs of both players.

    Attributes:
        discs: `(2, 2)` uint32: the discs of the player to move, and the opponent's: `Bits64` of cells.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    discs: Array


@dataclass(frozen=True)
class Othello(GameDefaults):
    """Enclose the opponent's discs: see the module for rules, actions and observation.

    Attributes:
        size: Rows and columns of the board: 4, 6 or 8.
    """

    size: Literal[4, 6, 8] = 8
    num_symmetries = 8

    @property
    def num_cells(self) -> int:
        """Number of cells of the board."""
        return self.size * self.size

    @property
    def num_actions(self) -> int:
        """Number of actions, A: one for each cell, and to pass."""
        return self.num_cells + 1

    @property
    def max_plies(self) -> int:
        """A disc for every cell that begins empty, and at most one pass between two of them."""
        return 2 * (self.num_cells - 4) - 1

    def init(self, key: Array) -> OthelloState:
        """Two discs of each player in the middle, player 0 to move."""
        first = np.zeros((self.size, self.size), np.bool_)
        second = first.copy()
        lower = self.size // 2
        upper = lower - 1
        first[[upper, lower], [lower, upper]] = True
        second[[upper, lower], [upper, lower]] = True
        mine, theirs = (Bits64.constant(cells.reshape(-1)) for cells in (first, second))
        return self._position(jnp.int32(0), mine, theirs)

    def step(self, state: OthelloState, action: Array) -> OthelloState:
        """Place a disc and turn over what it encloses, or pass."""
        mine, theirs = Bits64.of(state.discs[0]), Bits64.of(state.discs[1])
        placed = Bits64.single(action).where(action < self.num_cells)
        turned = self._enclosed(placed, mine, theirs)
        return self._position(1 - state.current_player, theirs & ~turned, mine | placed | turned)

    def _position(self, player: Array, mine: Bits64, theirs: Bits64) -> OthelloState:
        """The state in which it is the turn of `player`, who has the discs `mine`."""
        discs = jnp.stack([mine.words(), theirs.words()])
        moves = jax.vmap(self._moves)(discs, discs[::-1])
        stuck = ~moves.any()
        ended = stuck.all()
        result = jnp.sign(mine.count() - theirs.count()).astype(jnp.float32)
        return OthelloState(
            current_player=player,
            legal_action_mask=jnp.concatenate([moves.bits(self.num_cells)[0], stuck[:1]]) | ended,
            rewards=jnp.where(ended, jnp.where(player == PLAYERS, result, -result), jnp.float32(0)),
            terminated=ended,
            discs=discs,
        )

    def _moves(self, mine: Array, theirs: Array) -> Bits64:
        """The empty cells where a line from `mine` over `theirs` ends; both `(2,)` uint32."""
        own, other = Bits64.of(mine), Bits64.of(theirs)
        return self._stepped(self._runs(own, other)).union() & self._board & ~(own | other)

    def _enclosed(self, placed: Bits64, mine: Bits64, theirs: Bits64) -> Bits64:
        """The discs of `theirs` on lines from `placed` to `mine`."""
        runs = self._runs(placed, theirs)
        closed = (self._stepped(runs) & mine).any()
        return runs.where(closed).union()

    def _runs(self, start: Bits64, over: Bits64) -> Bits64:
        """`(8,)`: in each direction, the lines of `over` that begin next to `start`."""
        over = over & self._inner
        runs = self._stepped(start) & over
        for _ in range(self.size - 3):
            runs = runs | (self._stepped(runs) & over)
        return runs

    def _stepped(self, board: Bits64) -> Bits64:
        """`(8,)`: every cell moved by one, in each direction. To the right and down, cell numbers grow."""
        return (board << self._growth) >> self._growth[::-1]

    @property
    def _growth(self) -> np.ndarray:
        """`(8,)` uint32: by how much a step adds to a cell's number; backwards, by how much it takes away."""
        return np.array([1, self.size - 1, self.size, self.size + 1, 0, 0, 0, 0], np.uint32)

    @property
    def _inner(self) -> Bits64:
        """`(8,)`: the cells that have a neighbour to either side, so that no line wraps around an edge.

        All cells where the direction is up or down: those lines leave the board at its ends.
        """
        columns = np.arange(self.num_cells) % self.size
        inside = (columns > 0) & (columns < self.size - 1)
        vertical = (self._growth + self._growth[::-1]) == self.size
        return Bits64.constant(inside | vertical[:, None])

    @property
    def _board(self) -> Bits64:
        return Bits64.constant(np.ones(self.num_cells, np.bool_))

    @property
    def ownership_size(self) -> int:
        """Number of cells, each of which somebody owns at the end."""
        return self.num_cells

    @property
    def max_score(self) -> float:
        """The greatest lead: all discs are one player's."""
        return float(self.num_cells)

    def ownership(self, state: OthelloState) -> Array:
        """`(cells,)` float32: 1 where player 0 has a disc, -1 where player 1 has."""
        first, second = Bits64(state.discs[:, 0], state.discs[:, 1]).bits(self.num_cells).astype(jnp.float32)
        return jnp.where(state.current_player == 0, first - second, second - first)

    def score(self, state: OthelloState) -> Array:
        """`()` float32: by how many discs player 0 is ahead."""
        return self.ownership(state).sum()

    def heuristic(self, state: OthelloState) -> Array:
        """`()` float32: discs by the worth of their cells (`WORTH`), as part of the worth of all cells.

        A corner is never lost again, and a disc beside one invites the opponent there.
        """
        half = [min(i, self.size - 1 - i) for i in range(self.size)]
        worth = np.array(WORTH, np.float32)[np.ix_(half, half)].reshape(-1)
        return (self.ownership(state) * worth).sum() / np.abs(worth).sum()

    def observe(self, state: OthelloState, player: Array | None = None) -> Array:
        """`(size, size, 2)` float32: where `player` has discs, where the opponent has."""
        cells = Bits64(state.discs[:, 0], state.discs[:, 1]).bits(self.num_cells)
        if player is not None:
            cells = jnp.where(player == state.current_player, cells, cells[::-1])
        return cells.T.reshape(self.size, self.size, 2).astype(jnp.float32)

    def symmetry(self, state: OthelloState, index: Array) -> OthelloState:
        """The board turned or mirrored: row `index` of `cell_permutation`."""
        sources = jnp.asarray(np.argsort(self.cell_permutation, axis=1))[index]
        cells = Bits64(state.discs[:, 0], state.discs[:, 1]).bits(self.num_cells)
        mine, theirs = (Bits64.pack(board[sources]) for board in cells)
        turned = self._position(state.current_player, mine, theirs)
        return replace(turned, rewards=state.rewards)

    @property
    def cell_permutation(self) -> np.ndarray:
        """`(8, cells)` int32: where turns and mirrors move each cell."""
        return rotations_and_mirrors(self.size)

    @property
    def action_permutation(self) -> np.ndarray:
        """`(8, A)` int32: actions are cells; a pass stays a pass."""
        passes = np.full((self.num_symmetries, 1), self.num_cells, np.int32)
        return np.concatenate([self.cell_permutation, passes], axis=1)

    def action_to_string(self, action: int) -> str:
        """Column letter and row number, from `a1` at the top left; `pass`."""
        return "pass" if int(action) == self.num_cells else _text.cell_name(int(action), self.size)

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        allowed = f"a1 to {self.action_to_string(self.num_cells - 1)}, and pass"
        return _text.parse(text, map(self.action_to_string, range(self.num_actions)), allowed)

    def render(self, state: OthelloState, player: int | None = None) -> str:
        """The board with its coordinates, whose turn it is and how many discs there are."""
        lines = _text.board(self._letters(state), _text.numbers(self.size))
        return "\n".join([*lines, self._status(state)])

    def _letters(self, state: OthelloState) -> np.ndarray:
        """`(size, size)`: `X` and `O` for the discs of players 0 and 1, `.` for an empty cell."""
        return _text.stones(self.observe(state, jnp.int32(0)))

    def _status(self, state: OthelloState) -> str:
        letters = self._letters(state)
        black, white = int((letters == "X").sum()), int((letters == "O").sum())
        if not state.terminated:
            turn = f"{'XO'[int(state.current_player)]} to move"
        else:
            turn = "draw" if black == white else f"{'X' if black > white else 'O'} wins"
        return f"{turn}, X {black}, O {white}"

    def render_svg(self, state: OthelloState, player: int | None = None) -> str:
        """The green board, with a dot where the player to move may place a disc."""
        edge, side = 24, self.size * CELL
        shapes = [_svg.rect(0, 0, side + edge, side + edge, _svg.INK, radius=6)]
        shapes.append(_svg.rect(edge, edge, side, side, FELT))
        shapes += _svg.grid(edge, edge, self.size, self.size, CELL, _svg.INK)
        shapes += _svg.texts(_text.LETTERS[: self.size], edge + CELL / 2, edge / 2, right=CELL)
        shapes += _svg.texts(_text.numbers(self.size), edge / 2, edge + CELL / 2, down=CELL)
        moves = np.asarray(self._moves(*state.discs).bits(self.num_cells)).reshape(self.size, self.size)
        for (row, column), letter in np.ndenumerate(self._letters(state)):
            x, y = edge + (column + 0.5) * CELL, edge + (row + 0.5) * CELL
            if letter != ".":
                shapes.append(_svg.circle(x, y, 0.42 * CELL, COLOURS[letter]))
            elif moves[row, column]:
                shapes.append(_svg.circle(x, y, 0.08 * CELL, _svg.INK))
        return _svg.document(side + edge, side + edge, *shapes)


GAME = Othello
GROUP = "board games"
