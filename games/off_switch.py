"""The off-switch game: a machine may act, switch itself off, or wait for a human who knows what is good.

Rules: the machine (player 0, A) and the human (player 1, B) want the same, the utility of what the machine
would do. Chance draws it from a list; the human is told, the machine is not. The machine acts, which is worth
that utility, or switches itself off, which is worth 0, or waits. Then the human lets it act or switches it
off. With probability `error` the human's decision comes out as the other one. A machine that is not sure what
is good loses nothing by waiting for a human who never errs: it gains what the human spares it.

Actions (3). The machine has all of them, the human the first two.

| Action | Move                              | Written |
|--------|-----------------------------------|---------|
| 0      | to act, or to let the machine act | `act`   |
| 1      | to switch the machine off         | `off`   |
| 2      | to leave it to the human          | `wait`  |

Chance outcomes (K = 4, at least 2): the utility, written `worth -2`; then whether the human errs, 0 or 1, if
it may, written `as meant`, `error`.

Observation: `(2 + K + 3 + 2,)` float32, `(11,)` unless told otherwise.

| Entries | 1 where                                                 |
|---------|---------------------------------------------------------|
| 2       | the observer has this seat                              |
| K       | the utility is this one, which the human alone observes |
| 3       | the machine did this                                    |
| 2       | the human did this                                      |

Rewards, at the end: the utility to both if the machine has acted, else 0.

Source: Hadfield-Menell et al., The off-switch game, IJCAI 2017, https://arxiv.org/abs/1611.08219
"""

from dataclasses import dataclass
from typing import Annotated

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError, quoted
from jaxplay.game import CHANCE
from jaxplay.games import _text
from jaxplay.games._hidden import HiddenGame, flat, numbers, one_hot, status
from jaxplay.games._table import HIDDEN, Seat, as_svg, as_text
from jaxplay.struct import pytree
from jaxplay.typed import Range

ACT, OFF, WAIT = range(3)
ACTIONS = ("act", "off", "wait")
MOST = 100
"""Utilities at most."""


@pytree
class OffSwitchState:
    """A position: besides the fields of every state, what was drawn and done; -1 is what is to come.

    Attributes:
        utility: `()` int8: which of the utilities it is.
        machine: `()` int8: what the machine did.
        human: `()` int8: what the human did.
        error: `()` int8: whether that came out as the other one.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    utility: Array
    machine: Array
    human: Array
    error: Array


@dataclass(frozen=True)
class OffSwitch(HiddenGame):
    """The off-switch game: see the module for rules, actions and observation.

    Attributes:
        utilities: What acting may be worth, K numbers with `;` between them.
        weights: How likely each of these is, numbers with `;` between them, in proportion.
        error: The probability that the human's decision comes out as the other one, 0 to 1.
    """

    utilities: str = "-2;-1;1;3"
    weights: str = "1;1;1;1"
    error: Annotated[float, Range(0, 1)] = 0.0
    num_players = 2
    num_actions = 3
    max_plies = 2
    zero_sum = False
    teams = (0, 0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.num_utilities <= MOST:
            raise UserError(f"off_switch: {self.num_utilities} utilities; allowed: 1 to {MOST}")
        weights = numbers("off_switch", "weights", self.weights, self.num_utilities)
        if (weights < 0).any() or not weights.any() or not self.amounts.size:
            raise UserError(f"off_switch: weights={quoted(self.weights)}; allowed: from 0, not all of them 0")

    @property
    def num_utilities(self) -> int:
        """Number of utilities, K."""
        return self.utilities.count(";") + 1

    @property
    def amounts(self) -> np.ndarray:
        """`(K,)` float32: the utilities."""
        return numbers("off_switch", "utilities", self.utilities, self.num_utilities)

    @property
    def prior(self) -> np.ndarray:
        """`(K,)` float32: how likely each utility is."""
        weights = numbers("off_switch", "weights", self.weights, self.num_utilities).astype(np.float64)
        return (weights / weights.sum()).astype(np.float32)

    @property
    def num_chance_outcomes(self) -> int:
        """Number of chance outcomes: utilities; whether the human errs."""
        return max(self.num_utilities, 2)

    @property
    def min_return(self) -> float:
        """The least utility, or nothing."""
        return min(float(self.amounts.min()), 0.0)

    @property
    def max_return(self) -> float:
        """The greatest utility, or nothing."""
        return max(float(self.amounts.max()), 0.0)

    def init(self, key: Array) -> OffSwitchState:
        """The state before the utility is drawn."""
        nothing = jnp.int8(-1)
        return self._state(nothing, nothing, nothing, nothing)

    def step(self, state: OffSwitchState, action: Array) -> OffSwitchState:
        """Chance draws the utility or the error, or a player decides."""
        drawn, number = (state.current_player == CHANCE), action.astype(jnp.int8)
        first = drawn & (state.utility < 0)
        return self._state(
            jnp.where(first, number, state.utility),
            jnp.where(state.current_player == 0, number, state.machine),
            jnp.where(state.current_player == 1, number, state.human),
            jnp.where(drawn & ~first, number, state.error),
        )

    def _state(self, utility: Array, machine: Array, human: Array, error: Array) -> OffSwitchState:
        errs = (human >= 0) & (error < 0) & (self.error > 0)
        ended = (machine == ACT) | (machine == OFF) | ((human >= 0) & ~errs)
        chance, asked = (utility < 0) | errs, machine == WAIT
        acts = jnp.where(asked, (human == ACT) ^ (error == 1), machine == ACT)
        chosen = one_hot(utility, self.num_utilities)
        paid = (chosen * jnp.asarray(self.amounts)).sum() * (acts & ended).astype(jnp.float32)
        edges = np.arange(max(self.num_actions, self.num_chance_outcomes))
        deciding = edges < jnp.where(asked, 2, 3)
        outcomes = jnp.where(errs, self._errors(edges), self._utilities(edges))
        return OffSwitchState(
            current_player=jnp.where(chance & ~ended, CHANCE, asked.astype(jnp.int32)),
            legal_action_mask=jnp.where(chance, outcomes, deciding) | ended,
            rewards=jnp.broadcast_to(paid, 2),
            terminated=ended,
            utility=utility,
            machine=machine,
            human=human,
            error=error,
        )

    def _utilities(self, edges: np.ndarray) -> np.ndarray:
        """Which of the outcomes `edges` are utilities that can be drawn."""
        possible = np.zeros(edges.size, bool)
        possible[: self.num_utilities] = self.prior > 0
        return possible

    def _errors(self, edges: np.ndarray) -> np.ndarray:
        """Which of the outcomes `edges` tell whether the human errs."""
        return (edges < 2) & ((edges > 0) | (self.error < 1))

    def chance_probs(self, state: OffSwitchState) -> Array:
        """`(max(K, 2),)` float32: the prior, or the odds of an error."""
        prior, odds = np.zeros((2, self.num_chance_outcomes), np.float32)
        prior[: self.num_utilities], odds[:2] = self.prior, (1 - self.error, self.error)
        return jnp.where(state.utility < 0, prior, odds)

    def observe(self, state: OffSwitchState, player: Array | None = None) -> Array:
        """`(2 + K + 3 + 2,)` float32: the table in the module."""
        seat = self.seat(state, player)
        utility = one_hot(jnp.where(seat == 1, state.utility, jnp.int8(-1)), self.num_utilities)
        return flat(one_hot(seat, 2), utility, one_hot(state.machine, 3), one_hot(state.human, 2))

    def action_to_string(self, action: int) -> str:
        """`act`, `off` or `wait`."""
        return ACTIONS[action]

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        return _text.parse(text, ACTIONS, ", ".join(ACTIONS))

    def outcome_to_string(self, state: OffSwitchState, outcome: int) -> str:
        """The utility, such as `worth -2 (1)`, the first being 1; or `as meant`, `error`."""
        if state.utility < 0:
            return f"worth {self.amounts[outcome]:g} ({outcome + 1})"
        return ("as meant", "error")[outcome]

    def render(self, state: OffSwitchState, player: int | None = None) -> str:
        """The machine and the human with what they did, and the utility as far as `player` may know."""
        return as_text(self._seats(state, player), [self._status(state)])

    def render_svg(self, state: OffSwitchState, player: int | None = None) -> str:
        """The machine and the human side by side; the human has the utility."""
        return as_svg(self._seats(state, player), [self._status(state)])

    def _status(self, state: OffSwitchState) -> str:
        earned = self._state(state.utility, state.machine, state.human, state.error).rewards
        return status(state, earned)

    def _seats(self, state: OffSwitchState, player: int | None) -> list[Seat]:
        """The machine without a card, the human with the utility as its card."""
        active, drawn = -1 if state.terminated else int(state.current_player), int(state.utility)
        name = f"{self.amounts[drawn]:g} ({drawn + 1})" if drawn >= 0 else ""
        seen = drawn < 0 or state.terminated or player in (None, 1)
        did = ["machine"], ["human"]
        for notes, action in zip(did, (state.machine, state.human), strict=True):
            notes.extend([ACTIONS[int(action)]] if action >= 0 else [])
        if int(state.error) == 1:
            did[1].append("by error the other")
        return [Seat("", did[0], active == 0), Seat(name if seen else HIDDEN, did[1], active == 1)]


GAME = OffSwitch
GROUP = "bargaining and cooperation"
