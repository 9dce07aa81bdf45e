"""When a learner is frozen, and what it starts from afterwards.

AlphaStar freezes a learner that beats all its targets more often than 70 %, or when its time is out. A
win rate of 0.7 measured in a hundred games is certain to a tenth only, and the least of many such rates
to less. So here a lower confidence bound must be above the threshold, over a least number of games.
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.league._standings import Standings
from jaxplay.league.payoff import DECAY, effective_games, lower_bound
from jaxplay.league.population import LEAGUE_EXPLOITER, MAIN_AGENT, MAIN_EXPLOITER


@dataclass(frozen=True)
class Role:
    """When one learner is frozen, and what it starts from afterwards.

    Attributes:
        kind: the kind of learner, see `jaxplay.league.KINDS`. Main exploiters must beat the main agents, all
            others the frozen players.
        min_steps: steps of the league before it may be frozen.
        max_steps: steps of the league after which it is frozen, whatever it wins.
        threshold: the share of the points that it must win to be frozen sooner.
        confidence: the certainty that the true share is above the threshold, one-sided; 0.5 asks for none.
        min_games: the least number of effective games with each target.
        measure: `each` if every target must be beaten, `mean` if all must be beaten in the mean.
        reset: the probability to start anew once frozen.
        adaptive: start anew from the frozen player of the same kind that the main agents can learn most
            from (see `restart`), instead of from the agent that has learned nothing.
        warm: start anew from the newest copy of a main agent where nothing else is found.
    """

    kind: int
    min_steps: int
    max_steps: int
    threshold: float = 0.7
    confidence: float = 0.95
    min_games: float = 20.0
    measure: Literal["each", "mean"] = "each"
    reset: float = 0.0
    adaptive: bool = False
    warm: bool = False


RESETS = {MAIN_AGENT: 0.0, MAIN_EXPLOITER: 1.0, LEAGUE_EXPLOITER: 0.25}
"""AlphaStar's probabilities to start anew, by kind."""


def alphastar_role(kind: int, min_steps: int, max_steps: int, *, confidence: float = 0.95) -> Role:
    """The role of AlphaStar's pseudocode, and a confidence.

    Args:
        kind: `MAIN_AGENT`, `MAIN_EXPLOITER` or `LEAGUE_EXPLOITER`.
        min_steps: see `Role`. AlphaStar has 2e9 frames.
        max_steps: see `Role`. AlphaStar has 4e9 frames.
        confidence: see `Role`. AlphaStar has 0.5, with `min_games` 0.
    """
    return Role(kind, min_steps, max_steps, confidence=confidence, reset=RESETS[kind])


def targets(role: Role, standings: Standings) -> Array:
    """`(N,)` bool: the players that a learner of this role must beat."""
    return standings.main_agents if role.kind == MAIN_EXPLOITER else standings.frozen


def beats(role: Role, standings: Standings, learner: int, decay: float = DECAY) -> Array:
    """`()` bool: whether it is certain enough that the learner beats its targets; False without targets.

    Args:
        role: the learner's role.
        standings: the facts about the league.
        learner: its index.
        decay: the decay of the payoff table.
    """
    goal = targets(role, standings) & (jnp.arange(standings.present.shape[0]) != learner)
    score = standings.score[learner]
    games = effective_games(standings.games[learner], decay)
    known = ~goal | (games >= role.min_games)
    if role.measure == "each":
        low = jnp.min(jnp.where(goal, lower_bound(score, games, role.confidence), jnp.inf))
    else:
        low = _mean_bound(score, games, goal, role.confidence)
    return goal.any() & known.all() & (low > role.threshold)


def ready(role: Role, standings: Standings, learner: int, since: Array, decay: float = DECAY) -> Array:
    """`()` bool: whether the learner is to be frozen.

    Args:
        role: the learner's role.
        standings: the facts about the league.
        learner: its index.
        since: `()` int32, steps since it was frozen or started.
        decay: the decay of the payoff table.
    """
    won = beats(role, standings, learner, decay)
    return (since >= role.min_steps) & (won | (since >= role.max_steps))


def resets(role: Role, key: Array) -> Array:
    """`()` bool: whether a learner that was frozen starts anew, at random."""
    return jax.random.uniform(key) < role.reset


def restart(role: Role, standings: Standings) -> Array:
    """`()` int32: the slot that a learner of this role starts anew from.

    This is slot 0, the agent that has learned nothing; of a warm role the newest copy of a main agent, if
    there is one. If the role is adaptive, it is the frozen player of the same kind whose score against the
    main agents is nearest to one half, of the scores in [0.2, 0.5] that `min_games` stand behind, if there
    is one (the adaptive evolutionary exploiter of Han et al. 2020).
    """
    first = jnp.int32(0)
    if role.warm:
        copies = standings.frozen & (standings.kind == MAIN_AGENT)
        last = jnp.argmax(jnp.where(copies, standings.born, -1)) - standings.num_learners
        first = jnp.where(copies.any(), last, 0).astype(jnp.int32)
    if not role.adaptive:
        return first
    agents = standings.main_agents.astype(jnp.float32)
    score = standings.score @ agents / jnp.maximum(agents.sum(), 1.0)
    known = standings.games @ agents >= role.min_games
    fits = standings.frozen & (standings.kind == role.kind) & known & (score >= 0.2) & (score <= 0.5)
    nearest = jnp.argmax(jnp.where(fits, score, -1.0)) - standings.num_learners
    return jnp.where(fits.any(), nearest, first).astype(jnp.int32)


def _mean_bound(score: Array, games: Array, goal: Array, confidence: float) -> Array:
    """`()`: the lower bound of the mean score over `goal`, with the variances of Agresti and Coull (1998)."""
    z = NormalDist().inv_cdf(confidence)
    trials = games + z * z
    share = (score * games + z * z / 2) / jnp.maximum(trials, 1e-6)
    spread = jnp.where(goal, share * (1.0 - share) / jnp.maximum(trials, 1e-6), 0.0)
    count = jnp.maximum(goal.sum(), 1)
    return jnp.where(goal, score, 0.0).sum() / count - z * jnp.sqrt(spread.sum()) / count
