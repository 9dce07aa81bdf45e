"""Backgammon: two players race their checkers home with dice, and hit each other on the way.

Rules: each player moves 15 checkers along 24 points, in opposite directions, into the last six, its home, and
from there off the board; whoever has all off first wins. In a turn two dice are rolled, and each of them
moves a checker by its number; a double makes four moves. A checker may go to any point with less than two of
the opponent's: a single one there is hit and goes to the bar. Checkers on the bar must enter, from before the
first point, ahead of all other moves. When all are in the home, they may be borne off: from the point that
the die names or, where no checker stands that far, from the farthest. Both dice must be used if that is
possible, and if only one of them, whichever it is, the higher. A win counts 1; 2 (a gammon) if the loser has
no checker off; 3 (a backgammon) if the loser has, besides, one on the bar or in the winner's home. There is
no doubling cube. Player 0 (X) has the first turn, in which the dice differ.

Actions (156), as in Pgx, one checker at a time: `6 * source + die - 1`. They are written from and to, by
points as the mover counts them: `24/18`, `bar/20`, `6/off`; `5/off(6)` where the die is higher than need be;
`pass`.

| source  | Meaning                                                                             |
|---------|-------------------------------------------------------------------------------------|
| 0       | pass: action 0, the only one where there is no move; actions 1 to 5 are never legal |
| 1       | the bar                                                                             |
| 2 to 25 | the points, from the mover's 24-point, where its way begins, to the 1-point         |

Chance outcomes (21): the rolls of different dice, of probability 1/18 each (1/15 in the first turn), then the
doubles, of 1/36 each. They are written with the higher die first, in this order: `2-1`, `3-1` to `6-5`, `1-1`
to `6-6`.

Observation: `(203,)` float32; points in the order of the observer's way.

| Index      | Meaning                                                                                 |
|------------|-----------------------------------------------------------------------------------------|
| 0 to 95    | of each point: own checkers are 1 or more, 2 or more, 3 or more; half of those beyond 3 |
| 96 to 191  | the same of the opponent's checkers                                                     |
| 192, 193   | half of the own checkers on the bar, and of the opponent's                              |
| 194, 195   | a fifteenth of the own checkers borne off, and of the opponent's                        |
| 196 to 201 | a quarter of the moves left to make with a 1, 2, 3, 4, 5, 6                             |
| 202        | 1 if it is the observer's turn                                                          |

Rewards: what the win counts, at the last move; minus that to the loser.

Source: https://usbgf.org/backgammon-basics-how-to-play/; the observation is, with dice, that of Gerald
Tesauro, Practical Issues in Temporal Difference Learning, Machine Learning 8, 1992
"""

import itertools
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import CHANCE, GameDefaults
from jaxplay.games import _backgammon_render as render
from jaxplay.games import _text
from jaxplay.games._dense import take
from jaxplay.struct import pytree

CHECKERS = 15
PLAYERS = np.arange(2, dtype=np.int32)

PLACES = np.arange(26, dtype=np.int32)
"""Where a checker of the mover may be: on the bar (0), on the points in the order of its way (1 to 24)."""
OFF = 25
"""The end of the way. On the board: the opponent's bar, for the opponent's way begins there."""
AWAY = np.uint32((1 << 19) - 1)
"""Bits of the places that are not in the mover's home."""
BITS = np.uint32(1) << PLACES[:OFF].astype(np.uint32)

BEGIN = np.zeros(26, np.int8)
BEGIN[[1, 12, 17, 19]] = 2, 5, 3, 5
BEGIN -= BEGIN[::-1].copy()

DICE = np.arange(6, dtype=np.int8)
ROLLS = np.array([*itertools.combinations(DICE, 2), *zip(DICE, DICE, strict=True)])
"""`(21, 2)` int8: lower and higher die, 0 to 5, by chance outcome."""
NUM_ROLLS = len(ROLLS)
UNEQUAL = ROLLS[:, 0] != ROLLS[:, 1]
PROBS = np.where(UNEQUAL, np.float32(1 / 18), np.float32(1 / 36))
FIRST_PROBS = np.where(UNEQUAL, np.float32(1 / 15), np.float32(0))


@pytree
class BackgammonState:
    """A position: besides the fields of every state, checkers, dice and whose turn it is.

    Attributes:
        board: `(26,)` int8: checkers by place, as the player whose turn it is counts them; the opponent's are
            negative. Place 0 is the player's bar, place 25 the opponent's.
        dice: `(2,)` int8: the lower and the higher die, 0 to 5.
        moves: `(2,)` int8: how many moves are left to make with each; the four of a double stand first.
        turn: `()` int8: whose turn it is, also before the roll and at the end.
        first: `()` bool: the first roll is still to come.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    board: Array
    dice: Array
    moves: Array
    turn: Array
    first: Array


@dataclass(frozen=True)
class Backgammon(GameDefaults):
    """Race home with dice: see the module for rules, actions and observation.

    Attributes:
        gammons: Whether gammons count 2 and backgammons 3; if not, every win counts 1.
        both_dice: Whether both dice must be used if possible; if not, as in Pgx, any single move may be made.
    """

    gammons: bool = True
    both_dice: bool = True
    num_actions = 156
    num_chance_outcomes = NUM_ROLLS
    has_draws = False
    max_plies = 2_000
    """Where self-play cuts: the game has no bound. Random play takes 210 decisions, seldom 500."""

    @property
    def min_return(self) -> float:
        """The return of who loses a backgammon."""
        return -self.max_return

    @property
    def max_return(self) -> float:
        """The return of who wins a backgammon."""
        return 3.0 if self.gammons else 1.0

    def init(self, key: Array) -> BackgammonState:
        """The checkers as they begin, before the first roll of player 0."""
        return BackgammonState(
            current_player=jnp.int32(CHANCE),
            legal_action_mask=jnp.asarray(np.pad(UNEQUAL, (0, self.num_actions - NUM_ROLLS))),
            rewards=jnp.zeros(2, jnp.float32),
            terminated=jnp.bool_(False),
            board=jnp.asarray(BEGIN),
            dice=jnp.zeros(2, jnp.int8),
            moves=jnp.zeros(2, jnp.int8),
            turn=jnp.int8(0),
            first=jnp.bool_(True),
        )

    def chance_probs(self, state: BackgammonState) -> Array:
        """`(21,)` float32: of the rolls."""
        return jnp.where(state.first, FIRST_PROBS, PROBS)

    def step(self, state: BackgammonState, action: Array) -> BackgammonState:
        """Roll the dice, move a checker, or pass; after the last move the other player is to roll."""
        rolls, passes = state.current_player == CHANCE, action < 6
        source, die = jax.lax.div(action, 6) - 1, jax.lax.rem(action, 6)
        moved = _moved(state.board, source, source + die + 1)
        board = jnp.where(rolls | passes, state.board, moved)
        dice = jnp.where(rolls, take(jnp.asarray(ROLLS), jnp.minimum(action, NUM_ROLLS - 1)), state.dice)
        rolled = jnp.where(dice[0] == dice[1], np.array([4, 0], np.int8), np.array([1, 1], np.int8))
        left = state.moves - ((dice == die.astype(jnp.int8)) & (state.moves > 0)).astype(jnp.int8)
        moves = jnp.where(rolls, rolled, jnp.where(passes, jnp.int8(0), left))
        won = ~(board > 0).any()
        hands_over = ~won & (moves[0] + moves[1] == 0)
        return self._position(
            board=jnp.where(hands_over, -board[::-1], board),
            dice=dice,
            moves=jnp.where(won, jnp.int8(0), moves),
            turn=jnp.where(hands_over, 1 - state.turn, state.turn),
            won=won,
        )

    def _position(self, board: Array, dice: Array, moves: Array, turn: Array, won: Array) -> BackgammonState:
        """The state in which `turn` is to roll, if there are no `moves`, or is to move, or has won."""
        to_roll, player = ~won & (moves[0] + moves[1] == 0), turn.astype(jnp.int32)
        rolls = jnp.arange(self.num_actions) < NUM_ROLLS
        points = jnp.where(player == PLAYERS, jnp.float32(1), jnp.float32(-1)) * self._points(board)
        return BackgammonState(
            current_player=jnp.where(to_roll, jnp.int32(CHANCE), player),
            legal_action_mask=jnp.where(to_roll, rolls, self._legal(board, dice, moves)) | won,
            rewards=jnp.where(won, points, jnp.float32(0)),
            terminated=won,
            board=board,
            dice=dice,
            moves=moves,
            turn=turn,
            first=jnp.bool_(False),
        )

    def _points(self, board: Array) -> Array:
        """`()` float32: what the win counts of the player with no checkers on `board`."""
        left = jnp.where(board < 0, -board, jnp.int8(0))
        everywhere, late = (left[None] * np.stack([PLACES >= 0, PLACES >= OFF - 6]).astype(np.int8)).sum(
            axis=1
        )
        gammon = (everywhere == CHECKERS) & self.gammons
        return 1 + gammon.astype(jnp.float32) + (gammon & (late > 0)).astype(jnp.float32)

    def _legal(self, board: Array, dice: Array, moves: Array) -> Array:
        """`(A,)` bool: the moves, or else to pass."""
        own, free = _bits(board[None] > np.array([[0], [-2]], np.int8))
        sources = jnp.where(moves > 0, _sources(own, free, dice), jnp.uint32(0))
        if self.both_dice:
            both = _using_both(board, own, free, dice, sources)
            sources = jnp.where((moves[0] > 0) & (moves[1] > 0), both, sources)
        used = jnp.where(DICE[None] == dice[:, None], sources[:, None], jnp.uint32(0))
        legal = (used[0] | used[1])[None] >> np.arange(OFF, dtype=np.uint32)[:, None] & 1 != 0
        passes = (DICE == 0) & (sources[0] | sources[1] == 0)
        return jnp.concatenate([passes, legal.reshape(-1)])

    def observe(self, state: BackgammonState, player: Array | None = None) -> Array:
        """`(203,)` float32: see the module."""
        turn = state.turn.astype(jnp.int32)
        player = turn if player is None else player
        board = jnp.where(player == turn, state.board, -state.board[::-1])
        counts = jnp.maximum(jnp.stack([board, -board]), 0).astype(jnp.float32)
        bars = jnp.stack([counts[0, 0], counts[1, OFF]]) / 2
        off = (CHECKERS - counts.sum(axis=1)) / CHECKERS
        of_die = (DICE[None] == state.dice[:, None]).astype(jnp.float32)
        left = (of_die * state.moves[:, None].astype(jnp.float32)).sum(axis=0) / 4
        on_turn = (player == turn).astype(jnp.float32)
        return jnp.concatenate([_units(counts[:, 1:OFF]), bars, off, left, on_turn[None]])

    def action_to_string(self, action: int) -> str:
        """From and to, by points as the mover counts them; `pass`."""
        source, die = divmod(int(action), 6)
        if source == 0:
            return f"pass{die or ''}"
        point = 26 - source
        start, end = ("bar" if point == 25 else str(point)), point - die - 1
        return f"{start}/{end}" if end > 0 else f"{start}/off{f'({die + 1})' if end < 0 else ''}"

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        allowed = "from and to, such as 24/18, bar/20, 6/off or 5/off(6), and pass"
        return _text.parse(text, map(self.action_to_string, range(self.num_actions)), allowed)

    def outcome_to_string(self, state: BackgammonState, outcome: int) -> str:
        """The dice, the higher first, such as `3-1`."""
        low, high = ROLLS[outcome] + 1
        return f"{high}-{low}"

    def render(self, state: BackgammonState, player: int | None = None) -> str:
        """The points as player 0 counts them, bar and checkers borne off, and the dice."""
        return render.as_text(*_seen(state))

    def render_svg(self, state: BackgammonState, player: int | None = None) -> str:
        """The board as player 0 sees it."""
        return render.as_svg(*_seen(state))


def _moved(board: Array, source: Array, target: Array) -> Array:
    """The board after a checker's move; one of the opponent that stands alone on `target` is hit."""
    leaves, enters = source == PLACES, (target == PLACES) & (PLACES < OFF)
    hit = enters & (board == -1)
    barred = hit.any() & (PLACES == OFF)
    gains = enters.astype(jnp.int8) + hit.astype(jnp.int8)
    return board + gains - leaves.astype(jnp.int8) - barred.astype(jnp.int8)


def _bits(places: Array) -> Array:
    """`(n,)` uint32: a bit for each place up to the last point that is set, of `(n, 26)` bool."""
    return jnp.where(places[:, :OFF], BITS[None], jnp.uint32(0)).sum(axis=1, dtype=jnp.uint32)


def _sources(own: Array, free: Array, die: Array) -> Array:
    """The places, as bits, from which a checker may move by `die`, 0 to 5.

    Args:
        own: the mover's places.
        free: places where the opponent has less than two checkers.
        die: the die that is used; broadcasts with the others.
    """
    distance = (die + 1).astype(jnp.uint32)
    sources = own & (free >> distance)
    sources = jnp.where(own & 1 != 0, sources & 1, sources)
    exact = jnp.uint32(1) << (OFF - distance)
    farthest = own & (~own + 1)
    off = own & exact | jnp.where(own & (exact - 1) == 0, farthest, jnp.uint32(0))
    return jnp.where(own & AWAY == 0, sources | off, sources)


def _using_both(board: Array, own: Array, free: Array, dice: Array, sources: Array) -> Array:
    """Which of `sources`, `(2,)` uint32, the lower die may use first, and which the higher.

    Those after which the other die can be used; if there are none, those of the higher die, or else all.
    """
    alone = jnp.where(board[:OFF] == 1, BITS, jnp.uint32(0))
    entered = BITS[None] << (dice + 1).astype(jnp.uint32)[:, None] & np.uint32((1 << OFF) - 1)
    follow = _sources((own & ~alone)[None] | entered, free, dice[::-1, None]) != 0
    both = sources & jnp.where(follow, BITS[None], jnp.uint32(0)).sum(axis=1, dtype=jnp.uint32)
    one = jnp.where(sources[1] != 0, sources * np.array([0, 1], np.uint32), sources)
    return jnp.where(both[0] | both[1] != 0, both, one)


def _units(counts: Array) -> Array:
    """`(4 * n,)`: of `n` counts each: is there a checker, a second, a third, and half of those beyond."""
    below, scale = np.arange(4, dtype=np.float32), np.array([1, 1, 1, 0.5], np.float32)
    most = np.array([1, 1, 1, CHECKERS], np.float32)
    return jnp.clip((counts.reshape(-1, 1) - below[None]) * scale[None], 0, most[None]).reshape(-1)


def _seen(state: BackgammonState) -> tuple[np.ndarray, list[int], int, bool]:
    """The board as player 0 counts it, a die for each move that is left, the turn, and whether it is over."""
    board, turn = np.asarray(state.board, np.int32), int(state.turn)
    dice = np.repeat(np.asarray(state.dice) + 1, np.asarray(state.moves)).tolist()
    return board if turn == 0 else -board[::-1], dice, turn, bool(state.terminated)


GAME = Backgammon
GROUP = "dice games"
