"""Lewis's signaling game: a sender and a receiver give meaning to words.

Rules: the world is in one of S states, all as likely. The sender, player 0 (A), sees it and says one of M
words, which mean nothing by themselves. The receiver, player 1 (B), hears the word and does one of S acts.
Both earn the payoff of that act in that state: 1 if it is the right one, that is the one with the state's
number, else 0, unless told otherwise.

Actions (max(S, M) = 3), as in OpenSpiel.

| Action     | Move                       | Written       |
|------------|----------------------------|---------------|
| 0 to M - 1 | player 0: to say this word | `0`, `1`, `2` |
| 0 to S - 1 | player 1: to do this act   | `0`, `1`, `2` |

Chance outcomes (S = 3): the state of the world, written `world 0`.

Observation: `(2 + S + M,)` float32, `(8,)` unless told otherwise.

| Entries | 1 where                                                   |
|---------|-----------------------------------------------------------|
| 2       | the observer has this seat                                |
| S       | the world is in this state, and the observer is the sender |
| M       | this word was said                                        |

Rewards: the payoff to both, after the act.

Symmetries (min(S, M), with the usual payoffs): states, words and acts are numbered in a circle, so that all
of them may move on by as much.

Source: David Lewis, Convention: a philosophical study, 1969;
https://en.wikipedia.org/wiki/Lewis_signaling_game
"""

from dataclasses import dataclass
from typing import Annotated

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import CHANCE
from jaxplay.games import _svg
from jaxplay.games._hidden import HiddenGame, flat, numbers, one_hot, status
from jaxplay.struct import pytree, replace
from jaxplay.typed import Range

COLOURS = (_svg.RED, _svg.BLUE, _svg.YELLOW, "#3aa76d", "#9b5de5", "#f3722c")
"""Colours of states, words and acts, by number."""


@pytree
class SignalingState:
    """A position: besides the fields of every state, what has happened.

    Attributes:
        events: `(3,)` int8: the state of the world, the word and the act; -1 where they are to come.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    events: Array


@dataclass(frozen=True)
class LewisSignaling(HiddenGame):
    """Lewis's signaling game: see the module for rules, actions and observation.

    Attributes:
        states: Number of states of the world and of acts, S, 1 to 100.
        messages: Number of words, M, 1 to 100.
        payoffs: S x S payoffs with `;` between them, those of the first state first; empty for 1 for the
            right act and 0 for all others.
    """

    states: Annotated[int, Range(1, 100)] = 3
    messages: Annotated[int, Range(1, 100)] = 3
    payoffs: str = ""
    zero_sum = False
    max_plies = 2
    teams = (0, 0)

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.table

    @property
    def table(self) -> np.ndarray:
        """`(S S,)` float32: the payoff of each act in each state."""
        if self.payoffs:
            return numbers("lewis_signaling", "payoffs", self.payoffs, self.states**2)
        return np.eye(self.states, dtype=np.float32).reshape(-1)

    @property
    def num_actions(self) -> int:
        """Number of actions, A: words or acts, whichever are more."""
        return max(self.states, self.messages)

    @property
    def num_chance_outcomes(self) -> int:
        """Number of chance outcomes, S: the states of the world."""
        return self.states

    @property
    def min_return(self) -> float:
        """The least payoff of the table."""
        return float(self.table.min())

    @property
    def max_return(self) -> float:
        """The greatest payoff of the table."""
        return float(self.table.max())

    def init(self, key: Array) -> SignalingState:
        """The state of the game before the world has one."""
        return self._state(jnp.full(3, -1, jnp.int8))

    def step(self, state: SignalingState, action: Array) -> SignalingState:
        """The world, the sender or the receiver moves."""
        now = np.arange(3) == state.current_player + 1
        return self._state(jnp.where(now, action.astype(jnp.int8), state.events))

    @property
    def num_symmetries(self) -> int:
        """One for each number that is a state and a word; a table of one's own has none but the identity."""
        return 1 if self.payoffs else min(self.states, self.messages)

    @property
    def action_permutation(self) -> np.ndarray:
        """`(num_symmetries, A)` int32: the numbers that are a state and a word, moved on."""
        numbers, circle = np.arange(self.num_actions), min(self.states, self.messages)
        moved = (numbers + np.arange(self.num_symmetries)[:, None]) % circle
        return np.where(numbers < circle, moved, numbers).astype(np.int32)

    def symmetry(self, state: SignalingState, index: Array) -> SignalingState:
        """State, word and act moved on by `index`."""
        numbers = jnp.asarray(self.action_permutation.astype(np.int8))[index]
        events = jnp.where(state.events >= 0, numbers[state.events], state.events)
        return replace(self._state(events), rewards=state.rewards)

    def _state(self, events: Array) -> SignalingState:
        count, ended = (events >= 0).sum(), events[2] >= 0
        choices = jnp.where(count == 1, self.messages, self.states)
        return SignalingState(
            current_player=jnp.where(ended, 0, count + CHANCE),
            legal_action_mask=(jnp.arange(self.num_actions) < choices) | ended,
            rewards=jnp.where(ended, self._earned(events), jnp.float32(0)),
            terminated=ended,
            events=events,
        )

    def _earned(self, events: Array) -> Array:
        """`(2,)` float32: the payoff, to both."""
        place = events[0].astype(jnp.int32) * self.states + events[2].astype(jnp.int32)
        return jnp.broadcast_to(jnp.asarray(self.table)[place], 2)

    def chance_probs(self, state: SignalingState) -> Array:
        """`(S,)` float32: every state is as likely."""
        return jnp.full(self.states, 1 / self.states, jnp.float32)

    def observe(self, state: SignalingState, player: Array | None = None) -> Array:
        """`(2 + S + M,)` float32: seat, the state for the sender, the word."""
        seat = self.seat(state, player)
        world = one_hot(jnp.where(seat == 0, state.events[0], jnp.int8(-1)), self.states)
        return flat(one_hot(seat, 2), world, one_hot(state.events[1], self.messages))

    def outcome_to_string(self, state: SignalingState, outcome: int) -> str:
        """The state of the world, such as `world 2`."""
        return f"world {outcome}"

    def render(self, state: SignalingState, player: int | None = None) -> str:
        """World, word and act, and whose turn it is."""
        parts = zip(("world", "word", "act"), self._shown(state, player), strict=True)
        return "\n".join([*(f"{name:6}{number or '-'}" for name, number in parts), self._status(state)])

    def render_svg(self, state: SignalingState, player: int | None = None) -> str:
        """World, word and act as coloured discs from left to right."""
        shapes = [_svg.rect(0, 0, 420, 170, _svg.PAPER, radius=16)]
        for i, (name, number) in enumerate(
            zip(("world", "A says", "B does"), self._shown(state, player), strict=True)
        ):
            x = 75 + 135 * i
            known = number.isdecimal()
            fill = COLOURS[int(number) % len(COLOURS)] if known else "#0002"
            shapes.append(_svg.text(x, 28, name, size=16, fill=_svg.INK))
            shapes.append(_svg.circle(x, 82, 34, fill))
            shapes.append(_svg.text(x, 82, number, size=26, fill=_svg.PAPER if known else _svg.INK))
            if i:
                shapes.append(_svg.line(x - 92, 82, x - 44, 82, _svg.GREY, width=3))
        return _svg.document(420, 170, *shapes, _svg.text(210, 146, self._status(state), fill=_svg.INK))

    def _status(self, state: SignalingState) -> str:
        return status(state, self._earned(state.events))

    def _shown(self, state: SignalingState, player: int | None) -> list[str]:
        """World, word and act as `player` sees them: `?` for what is hidden, empty for what is to come."""
        shown = [str(event) if event >= 0 else "" for event in np.asarray(state.events)]
        if player == 1 and shown[0] and not state.terminated:
            shown[0] = "?"
        return shown


GAME = LewisSignaling
GROUP = "bargaining and cooperation"
