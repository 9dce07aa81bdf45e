"""A small game of Sheriff, for correlated play: a smuggler who may bribe, a sheriff who may search.

The smuggler loads up to `cargo` illegal things, unseen. In each of `rounds` rounds it offers a bribe, and the
sheriff says whether it would let the smuggler pass for that; only the last round counts. Without a search the
smuggler earns `value` for each thing, less the bribe, which the sheriff earns. A search that finds things
costs the smuggler `penalty` for each, which the sheriff earns; one that finds nothing costs the sheriff
`apology`, which the smuggler earns.

Source: Farina et al., Correlation in extensive-form games: saddle-point formulation and benchmarks, 2019,
https://arxiv.org/abs/1905.12564.
"""

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
from jax import Array

from jaxplay.game import GameDefaults
from jaxplay.struct import pytree

INSPECT, PASS = 0, 1


@pytree
class SheriffState:
    """A position.

    Attributes:
        cargo: `()` int32, things loaded; -1 before.
        bribes: `(rounds,)` int32; -1 where none was offered yet.
        answers: `(rounds,)` int32: `INSPECT` or `PASS`; -1 before.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    cargo: Array
    bribes: Array
    answers: Array


@dataclass(frozen=True)
class Sheriff(GameDefaults):
    """The game; see the module.

    Attributes:
        most_cargo: the most things.
        most_bribe: the largest bribe.
        rounds: of bribes and answers.
        value: of a thing to the smuggler.
        penalty: for a thing that is found.
        apology: for a search that finds nothing.
    """

    most_cargo: int = 2
    most_bribe: int = 2
    rounds: int = 2
    value: float = 5.0
    penalty: float = 1.0
    apology: float = 1.0

    num_players = 2
    perfect_information = False
    zero_sum = False

    @property
    def num_actions(self) -> int:
        """Of whoever has most."""
        return max(self.most_cargo, self.most_bribe, 1) + 1

    @property
    def max_plies(self) -> int:
        """Loading, then a bribe and an answer in each round."""
        return 1 + 2 * self.rounds

    @property
    def max_return(self) -> float:
        """Of a smuggler with all things, or a sheriff who finds them."""
        return max(self.value, self.penalty) * self.most_cargo + self.most_bribe + self.apology

    @property
    def min_return(self) -> float:
        """Of whoever pays for all that."""
        return -self.max_return

    def init(self, key: Array | None = None) -> SheriffState:
        """Nothing is loaded."""
        none = jnp.full(self.rounds, -1, jnp.int32)
        return self._state(jnp.int32(-1), none, none)

    def step(self, state: SheriffState, action: Array) -> SheriffState:
        """Load, bribe or answer."""
        loading, action = state.cargo < 0, action.astype(jnp.int32)
        cargo = jnp.where(loading, action, state.cargo)
        number = (state.answers >= 0).sum()
        here = jnp.arange(self.rounds) == number
        bribing = ~loading & ((state.bribes >= 0).sum() == number)
        answering = ~loading & ~bribing
        bribes = jnp.where(here & bribing, action, state.bribes)
        answers = jnp.where(here & answering, action, state.answers)
        return self._state(cargo, bribes, answers)

    def observe(self, state: SheriffState, player: Array | None = None) -> Array:
        """`(3 + 2 rounds,)` float32: the seat, the cargo (the smuggler's alone), bribes and answers."""
        seat = jnp.maximum(state.current_player if player is None else player, 0)
        cargo = jnp.where(seat == 0, state.cargo, -1)
        parts = [jnp.stack([seat == 0, seat == 1]), cargo[None], state.bribes, state.answers]
        return jnp.concatenate([part.astype(jnp.float32) for part in parts])

    def _state(self, cargo: Array, bribes: Array, answers: Array) -> SheriffState:
        loading, offered, answered = cargo < 0, (bribes >= 0).sum(), (answers >= 0).sum()
        ended = answered == self.rounds
        sheriff = ~loading & (offered > answered)
        choices = jnp.where(loading, self.most_cargo + 1, jnp.where(sheriff, 2, self.most_bribe + 1))
        return SheriffState(
            current_player=sheriff.astype(jnp.int32),
            legal_action_mask=(jnp.arange(self.num_actions) < choices) | ended,
            rewards=jnp.where(ended, self._paid(cargo, bribes[-1], answers[-1]), 0.0),
            terminated=ended,
            cargo=cargo,
            bribes=bribes,
            answers=answers,
        )

    def _paid(self, cargo: Array, bribe: Array, answer: Array) -> Array:
        """`(2,)` float32: what smuggler and sheriff earn."""
        things, bribed = cargo.astype(jnp.float32), bribe.astype(jnp.float32)
        passed = jnp.stack([self.value * things - bribed, bribed])
        found = self.penalty * things * jnp.array([-1.0, 1.0])
        sorry = self.apology * jnp.array([1.0, -1.0])
        searched: Any = jnp.where(cargo > 0, found, sorry)
        return jnp.where(answer == PASS, passed, searched)
