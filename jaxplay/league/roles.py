"""When a learner is frozen, and what it starts from afterwards.

AlphaStar freezes a learner that beats all its targets more often than 70 %, or when its time is out; a
win rate of 0.7 measured in a hundred games is certain to a tenth only, and the least of many such rates
to less. So here a lower confidence bound must be above the threshold, over a least number of games.
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.league.payoff import DECAY, effective_games, lower_bound
from jaxplay.league.population import LEAGUE_EXPLOITER, MAIN_AGENT, MAIN_EXPLOITER
from jaxplay.league.standings import Standings


@dataclass(frozen=True)
class Role:
    """The rules of one learner.

    Attributes:
        kind: see `jaxplay.league.population`. Main exploiters must beat the main agents, the others all
            frozen players.
        min_steps: of the league before it may be frozen.
        max_steps: of the league after which it is frozen, whatever it wins.
        threshold: share of the points to be won.
        confidence: that the true share is above it, one-sided; 0.5 asks for no certainty.
        min_games: effective games with each target.
        measure: every target must be beaten ("each"), or their mean.
        reset: chance to start anew once frozen.
        adaptive: start anew from the frozen player of the same kind that the main agents can learn most
            from (see `restart`), instead of from the agent that has learned nothing.
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


RESETS = {MAIN_AGENT: 0.0, MAIN_EXPLOITER: 1.0, LEAGUE_EXPLOITER: 0.25}
"""AlphaStar's chances to start anew."""


def alphastar_role(kind: int, min_steps: int, max_steps: int, *, confidence: float = 0.95) -> Role:
    """The rules of AlphaStar's pseudocode, and a confidence.

    Args:
        kind: `MAIN_AGENT`, `MAIN_EXPLOITER` or `LEAGUE_EXPLOITER`.
        min_steps: see `Role`; there 2e9 frames.
        max_steps: see `Role`; there 4e9 frames.
        confidence: see `Role`; there 0.5, with `min_games` 0.
    """
    return Role(kind, min_steps, max_steps, confidence=confidence, reset=RESETS[kind])


def targets(role: Role, standings: Standings) -> Array:
    """`(N,)` bool: whom a learner of this role must beat."""
    return standings.main_agents if role.kind == MAIN_EXPLOITER else standings.frozen


def beats(role: Role, standings: Standings, learner: int, decay: float = DECAY) -> Array:
    """`()` bool: the learner is sure enough to beat its targets. Nobody is beaten by default.

    Args:
        role: of the learner.
        standings: with scores of both.
        learner: its index.
        decay: of the payoff table.
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
    """`()` bool: the learner is to be frozen.

    Args:
        role: of the learner.
        standings: see `beats`.
        learner: see `beats`.
        since: `()` int32, steps since it was frozen or started.
        decay: see `beats`.
    """
    won = beats(role, standings, learner, decay)
    return (since >= role.min_steps) & (won | (since >= role.max_steps))


def resets(role: Role, key: Array) -> Array:
    """`()` bool: a learner that was frozen starts anew."""
    return jax.random.uniform(key) < role.reset


def restart(role: Role, standings: Standings) -> Array:
    """`()` int32: the slot that a learner of this role starts anew from.

    Slot 0, which has learned nothing; or if the role is adaptive, the frozen player of the same kind whose
    score against the main agents is nearest one half of those in [0.2, 0.5], if there is one (the
    adaptive evolutionary exploiter of Han et al. 2020). A score stands for itself after `min_games`.
    """
    if not role.adaptive:
        return jnp.int32(0)
    agents = standings.main_agents.astype(jnp.float32)
    score = standings.score @ agents / jnp.maximum(agents.sum(), 1.0)
    known = standings.games @ agents >= role.min_games
    fits = standings.frozen & (standings.kind == role.kind) & known & (score >= 0.2) & (score <= 0.5)
    nearest = jnp.argmax(jnp.where(fits, score, -1.0)) - standings.num_learners
    return jnp.where(fits.any(), nearest, 0).astype(jnp.int32)


def _mean_bound(score: Array, games: Array, goal: Array, confidence: float) -> Array:
    """`()`: lower bound of the mean score over `goal`, with the variances of Agresti and Coull (1998)."""
    z = NormalDist().inv_cdf(confidence)
    trials = games + z * z
    share = (score * games + z * z / 2) / jnp.maximum(trials, 1e-6)
    spread = jnp.where(goal, share * (1.0 - share) / jnp.maximum(trials, 1e-6), 0.0)
    count = jnp.maximum(goal.sum(), 1)
    return jnp.where(goal, score, 0.0).sum() / count - z * jnp.sqrt(spread.sum()) / count
