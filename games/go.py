"""Go: surround more of the board than the opponent.

Rules: the players place stones on the crossings of a grid (9 by 9; other sizes are options) in turn, player 0
(X, black) first, or pass. Stones of one colour that are linked along lines are a chain; the empty points next
to a chain are its liberties. A stone takes the opponent's chains that it leaves without a liberty off the
board. Two kinds of moves are forbidden: *suicide*, a stone that leaves its own chain without a liberty; and
*repetition*, a stone that brings back an earlier position of the board, whoever was to move in it (positional
superko; of the position before the last move, that is the rule of ko). A pass is always allowed. On N points
the positions after 2 N moves are remembered, and at least 64; after as many moves only passes are left. So no
position comes back, however long a game lasts.

Two passes in a row end the game. The board is counted as it stands, by area: a player's stones, and the empty
points from which lines over empty points lead to no stone of the other. No stone counts as dead. White adds
`komi`. The larger total wins; equal ones, possible where `komi` is a whole number, are a draw. Random games
are long: self-play cuts them after 2 N moves, where Pgx counts.

Actions (N + 1 = 82), as in Pgx, with N = size * size points. Column letters leave out I.

| Action              | Move                                                      | Written           |
|---------------------|-----------------------------------------------------------|-------------------|
| 0 to N - 1 (80)     | a stone on a point, along the rows from the top left      | `A9`, `B9` ... `J1` |
| N (81)              | a pass                                                    | `pass`            |

Observation: `(size, size, 17)` float32, here `(9, 9, 17)`, as in Pgx and AlphaGo Zero.

| Plane         | 1 where                                                               |
|---------------|-----------------------------------------------------------------------|
| 0, 2, ..., 14 | the observer has a stone now, one move ago, ..., seven moves ago      |
| 1, 3, ..., 15 | the opponent has a stone now, one move ago, ..., seven moves ago      |
| 16            | everywhere if the observer is player 1                                |

Rewards: +1 to the winner and -1 to the loser at the second pass, 0 for a draw. In Pgx who brings back a
position loses the game (but for ko); here, as in the rules, it may not be done.

Source: https://tromp.github.io/go.html, but for suicide; https://senseis.xmp.net/?Superko; the observation:
Silver et al., Mastering the game of Go without human knowledge, Nature 550, 2017
"""

import functools
from dataclasses import dataclass
from typing import Annotated

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import GameDefaults
from jaxplay.games import _go_past, _go_render, _text
from jaxplay.games._go_board import Board
from jaxplay.games._go_past import Digest
from jaxplay.games._mnk import rotations_and_mirrors
from jaxplay.struct import pytree, replace
from jaxplay.typed import Range

MAX_SIZE = 25
"""The longest side: 25 letters are left without I."""
NUM_BOARDS = 8
"""Number of boards that an observer sees: two bits each of a uint16."""
LEAST_MEMORY = 64
"""As many moves are remembered on the smallest boards, where games outlast 2 N moves."""
PLAYERS = np.arange(2, dtype=np.int32)


@pytree
class GoState:
    """A position: besides the fields of every state, the board, how it came about, and what is forbidden.

    Attributes:
        chains: `(N,)` int8 or int16: the stones as the player to move sees them, see `_go_board`.
        trail: `(N,)` uint16: what was on each point, two bits a move, the latest lowest: 1 black, 2 white.
        past: `(memory,)`: the position after each move so far, see `_go_past`.
        passed: `()` bool: the last move was a pass.
        turned: `()` int8: the symmetry that turned this game from the one that it was; digests are of that.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    chains: Array
    trail: Array
    past: Digest
    passed: Array
    turned: Array


@dataclass(frozen=True)
class Go(GameDefaults):
    """Surround more of the board: see the module for rules, actions and observation.

    Attributes:
        size: Lines of the board in each direction, 2 to 25.
        komi: Points that white gets for playing second, -1000 to 1000.
    """

    size: Annotated[int, Range(2, MAX_SIZE)] = 9
    komi: Annotated[float, Range(-1000, 1000)] = 7.5
    num_symmetries = 8

    @property
    def board(self) -> Board:
        """The board's geometry: which points touch, chains, captures and areas."""
        return Board(self.size)

    @property
    def num_points(self) -> int:
        """Number of crossings of the grid, N."""
        return self.board.num_points

    @property
    def num_actions(self) -> int:
        """Number of actions, A: one for each point, and to pass."""
        return self.num_points + 1

    @property
    def max_plies(self) -> int:
        """Number of decisions after which self-play cuts a game."""
        return 2 * self.num_points

    @property
    def memory(self) -> int:
        """Number of moves whose positions are remembered: after them only passes are left (decision 21)."""
        return max(self.max_plies, LEAST_MEMORY)

    def init(self, key: Array) -> GoState:
        """The empty board, player 0 to move."""
        return GoState(
            current_player=jnp.int32(0),
            legal_action_mask=jnp.ones(self.num_actions, jnp.bool_),
            rewards=jnp.zeros(2, jnp.float32),
            terminated=jnp.bool_(False),
            chains=jnp.zeros(self.num_points, self.board.dtype),
            trail=jnp.zeros(self.num_points, jnp.uint16),
            past=_go_past.nothing(self.memory),
            passed=jnp.bool_(False),
            turned=jnp.int8(0),
        )

    def step(self, state: GoState, action: Array) -> GoState:
        """Place a stone or pass; the turn goes to the other player, also when the game ends."""
        passes = action == self.num_points
        placed = self.board.place(state.chains, jnp.minimum(action, self.num_points - 1))
        chains = -jnp.where(passes, state.chains, placed)
        player, ended = 1 - state.current_player, passes & state.passed
        own, other = self._keys(player, state.turned)
        digest = own.where(chains > 0, other).sum(chains != 0)
        past = _go_past.insert(state.past, digest)
        legal = self._legal(chains, own, other, digest, past)
        return GoState(
            current_player=player,
            legal_action_mask=jnp.append(legal, True) | ended,
            rewards=self._rewards(chains, player, ended),
            terminated=ended,
            chains=chains,
            trail=(state.trail << 2) | _colours(chains, player),
            past=past,
            passed=passes,
            turned=state.turned,
        )

    def _keys(self, player: Array, turned: Array) -> tuple[Digest, Digest]:
        """`(N,)` twice: the keys of the stones of `player`, and of the other."""
        black, white = (_go_past.keys(self.size, turned)[colour] for colour in PLAYERS)
        return black.where(player == 0, white), white.where(player == 0, black)

    def _legal(self, chains: Array, own: Digest, other: Digest, digest: Digest, past: Digest) -> Array:
        """`(N,)` bool: where a stone of the player who looks may be placed."""
        empty, theirs = chains == 0, chains < 0
        first, last = self.board.liberties(chains)
        atari = first == last
        # A stone breathes beside an empty point, an own chain that keeps a liberty, or one that it captures.
        breathes = self.board.beside(empty | (theirs == atari))
        takers = jnp.where(theirs & atari, first, np.int16(self.num_points))
        after = digest + own - other.sum_by(takers)
        return empty & breathes & ~_go_past.contains(past, after) & ~_go_past.is_full(past)

    def _rewards(self, chains: Array, player: Array, ended: Array) -> Array:
        """`(2,)` float32: by who is ahead, if the game has ended."""
        won = jnp.sign(self._margin(jnp.where(ended, chains, 0), player))
        return jnp.where(ended, jnp.where(player == PLAYERS, won, -won), jnp.float32(0))

    def _margin(self, chains: Array, player: Array) -> Array:
        """`()` float32: by how much `player`, who looks, is ahead. Cheap where there are no stones."""
        komi = jnp.where(player == 0, -jnp.float32(self.komi), jnp.float32(self.komi))
        return self.board.lead(chains).astype(jnp.float32) + komi

    @property
    def has_draws(self) -> bool:
        """Whether the komi leaves room for equal totals."""
        return float(self.komi).is_integer()

    @property
    def ownership_size(self) -> int:
        """Number of points, each of which somebody may own at the end."""
        return self.num_points

    @property
    def max_score(self) -> float:
        """The greatest lead: the whole board, and the komi."""
        return float(self.num_points + abs(self.komi))

    def ownership(self, state: GoState) -> Array:
        """`(N,)` float32: 1 in the area of player 0, -1 in that of player 1."""
        owners = self.board.owners(state.chains)
        return jnp.where(state.current_player == 0, owners, -owners)

    def score(self, state: GoState) -> Array:
        """`()` float32: the area of player 0 less that of player 1 and the komi."""
        margin = self._margin(state.chains, state.current_player)
        return jnp.where(state.current_player == 0, margin, -margin)

    def observe(self, state: GoState, player: Array | None = None) -> Array:
        """`(size, size, 17)` float32: eight boards of both players, and the colour of `player`."""
        player = state.current_player if player is None else player
        own, other = _colour(player), _colour(1 - player)
        # Beyond the eight boards two bits are 0: the last plane asks for that, or for what is nowhere.
        white = jnp.where(player == 1, jnp.uint32(0), jnp.uint32(3))
        seen = jnp.stack([own, other] * NUM_BOARDS + [white])
        moves = np.append(np.arange(0, 2 * NUM_BOARDS, 2).repeat(2), 2 * NUM_BOARDS).astype(np.uint32)
        colours = (state.trail.astype(jnp.uint32)[:, None] >> moves[None]) & 3
        planes = (colours == seen[None]).astype(jnp.float32)
        return planes.reshape(self.size, self.size, -1)

    def symmetry(self, state: GoState, index: Array) -> GoState:
        """The board turned or mirrored: row `index` of `point_permutation`."""
        target = jnp.asarray(self.point_permutation)[index]
        sources = jnp.asarray(np.argsort(self.point_permutation, axis=1))[index]
        chains, turned = state.chains[sources], jnp.asarray(_composed())[index, state.turned]
        names = (target[jnp.abs(chains.astype(jnp.int32)) - 1] + 1).astype(chains.dtype)
        chains = jnp.sign(chains) * names
        own, other = self._keys(state.current_player, turned)
        digest = own.where(chains > 0, other).sum(chains != 0)
        legal = self._legal(chains, own, other, digest, state.past)
        mask = jnp.append(legal, True) | state.terminated
        trail = state.trail[sources]
        return replace(state, chains=chains, trail=trail, turned=turned, legal_action_mask=mask)

    @property
    def point_permutation(self) -> np.ndarray:
        """`(8, N)` int32: where turns and mirrors move each point."""
        return rotations_and_mirrors(self.size)

    @property
    def action_permutation(self) -> np.ndarray:
        """`(8, A)` int32: actions are points; a pass stays a pass."""
        return np.pad(self.point_permutation, ((0, 0), (0, 1)), constant_values=self.num_points)

    def action_to_string(self, action: int) -> str:
        """Column letter (there is no I) and row number, from `A1` at the bottom left; `pass`."""
        row, column = divmod(int(action), self.size)
        return "pass" if row == self.size else f"{_go_render.LETTERS[column]}{self.size - row}"

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        names = map(self.action_to_string, range(self.num_actions))
        corner = self.action_to_string(self.size - 1)
        return _text.parse(text, names, f"A1 to {corner} (there is no I), and pass")

    def render(self, state: GoState, player: int | None = None) -> str:
        """The board with its coordinates, the last move, and whose turn it is or who won."""
        return _go_render.text(self._letters(state), self._status(state))

    def render_svg(self, state: GoState, player: int | None = None) -> str:
        """The board as it stands on a table, the last stone marked."""
        return _go_render.svg(self._letters(state), self._last_stone(state), self._status(state))

    def _letters(self, state: GoState) -> np.ndarray:
        """`(size, size)`: `X` for black, `O` for white, `.` for an empty point."""
        return np.array(list(".XO"))[np.asarray(state.trail) & 3].reshape(self.size, self.size)

    def _last_stone(self, state: GoState) -> int | None:
        """The point where the last move placed a stone."""
        trail = np.asarray(state.trail)
        now, before = trail & 3, (trail >> 2) & 3
        placed = np.flatnonzero((now != before) & (now != 0))
        return int(placed[0]) if placed.size else None

    def _status(self, state: GoState) -> str:
        player, stone = int(state.current_player), self._last_stone(state)
        if state.terminated:
            margin = float(self._margin(state.chains, state.current_player))
            return (
                f"{'XO'[player if margin > 0 else 1 - player]} wins by {abs(margin):g}" if margin else "draw"
            )
        turn = f"{'XO'[player]} to move"
        if stone is None:
            return f"{turn}, {'OX'[player]} passed" if state.passed else turn
        return f"{turn}, {'OX'[player]} played {self.action_to_string(stone)}"


def _colour(player: Array) -> Array:
    """`()` uint32: 1 for player 0 (black), 2 for player 1 (white)."""
    return (player + 1).astype(jnp.uint32)


def _colours(chains: Array, player: Array) -> Array:
    """`(N,)` uint16: the colour of each stone, 0 for empty points, as `player` sees the board."""
    stones = jnp.where(chains > 0, _colour(player), _colour(1 - player))
    return jnp.where(chains == 0, jnp.uint32(0), stones).astype(jnp.uint16)


@functools.cache
def _composed() -> np.ndarray:
    """`(8, 8)` int8: entry `[i, j]` is the symmetry that does what `j` does, and then `i`."""
    tables = rotations_and_mirrors(3).tolist()
    both = [[tables.index([first[p] for p in second]) for second in tables] for first in tables]
    return np.array(both, np.int8)


GAME = Go
GROUP = "board games"
