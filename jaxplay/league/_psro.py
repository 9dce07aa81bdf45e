"""Matchmaking by solutions of the frozen players' empirical game: PSRO and its rectified form.

Policy-space response oracles (Lanctot et al. 2017): learners play against a mixture of the frozen players
that solves the game whose payoffs are what these earn among themselves. Such games must be measured:
lanes of referees play them (`jaxplay.league.least_measured`).

Solvers that take many small steps begin where the last solution ended, with fewer steps, and begin from the
uniform mixture if that does not suffice. `by_nash` and `by_alpha_rank` take no start: see
docs/decisions/0017-solutions-in-a-league.md.
"""

from collections.abc import Callable
from typing import Literal

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.league._standings import Standings
from jaxplay.league.matchmaking import Matchmaker, or_self
from jaxplay.league.payoff import Payoff
from jaxplay.matrix_games import (
    alpha_rank,
    exploitability,
    maximum_gini,
    mirror_descent,
    normalised,
    projected_replicator,
    symmetric_nash,
)
from jaxplay.matrix_games import uniform as evenly
from jaxplay.struct import pytree, replace

Solve = Callable[[Array, Array, Array], Array]
"""`payoff (N, N), mask (N,), start (N,) -> mixture (N,)`; `start` is the last mixture, over those left."""
Choose = Callable[[Array, Standings, Array], Array]
"""`mixture (N,), standings, learner () -> (N,)` probabilities."""

FRESH = 0.1
"""Share of the uniform mixture in a start, so that new players can gain weight quickly."""


@pytree
class MixtureState:
    """The state of `psro` and `rectified`.

    Attributes:
        mixture: `(N,)` float32, the last solution, over the frozen players.
        age: `()` int32, updates since it was found.
    """

    mixture: Array
    age: Array


def psro(solve: Solve, *, every: int = 1) -> Matchmaker:
    """All learners play against the solution of the frozen players' game.

    Args:
        solve: `by_nash()`, `by_replicator()`, `by_alpha_rank()`, `by_mirror_descent()`, `by_gini()`, or one
            of your own.
        every: updates from one solution to the next. Under `jax.vmap` every update computes a solution,
            which costs time and changes no result.
    """
    return _solved(solve, every, lambda mixture, standings, learner: mixture)


def rectified(solve: Solve, *, every: int = 1) -> Matchmaker:
    """As `psro`, but a learner meets only those that it does not lose to.

    This is rectified Nash (Balduzzi et al. 2019). A learner becomes better at what it is good at. Where it
    loses to all players of the solution, it meets all of them.

    Args:
        solve: see `psro`.
        every: see `psro`.
    """

    def choose(mixture: Array, standings: Standings, learner: Array) -> Array:
        held = standings.advantage[learner] >= 0.0
        return normalised(jnp.where(held, mixture, 0.0), mixture)

    return _solved(solve, every, choose)


def by_nash() -> Solve:
    """Solve by the Nash equilibrium of greatest entropy.

    A start would not help: the path that leads there begins at the highest temperature, whatever the
    payoffs, and is followed in about 20 steps.
    """
    return lambda payoff, mask, start: symmetric_nash(payoff, mask)


def by_replicator(
    *,
    num_steps: int = 1000,
    warm_steps: int = 200,
    tolerance: float = 0.05,
    dt: float = 0.1,
    floor: float = 1e-6,
) -> Solve:
    """Solve by the mean of projected replicator dynamics (`jaxplay.matrix_games.projected_replicator`).

    Args:
        num_steps: steps from the uniform mixture, where those from the last solution did not suffice.
        warm_steps: steps from the last solution, which are tried first.
        tolerance: those suffice if their mean is exploitable by no more, in units of the largest payoff.
        dt: the time of a step, in units of one over the largest payoff.
        floor: the least share of every player. A greater one holds down players that begin to do well: what
            lifts the shares at the floor is taken from all others alike.
    """

    def flow(payoff: Array, mask: Array, start: Array, steps: int) -> Array:
        payoff, both = payoff / jnp.maximum(jnp.abs(payoff).max(), 1e-6), (start, start)
        return projected_replicator(
            payoff, mask, mask, start=both, num_steps=steps, dt=dt, floor=floor
        ).mean_row

    return _warm_started(
        lambda payoff, mask, start: flow(payoff, mask, start, warm_steps),
        lambda payoff, mask: flow(payoff, mask, evenly(mask), num_steps),
        tolerance,
    )


def by_alpha_rank(*, alpha: float = 10.0, population_size: int = 50) -> Solve:
    """Solve by alpha-rank (`jaxplay.matrix_games.alpha_rank`).

    A start would not help: the distribution is found by elimination, not step by step.

    Args:
        alpha: the strength of selection, in units of one over payoff.
        population_size: the size of the population in which mutants appear.
    """
    return lambda payoff, mask, start: alpha_rank(payoff, mask, alpha=alpha, population_size=population_size)


def by_mirror_descent(*, num_steps: int = 10_000, warm_steps: int = 1000, tolerance: float = 2e-3) -> Solve:
    """As `by_nash`, less exactly, and cheaper for more than about a thousand players.

    Args:
        num_steps: steps of `jaxplay.matrix_games.mirror_descent` from the uniform mixture, where those from
            the last solution did not suffice.
        warm_steps: steps from the last solution, which are tried first.
        tolerance: those suffice if their result is exploitable by no more, in units of the largest payoff.
    """
    return _warm_started(
        lambda payoff, mask, start: mirror_descent(
            payoff, mask, start=start, num_steps=warm_steps, warm_steps=num_steps
        ),
        lambda payoff, mask: mirror_descent(payoff, mask, num_steps=num_steps),
        tolerance,
    )


def by_gini(*, kind: Literal["ce", "cce"] = "cce", slack: float = 0.0, num_steps: int = 1000) -> Solve:
    """Solve by the (coarse) correlated equilibrium of least sum of squares, as in JPSRO.

    A learner meets whom the joint distribution makes the other player play: its marginal. In a zero-sum game
    that is a Nash equilibrium, and of several one that spreads its weight.

    Args:
        kind: `cce` or `ce`, see `jaxplay.matrix_games.maximum_gini`.
        slack: by how much players may gain, in units of the largest payoff.
        num_steps: see `jaxplay.matrix_games.maximum_gini`.
    """

    def solve(payoff: Array, mask: Array, start: Array) -> Array:
        both = jnp.stack([payoff, payoff.T], axis=-1)
        joint = maximum_gini(both, (mask, mask), kind=kind, slack=slack, num_steps=num_steps)
        return (joint.sum(axis=0) + joint.sum(axis=1)) / 2

    return solve


def _warm_started(warm: Solve, cold: Callable[[Array, Array], Array], tolerance: float) -> Solve:
    """What `warm` finds from the last solution if that is a solution, else what `cold` finds."""

    def solve(payoff: Array, mask: Array, start: Array) -> Array:
        found = warm(payoff, mask, start)
        gap = exploitability(payoff, found, rows=mask)
        solved = gap <= tolerance * jnp.abs(payoff).max()
        return jax.lax.cond(solved, lambda: found, lambda: cold(payoff, mask))

    return solve


def _solved(solve: Solve, every: int, choose: Choose) -> Matchmaker:
    def init(num_learners: int, num_players: int) -> MixtureState:
        return MixtureState(jnp.zeros((num_players,)), jnp.int32(0))

    def update(state: MixtureState, standings: Standings, fresh: Payoff) -> MixtureState:
        mask = standings.frozen
        left = normalised(jnp.where(mask, state.mixture, 0.0), evenly(mask))
        start = (1.0 - FRESH) * left + FRESH * evenly(mask)
        payoff = jnp.where(mask[:, None] & mask[None], standings.advantage, 0.0)
        mixture = jax.lax.cond(state.age == 0, lambda: solve(payoff, mask, start), lambda: left)
        return replace(state, mixture=mixture, age=(state.age + 1) % every)

    def opponents(state: MixtureState, standings: Standings, learner: Array) -> Array:
        mixture = normalised(jnp.where(standings.frozen, state.mixture, 0.0), evenly(standings.frozen))
        return or_self(choose(mixture, standings, learner), learner)

    return Matchmaker(init, update, opponents)
