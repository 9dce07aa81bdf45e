"""Main agents that meet each other, a matchmaker of one's own, and exploiters that start from old ones."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from leagues import opponents, with_scores
from small_leagues import MEMBER, NOBODY, Program, with_league

from jaxplay.config import RefereeConfig
from jaxplay.errors import UserError
from jaxplay.league import (
    INITIAL,
    LEAGUE_EXPLOITER,
    MAIN_AGENT,
    make_matchmakers,
    prioritized,
    register,
    registry,
)
from jaxplay.training import make_training

CONFIG = with_league(
    main_agents=dataclasses.replace(MEMBER, count=2, max_steps=6),
    main_exploiters=NOBODY,
    league_exploiters=dataclasses.replace(MEMBER, matchmaking="nash", reset=1.0, adaptive=True),
    referees=RefereeConfig(matches=0),
)
LEARNERS, EXPLOITER, STEPS = 3, 2, 40


@pytest.fixture(scope="module")
def program() -> Program:
    return Program(CONFIG)


@pytest.fixture(scope="module")
def history(program: Program) -> Any:
    """The state after each step, and its metrics."""
    state, found = program.init(jax.random.key(2)), []
    for _ in range(STEPS):
        state, metrics = program.step(state)
        found.append(jax.device_get((jax.tree.map(jnp.copy, state), metrics)))
    return found


def test_main_agents_meet_each_other(history):
    """Live, from both sides, and each game is counted for both."""
    met = dict.fromkeys(((0, 1), (1, 0)), 0.0)
    for state, _ in history:
        for learner, other in met:
            met[learner, other] += (state.matches[learner].lanes.opponent == other).sum()
        payoff = state.league.payoff
        np.testing.assert_allclose(payoff.games[0, 1], payoff.games[1, 0, ::-1], atol=1e-4)
        lost = (payoff.games - payoff.wins - payoff.draws)[1, 0, ::-1]
        np.testing.assert_allclose(payoff.wins[0, 1], lost, atol=1e-4)
        np.testing.assert_allclose(payoff.returns[0, 1], -payoff.returns[1, 0, ::-1], atol=1e-4)
    assert min(met.values()) > 3
    assert history[-1][0].league.payoff.games[0, 1].sum() > 10


def test_main_agents_are_two_learners(history):
    """Equal at the start, they play other games and learn other things; frozen ones know their parent."""
    first, last = history[0][0], history[-1][0]
    assert not np.array_equal(first.matches[0].episodes.state.stones, first.matches[1].episodes.state.stones)
    one, other = (jax.tree.leaves(last.learners[learner].ema) for learner in range(2))
    assert all((a != b).any() for a, b in zip(one, other, strict=True))
    people = last.league.population
    assert {int(parent) for parent in people.parent[people.present]} == {-1, 0, 1, 2}


def test_metrics_are_told_by_the_names_of_learners(history):
    metrics = history[-1][1]
    own = {"policy_loss", "value_loss", "policy_gap", "value_error", "gradient_norm", "updates"}
    names = {front + name for front in ("", "main_2.", "league_exploiter.") for name in own}
    assert names <= metrics.keys() and all(np.isfinite(value) for value in metrics.values())
    assert metrics["updates"] == STEPS and metrics["players"] == 5


def test_an_exploiter_starts_from_an_old_one_that_fits(history):
    """From the parameters of a slot: the first one's, or those of an exploiter of before."""
    sources = []
    for state, metrics in history:
        if metrics["resets"] == 0:
            continue
        mine = state.learners[EXPLOITER].params["heads"]["policy"]["kernel"]
        slots = state.league.population.params["heads"]["policy"]["kernel"]
        (source,) = np.flatnonzero((slots == mine).all((1, 2)))
        sources.append(int(state.league.population.kind[source]))
    assert set(sources) == {INITIAL, LEAGUE_EXPLOITER}


def test_a_generation_begins_with_the_steps_before_it(history):
    """So what falls during one, falls again in the next; a learner that starts anew has had no steps."""
    began, starts = np.zeros(LEARNERS, int), 0
    for state, metrics in history:
        for number, learner in enumerate(state.learners):
            frozen = state.league.since[number] == 0
            began[number] = learner.updates if frozen else began[number]
            assert learner.began == began[number]
            starts += frozen and learner.updates > 0
        assert (metrics["frozen"] > 0) == (state.league.since == 0).any()
    assert starts > 10 and began[EXPLOITER] == 0


@pytest.fixture
def own_matchmakers() -> Iterator[None]:
    """Forget the matchmakers that a test registers."""
    before = dict(registry._registered)
    yield
    registry._registered.clear()
    registry._registered.update(before)


WEAKEST = prioritized(lambda score: jnp.where(score > 0.5, 1.0, 0.0))
"""The learner plays those that it beats."""


def test_a_matchmaker_of_ones_own(own_matchmakers):
    """Registered or named by its module, it is played by like any other, with a share against anybody."""
    register("weakest", WEAKEST)
    register("weakest", WEAKEST)
    for name in ("weakest", f"{__name__}:WEAKEST"):
        config = with_league(main_agents=dataclasses.replace(MEMBER, matchmaking=name))
        (matchmaker,) = make_matchmakers([name], [MAIN_AGENT], solve_every=8, uniform_share=0.05)
        found = opponents(matchmaker, with_scores([0.9, 0.2]))
        np.testing.assert_allclose(found, [0, 0.975, 0.025], atol=1e-6)
        jax.eval_shape(make_training(config).init, jax.random.key(0))
    with pytest.raises(UserError, match="'weakest' is registered already"):
        register("weakest", prioritized(jnp.square))
    with pytest.raises(UserError, match="'nash' is registered already"):
        register("nash", WEAKEST)
