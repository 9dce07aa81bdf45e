"""The coin game: players gather coins on a grid without knowing which colours the others like.

Rules: P players walk on a grid of 8 by 8 cells with 4 coins of each of P + 1 colours. Everybody likes one
colour, no two the same, and knows only its own: nobody likes the last colour. Preferences, places and coins
are dealt at random. In turn, player 0 (A) first, the players step up, down, left or right or stand; who would
step off the grid or onto another player stays. A step onto a coin takes it. After 20 moves altogether the
game is over. What matters is which colours were taken, by whomever: so it is good to find out what the others
like.

Another game of this name, in which everybody's colour is known and taking the other's coin costs it two
points, is `coin_dilemma`.

Actions (5), as in OpenSpiel.

| Action | Move                    | Written |
|--------|-------------------------|---------|
| 0      | a step to the row above | `up`    |
| 1      | a step to the row below | `down`  |
| 2      | a step to the left      | `left`  |
| 3      | a step to the right     | `right` |
| 4      | none                    | `stand` |

Chance outcomes (N = 64 cells): the colour that player 0 likes, and so on; then the cells where the players
stand, then those of the coins, colour by colour. Cells are counted along the rows from the top left. They are
written `A likes b`, `A at c4`, `b at c4`.

Observation: `(P + C + 2 P N + 2 C N + P C + 5 M,)` float32, with C colours, K coins of each, N cells and M
moves, which is `(751,)` unless told otherwise.

| Entries           | Value                                                            |
|-------------------|------------------------------------------------------------------|
| P                 | 1 where the observer has this seat                               |
| C                 | 1 where the observer likes this colour                           |
| P players x N     | 1 where the player stands                                        |
| C colours x N     | 1 where a coin lies                                              |
| P players x N     | 1 where the player stood at first                                |
| C colours x N     | 1 where a coin lay at first                                      |
| P players x C     | coins that the player has taken / K                              |
| M x 5             | 1 where move number i was this action, of players in turn        |

Rewards, at the end: the square of the number of coins taken of the colour that the player likes, plus that of
all coins that others like, less that of the coins that nobody likes.

Symmetries (8, of a grid that is not square 4): the grid turned and mirrored, and directions with it.

Source: Raileanu et al., Modeling others using oneself in multi-agent reinforcement learning, ICML 2018,
https://arxiv.org/abs/1802.09640; in the form that OpenSpiel has.
"""

from dataclasses import dataclass
from typing import Annotated

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import CHANCE
from jaxplay.games import _svg, _text
from jaxplay.games._hidden import LETTERS, HiddenGame, distinct, evenly, flat, one_hot, put, status
from jaxplay.games._mnk import board_symmetries, mirrors, rotations_and_mirrors
from jaxplay.struct import pytree, replace
from jaxplay.typed import Range

MAX_CELLS = 127
"""The number of a cell is an int8."""
ACTIONS = ("up", "down", "left", "right", "stand")
STEPS = np.array([[-1, 0], [1, 0], [0, -1], [0, 1], [0, 0]])
"""`(5, 2)`: rows and columns that an action moves."""
COLOURS = (_svg.RED, _svg.BLUE, _svg.YELLOW, "#3aa76d", "#9b5de5", "#f3722c")
CELL = 44
"""Width of a cell in pixels."""


@pytree
class CoinState:
    """A position: besides the fields of every state, places, coins and moves. -1 stands for what is to come.

    Attributes:
        likes: `(P,)` int8: the colour that each player likes.
        starts: `(P,)` int8: the cells where the players stood at first.
        places: `(P,)` int8: where they stand now.
        coins: `(C K,)` int8: the cells where the coins lay at first, colour by colour.
        takers: `(C K,)` int8: who has taken each coin, -1 if nobody.
        moves: `(M,)` int8: the moves.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    likes: Array
    starts: Array
    places: Array
    coins: Array
    takers: Array
    moves: Array


@dataclass(frozen=True)
class CoinGame(HiddenGame):
    """The coin game of hidden preferences: see the module for rules, actions and observation.

    Attributes:
        rows: Height of the grid, 1 to 127.
        columns: Width of the grid, 1 to 26; rows times columns is at most 127.
        players: Number of players, P, 2 to 5.
        extra: Number of colours that nobody likes, 0 to 5.
        coins: Number of coins of each colour, K, 1 to 127.
        moves: Number of moves of all players together, M, 1 to 1000.
    """

    rows: Annotated[int, Range(1, MAX_CELLS)] = 8
    columns: Annotated[int, Range(1, 26)] = 8
    players: Annotated[int, Range(2, 5)] = 2
    extra: Annotated[int, Range(0, 5)] = 1
    coins: Annotated[int, Range(1, MAX_CELLS)] = 4
    moves: Annotated[int, Range(1, 1000)] = 20
    num_actions = 5
    zero_sum = False

    def __post_init__(self) -> None:
        super().__post_init__()
        needed = self.players + self.num_coins
        if not needed <= self.num_cells <= MAX_CELLS:
            sizes, allowed = f"rows={self.rows}, columns={self.columns}", f"{needed} to {MAX_CELLS} cells"
            raise UserError(f"coin_game: {sizes}; allowed: {allowed}, for players and coins")

    @property
    def num_cells(self) -> int:
        """Number of cells, N."""
        return self.rows * self.columns

    @property
    def num_colours(self) -> int:
        """Number of colours, C."""
        return self.players + self.extra

    @property
    def num_coins(self) -> int:
        """Number of coins of all colours together."""
        return self.num_colours * self.coins

    @property
    def num_players(self) -> int:
        """Number of players, P."""
        return self.players

    @property
    def num_chance_outcomes(self) -> int:
        """Cells; there are more of them than colours."""
        return self.num_cells

    @property
    def max_plies(self) -> int:
        """Number of moves, M, of all players together."""
        return self.moves

    @property
    def min_return(self) -> float:
        """The return where all coins that nobody likes were taken."""
        return -float((self.extra * self.coins) ** 2)

    @property
    def max_return(self) -> float:
        """All coins that somebody likes were taken."""
        return float(self.coins**2 * (1 + (self.players - 1) ** 2))

    def init(self, key: Array) -> CoinState:
        """The game before chance has set it up."""
        nobody, coins = jnp.full(self.players, -1, jnp.int8), jnp.full(self.num_coins, -1, jnp.int8)
        return self._state(nobody, nobody, nobody, coins, coins, jnp.full(self.moves, -1, jnp.int8))

    def fresh(self, key: Array) -> CoinState:
        """A game that chance has set up, all at once."""
        players, coins = self.players, self.num_coins
        uniform = jax.random.uniform(key, (2 * players + coins,))
        likes = distinct(uniform[:players], self.num_colours).astype(jnp.int8)
        cells = distinct(uniform[players:], self.num_cells).astype(jnp.int8)
        places, nobody = cells[:players], jnp.full(coins, -1, jnp.int8)
        moves = jnp.full(self.moves, -1, jnp.int8)
        return self._state(likes, places, places, cells[players:], nobody, moves)

    def step(self, state: CoinState, action: Array) -> CoinState:
        """Chance gives a preference or a place, or a player moves."""
        dealing = state.current_player == CHANCE
        dealt, moved = self._dealt(state, action), self._moved(state, action)
        return self._state(*(jnp.where(dealing, x, y) for x, y in zip(dealt, moved, strict=True)))

    def _dealt(self, state: CoinState, outcome: Array) -> tuple[Array, ...]:
        """Preferences, then places of players, then those of coins, with the next one dealt."""
        stage, count = _stage(state.likes, state.starts, state.coins)
        likes, starts, coins = (
            jnp.where(stage == i, put(dealt, count, outcome), dealt)
            for i, dealt in enumerate((state.likes, state.starts, state.coins))
        )
        return likes, starts, starts, coins, state.takers, state.moves

    def _moved(self, state: CoinState, action: Array) -> tuple[Array, ...]:
        """The mover's step: onto a free cell, and what lies there is taken."""
        mover, step = state.current_player, jnp.asarray(STEPS)[action]
        cell = state.places[mover].astype(jnp.int32)
        row, column = cell // self.columns + step[0], cell % self.columns + step[1]
        inside = (row >= 0) & (row < self.rows) & (column >= 0) & (column < self.columns)
        target = (row * self.columns + column).astype(jnp.int8)
        goes = inside & (state.places != target).all()
        takes = goes & (state.coins == target) & (state.takers < 0)
        places = jnp.where(goes, put(state.places, mover, target), state.places)
        takers = jnp.where(takes, mover.astype(jnp.int8), state.takers)
        moves = put(state.moves, (state.moves >= 0).sum(), action)
        return state.likes, state.starts, places, state.coins, takers, moves

    @property
    def num_symmetries(self) -> int:
        """Number of symmetries: 8 on a square, else 4."""
        return 8 if self.rows == self.columns else 4

    @property
    def cell_permutation(self) -> np.ndarray:
        """`(num_symmetries, N)` int32: where each cell goes."""
        return board_symmetries(self.rows, self.columns)

    @property
    def action_permutation(self) -> np.ndarray:
        """`(num_symmetries, 5)` int32: a direction goes where a step from the middle of 9 cells goes."""
        cells = rotations_and_mirrors(3) if self.rows == self.columns else mirrors(3, 3, upright=False)
        steps, middle = STEPS @ np.array([3, 1]), 4
        moved = cells[:, middle + steps] - middle
        return (moved[..., None] == steps).argmax(axis=-1).astype(np.int32)

    def symmetry(self, state: CoinState, index: Array) -> CoinState:
        """The grid turned or mirrored: symmetry `index` of `cell_permutation`."""
        cells, actions = (
            jnp.asarray(table.astype(np.int8))[index]
            for table in (self.cell_permutation, self.action_permutation)
        )
        starts, places, coins, moves = (
            jnp.where(numbers >= 0, table[numbers], numbers)
            for table, numbers in (
                (cells, state.starts),
                (cells, state.places),
                (cells, state.coins),
                (actions, state.moves),
            )
        )
        turned = self._state(state.likes, starts, places, coins, state.takers, moves)
        return replace(turned, rewards=state.rewards)

    def _state(
        self, likes: Array, starts: Array, places: Array, coins: Array, takers: Array, moves: Array
    ) -> CoinState:
        stage, count = _stage(likes, starts, coins)[0], (moves >= 0).sum()
        dealing, ended = stage < 3, count == self.moves
        outcomes = self._outcomes(stage, likes, places, coins)
        return CoinState(
            current_player=jnp.where(dealing, CHANCE, count % self.players),
            legal_action_mask=jnp.where(dealing, outcomes, jnp.arange(outcomes.size) < self.num_actions)
            | ended,
            rewards=jnp.where(ended, self._earned(likes, takers), jnp.float32(0)),
            terminated=ended,
            likes=likes,
            starts=starts,
            places=places,
            coins=coins,
            takers=takers,
            moves=moves,
        )

    def _outcomes(self, stage: Array, likes: Array, places: Array, coins: Array) -> Array:
        """`(max(A, N),)` bool: the colours that nobody likes yet, or the cells that are free."""
        numbers = np.arange(max(self.num_actions, self.num_cells), dtype=np.int8)
        colours = (numbers < self.num_colours) & (likes[:, None] != numbers[None]).all(axis=0)
        things = jnp.concatenate([places, coins])
        free = (numbers < self.num_cells) & (things[:, None] != numbers[None]).all(axis=0)
        return jnp.where(stage == 0, colours, free)

    def _taken(self, takers: Array) -> Array:
        """`(P, C)` float32: coins of each colour that each player has taken."""
        return one_hot(takers, self.players).reshape(self.num_colours, self.coins, -1).sum(axis=1).T

    def _earned(self, likes: Array, takers: Array) -> Array:
        """`(P,)` float32: squares of the coins that are liked by oneself, by the others and by nobody."""
        taken = self._taken(takers).sum(axis=0)
        mine = one_hot(likes, self.num_colours) @ taken
        others = mine.sum() - mine
        return mine**2 + others**2 - (taken.sum() - mine.sum()) ** 2

    def chance_probs(self, state: CoinState) -> Array:
        """`(N,)` float32: every colour or cell that is free is as likely."""
        stage, _ = _stage(state.likes, state.starts, state.coins)
        free = self._outcomes(stage, state.likes, state.places, state.coins)[: self.num_cells]
        return evenly(free)

    def observe(self, state: CoinState, player: Array | None = None) -> Array:
        """`(P + C + 2 P N + 2 C N + P C + 5 M,)` float32: the table in the module."""
        seat = self.seat(state, player)
        left = jnp.where(state.takers < 0, state.coins, jnp.int8(-1))
        now, first = (one_hot(places, self.num_cells) for places in (state.places, state.starts))
        lie, lay = (
            one_hot(coins, self.num_cells).reshape(self.num_colours, self.coins, -1).sum(axis=1)
            for coins in (left, state.coins)
        )
        own = one_hot(seat, self.players), one_hot(state.likes[seat], self.num_colours)
        taken = self._taken(state.takers) / self.coins
        return flat(*own, now, lie, first, lay, taken, one_hot(state.moves, self.num_actions))

    def action_to_string(self, action: int) -> str:
        """The name of a direction, or `stand`."""
        return ACTIONS[action]

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        return _text.parse(text, ACTIONS, ", ".join(ACTIONS))

    def outcome_to_string(self, state: CoinState, outcome: int) -> str:
        """Who likes which colour, such as `A likes b`; where who stands, or what lies, such as `b at c4`."""
        stage, count = map(int, _stage(state.likes, state.starts, state.coins))
        if stage == 0:
            return f"{LETTERS[count]} likes {_text.LETTERS[outcome]}"
        thing = LETTERS[count] if stage == 1 else _text.LETTERS[count // self.coins]
        return f"{thing} at {_text.cell_name(outcome, self.columns)}"

    def render(self, state: CoinState, player: int | None = None) -> str:
        """The grid, players in capital letters and coins in small ones; preferences and coins taken."""
        rows = "\n".join(" ".join(row) for row in self._grid(state))
        return "\n".join([rows, *self._players(state, player), self._status(state)])

    def render_svg(self, state: CoinState, player: int | None = None) -> str:
        """The grid with coins in their colours, and what each player likes and has taken."""
        lines = [*self._players(state, player), self._status(state)]
        width, height = max(300, self.columns * CELL), self.rows * CELL + 24 * len(lines) + 16
        shapes, left = (
            [_svg.rect(0, 0, width, height, _svg.PAPER, radius=8)],
            (width - self.columns * CELL) / 2,
        )
        for (row, column), letter in np.ndenumerate(self._grid(state)):
            x, y = left + (column + 0.5) * CELL, (row + 0.5) * CELL
            shapes.append(
                _svg.rect(x - CELL / 2 + 1, y - CELL / 2 + 1, CELL - 2, CELL - 2, "#e9ecef", radius=4)
            )
            if letter.islower():
                shapes.append(_svg.circle(x, y, 13, COLOURS[ord(letter) - ord("a")], stroke="#0003", width=2))
            if letter != ".":
                fill = _svg.INK if letter.isupper() else _svg.PAPER
                shapes.append(_svg.text(x, y, letter, size=24 if letter.isupper() else 13, fill=fill))
        shapes += _svg.texts(lines, width / 2, self.rows * CELL + 18, down=24, fill=_svg.INK)
        return _svg.document(width, height, *shapes)

    def _grid(self, state: CoinState) -> np.ndarray:
        """`(rows, columns)` of letters: players, coins that are left, `.` for a free cell."""
        grid = np.full(self.num_cells, ".")
        for number, (cell, taker) in enumerate(
            zip(np.asarray(state.coins), np.asarray(state.takers), strict=True)
        ):
            if cell >= 0 and taker < 0:
                grid[cell] = _text.LETTERS[number // self.coins]
        for i, cell in enumerate(np.asarray(state.places)):
            if cell >= 0:
                grid[cell] = LETTERS[i]
        return grid.reshape(self.rows, self.columns)

    def _players(self, state: CoinState, player: int | None) -> list[str]:
        """What each player likes, as far as `player` knows, and has taken."""
        lines = []
        for i, (colour, taken) in enumerate(
            zip(np.asarray(state.likes), np.asarray(self._taken(state.takers)), strict=True)
        ):
            seen = state.terminated or player in (None, i)
            likes = "-" if colour < 0 else _text.LETTERS[colour] if seen else "?"
            told = " ".join(f"{_text.LETTERS[c]}{int(n)}" for c, n in enumerate(taken))
            lines.append(f"{LETTERS[i]} likes {likes}, has {told}")
        return lines

    def _status(self, state: CoinState) -> str:
        """Whose turn it is, and what was played last: the grid may not show it; or what everybody earned."""
        text, count = status(state, self._earned(state.likes, state.takers)), int((state.moves >= 0).sum())
        if state.terminated or count == 0:
            return text
        last = ACTIONS[int(state.moves[count - 1])]
        return f"{text}, {LETTERS[(count - 1) % self.players]} played {last}"


def _stage(likes: Array, starts: Array, coins: Array) -> tuple[Array, Array]:
    """What is dealt: 0 preferences, 1 places, 2 coins, 3 nothing more; and how many of it are."""
    counts = [(dealt >= 0).sum() for dealt in (likes, starts, coins)]
    full = [count == dealt.size for count, dealt in zip(counts, (likes, starts, coins), strict=True)]
    stage = jnp.stack(full).sum()
    return stage, jnp.where(stage == 0, counts[0], jnp.where(stage == 1, counts[1], counts[2]))


GAME = CoinGame
GROUP = "bargaining and cooperation"
