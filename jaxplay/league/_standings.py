"""The facts that matchmaking and promotion see: N = L + C players, the L learners first."""

from collections.abc import Sequence

import jax.numpy as jnp
from jax import Array

from jaxplay.league.payoff import Payoff, advantage, num_games, score
from jaxplay.league.population import MAIN_AGENT, Population
from jaxplay.struct import pytree, static

NOW = 2**31 - 1
"""Learners are younger than every frozen player."""


@pytree
class Standings:
    """Facts about all players.

    Attributes:
        score: `(N, N)` float32, the row player's share of the points; 0.5 where `games` is 0.
        games: `(N, N)` float32, the weight of the games behind the score; 0 where two have not met.
        advantage: `(N, N)` float32, antisymmetric: what the row player earns in the mean; 0 where `games`
            is 0.
        present: `(N,)` bool, False for empty slots.
        frozen: `(N,)` bool, True for frozen players, which are present and no learners.
        kind: `(N,)` int32, see `jaxplay.league.population`.
        parent: `(N,)` int32, the learner of which a frozen player is a copy; a learner's own index.
        born: `(N,)` int32, the league's step at which it was frozen; `NOW` for learners.
        num_learners: L, the number of learners.
    """

    score: Array
    games: Array
    advantage: Array
    present: Array
    frozen: Array
    kind: Array
    parent: Array
    born: Array
    num_learners: int = static()

    @property
    def main_agents(self) -> Array:
        """`(N,)` bool: learners that are main agents."""
        return self.present & ~self.frozen & (self.kind == MAIN_AGENT)

    def copies(self, learner: Array | int) -> Array:
        """`(N,)` bool: frozen copies of a learner."""
        return self.frozen & (self.parent == learner)


def standings(payoff: Payoff, population: Population, kinds: Sequence[int]) -> Standings:
    """The facts about a league.

    Args:
        payoff: the games of N players.
        population: the C slots for frozen players.
        kinds: the kind of each of the L learners.
    """
    learner = jnp.arange(len(kinds), dtype=jnp.int32)

    def join(learners: Array, slots: Array) -> Array:
        return jnp.concatenate([learners, slots])

    return Standings(
        score=score(payoff),
        games=num_games(payoff),
        advantage=advantage(payoff),
        present=join(learner >= 0, population.present),
        frozen=join(learner < 0, population.present),
        kind=join(jnp.array(kinds, jnp.int32), population.kind),
        parent=join(learner, population.parent),
        born=join(jnp.full_like(learner, NOW), population.born),
        num_learners=len(kinds),
    )
