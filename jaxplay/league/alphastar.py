"""The matchmaking of AlphaStar's three kinds of learners (Vinyals et al. 2019, and its pseudocode)."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.league._standings import Standings
from jaxplay.league.matchmaking import (
    Matchmaker,
    capped,
    hard,
    one_hot,
    or_self,
    pfsp,
    prioritized,
    stateless,
    variance,
)
from jaxplay.league.population import MAIN_EXPLOITER


def main_agent(
    *,
    league: float = 0.5,
    verification: float = 0.15,
    exploited: float = 0.3,
    forgotten_below: float = 0.7,
    too_strong: float = 0.3,
) -> Matchmaker:
    """The matchmaker of main agents: half of the matches against frozen players, half about main agents.

    Each of the latter is about a main agent that is sampled uniformly. Some are for verification:
    against copies of main exploiters if one of them beats the learner, else against copies of the sampled
    agent that the learner has forgotten how to beat, if there are any. All others are self-play against
    the sampled agent; if that is too strong, against its copies.

    Args:
        league: the share of matches against all frozen players, the hard ones preferred.
        verification: the share of matches for verification.
        exploited: an exploiter beats the learner where the learner's score is below this.
        forgotten_below: copies are verified (see `forgotten`) where the least score is below this.
        too_strong: an opponent is too strong where the learner's score is not above this.
    """

    def opponents(standings: Standings, learner: Array) -> Array:
        x, frozen = standings.score[learner], standings.frozen
        exploiters = frozen & (standings.kind == MAIN_EXPLOITER)
        caught = _least(x, exploiters) < exploited

        def against(agent: Array) -> Array:
            copies = standings.copies(agent)
            weak = forgotten(x, standings.born, copies)
            play = _self_play(standings, x, agent, too_strong)
            check = jnp.where(_least(x, weak) < forgotten_below, pfsp(x, weak, hard()), play)
            check = jnp.where(caught, pfsp(x, exploiters, hard()), check)
            return verification * check + (1.0 - league - verification) * play

        rest = _over_main_agents(standings, against)
        return league * or_self(pfsp(x, frozen, hard()), learner) + rest

    return stateless(opponents)


def main_exploiter(*, too_strong: float = 0.2) -> Matchmaker:
    """The matchmaker of main exploiters: a main agent; if that is too strong, its copies of like strength.

    The main agent is sampled uniformly.

    Args:
        too_strong: as in `main_agent`. The paper has 0.2, its pseudocode 0.1.
    """

    def opponents(standings: Standings, learner: Array) -> Array:
        x = standings.score[learner]
        probs = _over_main_agents(standings, lambda agent: _self_play(standings, x, agent, too_strong))
        return or_self(probs, learner)

    return stateless(opponents)


def league_exploiter() -> Matchmaker:
    """The matchmaker of league exploiters: all frozen players, those preferred that it beats rarely."""
    return prioritized(capped)


def forgotten(score: Array, born: Array, candidates: Array) -> Array:
    """`(N,)` bool: copies that the learner may have forgotten how to beat.

    A learner that forgets nothing beats older copies more often than newer ones. From the newest copy
    back to where the score first fails to rise with age, all is well; what is left is to be checked.

    Args:
        score: `(N,)` shares of the points of the learner against each player.
        born: `(N,)` int32, when each was frozen; ties are in the order of the players.
        candidates: `(N,)` bool, the copies of one learner.
    """
    position = jnp.arange(score.shape[0])
    order = jnp.lexsort((born, ~candidates))  # candidates first, oldest first
    x, exists = score[order], candidates[order]
    fails = exists & (position > 0) & (jnp.roll(x, 1) < x)
    kept = position <= jnp.max(jnp.where(fails, position, -1))
    return jnp.zeros_like(candidates).at[order].set(kept)


def _self_play(standings: Standings, score: Array, agent: Array, too_strong: float) -> Array:
    """`(N,)`: probability one for `agent`, or its copies if it is too strong and has any."""
    copies = pfsp(score, standings.copies(agent), variance)
    return jnp.where(score[agent] > too_strong, one_hot(agent, score.shape[0]), or_self(copies, agent))


def _over_main_agents(standings: Standings, against: Callable[[Array], Array]) -> Array:
    """`(N,)`: the mean of `against(agent)` over all main agents; all zero without any."""
    each = jax.vmap(against)(jnp.arange(standings.num_learners))
    agents = standings.main_agents[: standings.num_learners]
    return agents.astype(jnp.float32) @ each / jnp.maximum(agents.sum(), 1)


def _least(score: Array, candidates: Array) -> Array:
    """`()`: the least score against candidates; inf without any."""
    return jnp.min(jnp.where(candidates, score, jnp.inf))
