"""Pig: roll a die as often as you dare, and lose the turn's points by a 1.

Rules: in a turn a player rolls a die as often as it likes. The numbers add up to the turn's total, until the
player holds, which adds the total to its score, or rolls a 1, which loses the total; then it is the next
player's turn. The first to hold with a score of 100 or more wins; who has got that far must hold. Player 0
begins. The score to reach, the sides of the die and the number of players are options. Perfect play of two
wins for player 0 with probability 0.531.

Actions (2), as in OpenSpiel.

| Action | Move            | Written |
|--------|-----------------|---------|
| 0      | to roll the die | `roll`  |
| 1      | to hold         | `hold`  |

Chance outcomes (6): the numbers `1` to `6`, equally likely.

Observation: `(4,)` float32.

| Index | Meaning                                                                                |
|-------|----------------------------------------------------------------------------------------|
| 0, 1  | scores, as shares of 100: the observer's and, in order of turn, those of other players |
| 2     | the total of the turn, as a share of 100                                               |
| 3     | 1 if it is the observer's turn                                                         |

Rewards: +1 to the winner and -1 to the loser at the last move; of more players, the losers share the -1.

Source: Todd W. Neller and Clifton G. M. Presser, Optimal Play of the Dice Game Pig, The UMAP Journal 25, 2004
"""

from dataclasses import dataclass
from typing import Annotated

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import CHANCE, GameDefaults
from jaxplay.games import _svg, _text
from jaxplay.struct import pytree
from jaxplay.typed import Range

ROLL, HOLD = 0, 1
NAMES = "roll", "hold"

MAX_PLAYERS = 10
MAX_TARGET = 1_000

WIDTH, ROW = 400, 48
"""Pixels: of a bar that is full, and from bar to bar."""
COLOURS = _svg.RED, _svg.BLUE, _svg.YELLOW


@pytree
class PigState:
    """A position: besides the fields of every state, the scores.

    Attributes:
        scores: `(P,)` int16: what each player has held.
        total: `()` int16: what the turn has brought so far.
        turn: `()` int8: whose turn it is, also while the die rolls and at the end.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    scores: Array
    total: Array
    turn: Array


@dataclass(frozen=True)
class Pig(GameDefaults):
    """Roll or hold: see the module for rules, actions and observation.

    Attributes:
        target: Score that wins, 1 to 1,000.
        sides: Number of sides of the die, 2 to 20.
        players: Number of players, 2 to 10.
    """

    target: Annotated[int, Range(1, MAX_TARGET)] = 100
    sides: Annotated[int, Range(2, 20)] = 6
    players: Annotated[int, Range(2, MAX_PLAYERS)] = 2
    num_actions = 2
    has_draws = False
    max_plies = 2_000
    """Where self-play cuts: the game has no bound. Random play to 100 takes 120 decisions, seldom 180."""

    @property
    def num_players(self) -> int:
        """Number of players, P."""
        return self.players

    @property
    def num_chance_outcomes(self) -> int:
        """Number of chance outcomes, O: the sides of the die."""
        return self.sides

    def init(self, key: Array) -> PigState:
        """Nobody has a score, player 0 to decide."""
        zero = jnp.int16(0)
        return self._position(jnp.zeros(self.players, jnp.int16), zero, jnp.int8(0), jnp.bool_(False))

    def chance_probs(self, state: PigState) -> Array:
        """`(O,)` float32: each number is equally likely."""
        return jnp.full(self.sides, 1 / self.sides, jnp.float32)

    def step(self, state: PigState, action: Array) -> PigState:
        """A player rolls or holds, or the die shows a number."""
        shows = state.current_player == CHANCE
        holds, loses = ~shows & (action == HOLD), shows & (action == 0)
        own = np.arange(self.players, dtype=np.int8) == state.turn
        scores = state.scores + jnp.where(own & holds, state.total, jnp.int16(0))
        total = state.total + jnp.where(shows, action + 1, 0).astype(jnp.int16)
        won = (scores >= self.target).any()
        passes = (holds | loses) & ~won
        return self._position(
            scores=scores,
            total=jnp.where(holds | loses, jnp.int16(0), total),
            turn=jnp.where(passes, (state.turn + 1) % self.players, state.turn),
            rolls=~shows & (action == ROLL),
        )

    def _position(self, scores: Array, total: Array, turn: Array, rolls: Array) -> PigState:
        """The state in which the die `rolls`, or `turn` has won or decides."""
        won, player = (scores >= self.target).any(), turn.astype(jnp.int32)
        winner = np.arange(self.players, dtype=np.int32) == player
        prizes = jnp.where(winner, jnp.float32(1), jnp.float32(-1 / (self.players - 1)))
        edges = np.arange(max(self.num_actions, self.sides))
        enough = (scores + total >= self.target) & winner
        actions = (edges == HOLD) | ((edges == ROLL) & ~enough.any())
        return PigState(
            current_player=jnp.where(rolls, jnp.int32(CHANCE), player),
            legal_action_mask=jnp.where(rolls, edges < self.sides, actions) | won,
            rewards=jnp.where(won, prizes, jnp.float32(0)),
            terminated=won,
            scores=scores,
            total=total,
            turn=turn,
        )

    def observe(self, state: PigState, player: Array | None = None) -> Array:
        """`(P + 2,)` float32: scores from the observer's on, the turn's total, whether it is its turn."""
        turn = state.turn.astype(jnp.int32)
        player = turn if player is None else player
        scores = jnp.roll(state.scores, -player)
        numbers = jnp.concatenate([scores, state.total[None]]).astype(jnp.float32) / self.target
        return jnp.append(numbers, (player == turn).astype(jnp.float32))

    def action_to_string(self, action: int) -> str:
        """`roll` or `hold`."""
        return NAMES[int(action)]

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        return _text.parse(text, NAMES, "roll, hold")

    def outcome_to_string(self, state: PigState, outcome: int) -> str:
        """The number that the die shows."""
        return str(outcome + 1)

    def render(self, state: PigState, player: int | None = None) -> str:
        """The scores, the turn's total, and whose turn it is."""
        scores = ", ".join(f"player {number} {score}" for number, score in enumerate(state.scores.tolist()))
        return f"{scores}\n{self._status(state)}"

    def _status(self, state: PigState) -> str:
        turn = int(state.turn)
        if state.terminated:
            return f"player {turn} wins"
        does = "rolls" if state.current_player == CHANCE else "to roll or hold"
        return f"player {turn} {does}, total {state.total}"

    def render_svg(self, state: PigState, player: int | None = None) -> str:
        """A bar for each player's score, the turn's total in a lighter colour behind it."""
        edge = 24
        width, height = WIDTH + 6 * edge, (self.players + 1) * ROW
        shapes = [_svg.rect(0, 0, width, height, _svg.PAPER, radius=8)]
        for number, score in enumerate(state.scores.tolist()):
            y, total = number * ROW + edge / 2, int(state.total) if number == state.turn else 0
            shapes.append(_svg.rect(edge, y, WIDTH, ROW - edge / 2, "#ececf0", radius=6))
            colour = COLOURS[number % len(COLOURS)]
            for gain, points, shade in ((total, score + total, f"{colour}66"), (score, score, colour)):
                if gain:
                    share = min(1, points / self.target)
                    shapes.append(_svg.rect(edge, y, share * WIDTH, ROW - edge / 2, shade, radius=6))
            told = f"{score} + {total}" if total else str(score)
            shapes.append(_svg.text(WIDTH + 3 * edge, y + ROW / 2 - edge / 4, told, size=18, fill=_svg.INK))
        shapes.append(_svg.text(width / 2, height - ROW / 2, self._status(state), size=18, fill=_svg.INK))
        return _svg.document(width, height, *shapes)


GAME = Pig
GROUP = "dice games"
