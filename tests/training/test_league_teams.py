"""A league of two teams of two: who earns what, and that one compiled step does for all that happens."""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from quick import quick_jit
from small_leagues import MEMBER, NOBODY, TRAINING, with_league

from jaxplay.config import MinimaxConfig, RefereeConfig
from jaxplay.presets import preset
from jaxplay.presets import with_league as league_of
from jaxplay.struct import replace
from jaxplay.training import make_training

AGENT = dataclasses.replace(
    MEMBER, matchmaking="uniform", opponent_simulations=0, min_steps=6, max_steps=6, reset=0.3
)
CONFIG = with_league(
    dataclasses.replace(TRAINING, game="small_lanes:Bid"),
    main_agents=AGENT,
    main_exploiters=NOBODY,
    referees=RefereeConfig(matches=0),
    slots=3,
)
STEPS = 40


def saying(word: int, params: Any) -> Any:
    """`params` of a player that always says `word`."""
    heads = params["heads"]
    bias = jnp.zeros_like(heads["policy"]["bias"]).at[..., word].set(60.0)
    return params | {"heads": heads | {"policy": heads["policy"] | {"bias": bias}}}


@pytest.fixture(scope="module")
def history() -> Any:
    """The states and metrics of a league whose learner begins by saying 2, and whose first player says 0."""
    training = make_training(CONFIG)
    state = quick_jit(training.init)(jax.random.key(2))
    (learner,), people = state.learners, state.league.population
    loud, silent = saying(2, learner.ema), replace(people, params=saying(0, people.params))
    learner = replace(learner, params=jax.tree.map(jnp.copy, loud), ema=loud)
    state = replace(state, learners=(learner,), league=replace(state.league, population=silent))
    step, found = quick_jit(training.step, donate_argnums=0), []
    for _ in range(STEPS):
        state, metrics = step(state)
        found.append(jax.device_get((jax.tree.map(jnp.copy, state), metrics)))
    return found, step


def test_a_teams_games_count_for_its_seat(history):
    """As long as the learner speaks loud, it wins all games with the first player, none with copies."""
    met: Any = ()
    for state, metrics in history[0]:
        if metrics["resets"]:
            break  # from here on it may begin by being silent
        payoff, copies = state.league.payoff, 1 + np.flatnonzero(state.league.population.present)[1:]
        assert payoff.games[0, 1].sum() == payoff.games[1, 0].sum()
        np.testing.assert_allclose(payoff.wins[0, 1], payoff.games[0, 1])
        np.testing.assert_allclose(payoff.returns[0, 1], payoff.games[0, 1])
        np.testing.assert_allclose(payoff.returns[1, 0], -payoff.games[1, 0])
        np.testing.assert_allclose(payoff.draws[0, copies], payoff.games[0, copies])
        met = payoff.games[0, 1], payoff.games[0, copies].sum(0)
    assert np.min(met) > 5


def test_copies_of_teams_are_their_learners(history):
    frozen = 0
    for state, metrics in history[0]:
        people = state.league.population
        new = np.flatnonzero(people.present & (people.born == state.league.step))
        if metrics["resets"] or not len(new):
            continue
        frozen += 1
        for slots, leaf in zip(
            jax.tree.leaves(people.params), jax.tree.leaves(state.learners[0].ema), strict=True
        ):
            np.testing.assert_array_equal(slots[new[0]], leaf)
    assert frozen > 2


def test_one_compilation(history):
    """Through promotions, restarts and evictions."""
    states, step = history
    frozen, resets = (sum(metrics[name] for _, metrics in states) for name in ("frozen", "resets"))
    assert frozen > 4 and 0 < resets < frozen and states[-1][1]["players"] == 3
    assert step._cache_size() == 1


def test_exploiters_of_teams_do_not_model_them():
    """Presets turn off what there is not, so that a league of teams can be had by name."""
    teams = league_of(preset("small_lanes:Bid", "quick")).training
    assert teams.league is not None
    for member in (teams.league.main_exploiters, teams.league.league_exploiters):
        assert not member.models_opponent and member.minimax == MinimaxConfig("none")
    make_training(teams)
