"""Matchmaking by solutions of the frozen players' empirical game: PSRO and its rectified form.

Policy-space response oracles (Lanctot et al. 2017): learners play against a mixture of the frozen players
that solves the game whose payoffs are what these earn among themselves. Such games must be measured:
lanes of referees play them (`jaxplay.league.matchmaking.least_measured`).

Solvers that take many small steps begin where the last solution ended, with fewer of them, and begin anew if
that did not do. `by_nash` and `by_alpha_rank` do not: see docs/decisions/0017-solutions-in-a-league.md.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.league.matchmaking import Meta, or_self
from jaxplay.league.payoff import Payoff
from jaxplay.league.standings import Standings
from jaxplay.matrix_games import (
    alpha_rank,
    exploitability,
    mirror_descent,
    normalised,
    projected_replicator,
    symmetric_nash,
)
from jaxplay.matrix_games import uniform as evenly
from jaxplay.struct import pytree, replace

Solve = Callable[[Array, Array, Array], Array]
"""`payoff (N, N), mask (N,), start (N,) -> mixture (N,)`; `start` is the last mixture, over who is left."""
Choose = Callable[[Array, Standings, Array], Array]
"""`mixture (N,), standings, learner () -> (N,)` probabilities."""

FRESH = 0.1
"""Share of the uniform mixture in a start, so that new players can gain weight quickly."""


@pytree
class Solution:
    """What PSRO remembers.

    Attributes:
        mixture: `(N,)` float32 over the frozen players.
        age: `()` int32, updates since it was solved for.
    """

    mixture: Array
    age: Array


def psro(solve: Solve, *, every: int = 1) -> Meta:
    """All learners play against the solution of the frozen players' game.

    Args:
        solve: `by_nash()`, `by_replicator()`, `by_alpha_rank()`, `by_mirror_descent()`, or one of your own.
        every: updates from one solution to the next. Under `jax.vmap`, each update solves.
    """
    return _solved(solve, every, lambda mixture, standings, learner: mixture)


def rectified(solve: Solve, *, every: int = 1) -> Meta:
    """As `psro`, but a learner meets only whom it beats or holds: rectified Nash (Balduzzi et al. 2019).

    So it becomes better at what it is good at. Where it beats nobody in the solution, it meets all of it.

    Args:
        solve: see `psro`.
        every: see `psro`.
    """

    def choose(mixture: Array, standings: Standings, learner: Array) -> Array:
        held = standings.advantage[learner] >= 0.0
        return normalised(jnp.where(held, mixture, 0.0), mixture)

    return _solved(solve, every, choose)


def by_nash() -> Solve:
    """The Nash equilibrium of greatest entropy.

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
    """Mean of projected replicator dynamics.

    Args:
        num_steps: see `jaxplay.matrix_games.projected_replicator`; from the uniform mixture.
        warm_steps: from the last solution, which come first.
        tolerance: these do if their mean is exploitable by no more, in units of the largest payoff.
        dt: in units of one over the largest payoff.
        floor: least share of every player. A greater one holds down who begins to do well: what all those at
            the floor are lifted by is taken from the others alike.
    """

    def flow(payoff: Array, mask: Array, start: Array, steps: int) -> Array:
        payoff, both = payoff / jnp.maximum(jnp.abs(payoff).max(), 1e-6), (start, start)
        return projected_replicator(
            payoff, mask, mask, start=both, num_steps=steps, dt=dt, floor=floor
        ).mean_row

    return _warm(
        lambda payoff, mask, start: flow(payoff, mask, start, warm_steps),
        lambda payoff, mask: flow(payoff, mask, evenly(mask), num_steps),
        tolerance,
    )


def by_alpha_rank(*, alpha: float = 10.0, population_size: int = 50) -> Solve:
    """Alpha-rank, in units of one over payoff.

    A start would not help: the distribution is found by elimination, not step by step.

    Args:
        alpha: see `jaxplay.matrix_games.alpha_rank`.
        population_size: see `jaxplay.matrix_games.alpha_rank`.
    """
    return lambda payoff, mask, start: alpha_rank(payoff, mask, alpha=alpha, population_size=population_size)


def by_mirror_descent(*, num_steps: int = 10_000, warm_steps: int = 1000, tolerance: float = 2e-3) -> Solve:
    """As `by_nash`, less exactly, and cheaper for more than about a thousand players.

    Args:
        num_steps: see `jaxplay.matrix_games.mirror_descent`; from the uniform mixture.
        warm_steps: from the last solution, which come first.
        tolerance: these do if they come to what is exploitable by no more, in units of the largest payoff.
    """
    return _warm(
        lambda payoff, mask, start: mirror_descent(
            payoff, mask, start=start, num_steps=warm_steps, warm_steps=num_steps
        ),
        lambda payoff, mask: mirror_descent(payoff, mask, num_steps=num_steps),
        tolerance,
    )


def _warm(near: Solve, anew: Callable[[Array, Array], Array], tolerance: float) -> Solve:
    """The solution `near` the last one if it is one, else `anew`."""

    def solve(payoff: Array, mask: Array, start: Array) -> Array:
        found = near(payoff, mask, start)
        gap = exploitability(payoff, found, rows=mask)
        solved = gap <= tolerance * jnp.abs(payoff).max()
        return jax.lax.cond(solved, lambda: found, lambda: anew(payoff, mask))

    return solve


def _solved(solve: Solve, every: int, choose: Choose) -> Meta:
    def init(num_learners: int, num_players: int) -> Solution:
        return Solution(jnp.zeros((num_players,)), jnp.int32(0))

    def update(memory: Solution, standings: Standings, fresh: Payoff) -> Solution:
        mask = standings.frozen
        left = normalised(jnp.where(mask, memory.mixture, 0.0), evenly(mask))
        start = (1.0 - FRESH) * left + FRESH * evenly(mask)
        payoff = jnp.where(mask[:, None] & mask[None], standings.advantage, 0.0)
        mixture = jax.lax.cond(memory.age == 0, lambda: solve(payoff, mask, start), lambda: left)
        return replace(memory, mixture=mixture, age=(memory.age + 1) % every)

    def opponents(memory: Any, standings: Standings, learner: Array) -> Array:
        mixture = normalised(jnp.where(standings.frozen, memory.mixture, 0.0), evenly(standings.frozen))
        return or_self(choose(mixture, standings, learner), learner)

    return Meta(init, update, opponents)
