"""A league of learners and one frozen player who never changes: what an exploiter plays in."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.league._standings import Standings, standings
from jaxplay.league.cycle import Changes, League, LeagueState
from jaxplay.league.payoff import Payoff, new_payoff
from jaxplay.league.population import MAIN_EXPLOITER, new_population
from jaxplay.struct import replace

OPPONENT = 1
"""The frozen player's number among all players; the learner is 0."""


def fixed_league() -> League:
    """A learner who meets one frozen player only; nobody is frozen, and all games are remembered."""

    def init(params: Any) -> LeagueState:
        one = jnp.zeros((1,), jnp.int32)
        return LeagueState(new_population(params, 1), new_payoff(2), one, one, (), jnp.int32(0))

    def opponents(state: LeagueState) -> Array:
        return jnp.array([[0.0, 1.0]], jnp.float32)

    def advance(
        state: LeagueState,
        fresh: Payoff,
        params: Sequence[Any],
        key: Array,
        learned: Array | None = None,
    ) -> tuple[LeagueState, Changes]:
        none, nobody = jnp.array([1], jnp.int32), jnp.zeros((1,), bool)
        payoff = jax.tree.map(jnp.add, state.payoff, fresh)
        state = replace(state, payoff=payoff, since=state.since + 1, step=state.step + 1)
        return state, Changes(none, nobody, nobody, jnp.zeros((1,), jnp.int32))

    def look(state: LeagueState) -> Standings:
        return standings(state.payoff, state.population, [MAIN_EXPLOITER])

    return League(init, opponents, advance, look)
