"""The policy-gradient learner: what it learns, and what it keeps besides its network."""

import dataclasses
from functools import cache
from typing import Any

import jax
import numpy as np
import pytest
from policy_gradients import KUHN, exploitability
from quick import quick_jit

from jaxplay.config import (
    ExploiterConfig,
    LeagueConfig,
    MemberConfig,
    MinimaxConfig,
    MLPConfig,
    PolicyGradientConfig,
    RefereeConfig,
    SelfPlayConfig,
    TrainingConfig,
)
from jaxplay.errors import UserError
from jaxplay.training import learner_names, make_training

UNIFORM = 11 / 24
"""Exploitability of uniform play in Kuhn poker."""


def with_learner(config: TrainingConfig, **changes: Any) -> TrainingConfig:
    return dataclasses.replace(config, learner=dataclasses.replace(config.learner, **changes))


@cache
def program(config: TrainingConfig) -> tuple[Any, Any]:
    training = make_training(config)
    return quick_jit(training.init)(jax.random.key(0)), quick_jit(training.step)


def trained(config: TrainingConfig, steps: int) -> tuple[Any, Any]:
    (state, step), metrics = program(config), {}
    for _ in range(steps):
        state, metrics = step(state)
    return jax.device_get((state, metrics))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"advantage": "q", "normalize": False, "critic_width": 32, "critic_learning_rate": 3e-3},
        {"advantage": "central", "normalize": False, "critic_width": 32, "critic_learning_rate": 3e-3},
        {"advantage": "baseline", "magnet": "uniform", "drift": "dpo", "vtrace": True},
    ],
    ids=["gae", "q", "central", "baseline"],
)
def test_it_learns_kuhn_poker(changes):
    """Exploitability falls from about that of uniform play to less than a quarter of it."""
    config = with_learner(KUHN, **changes)
    state, metrics = trained(config, 150)
    (learner,) = state.learners
    measure = exploitability(KUHN)
    assert measure(program(config)[0].learners[0].ema) > 0.9 * UNIFORM
    assert measure(learner.ema) < 0.25 * UNIFORM
    assert learner.updates == metrics["updates"] == 150 * 8
    assert metrics["truncated"] == metrics["bad_rewards"] == 0.0
    assert 0.0 < metrics["entropy"] < np.log(2.0) and metrics["kl"] > 0.0
    assert 0.0 <= metrics["clip_share"] < 0.5 and metrics["explained_variance"] < 1.0


def test_a_magnet_is_refreshed_with_the_average():
    """It stays for four steps of eight gradient steps, then it is what the average was before the fifth."""
    config = with_learner(KUHN, magnet_updates=32)
    state, step = program(config)
    seen = []
    for _ in range(6):
        before = state
        state, _ = step(state)
        seen.append((before.learners[0], state.learners[0]))
    for number in range(1, 6):
        old, new = (seen[number - 1][1].besides.magnet, seen[number][1].besides.magnet)
        same = [bool((a == b).all()) for a, b in zip(*map(jax.tree.leaves, (old, new)), strict=True)]
        assert all(same) == (number != 4)
    jax.tree.map(np.testing.assert_array_equal, seen[4][1].besides.magnet, seen[4][0].ema)
    jax.tree.map(np.testing.assert_array_equal, seen[0][1].besides.magnet, seen[0][0].params)


def test_a_strong_magnet_holds_the_policy():
    """Pulled to equal chances with a great weight, it hardly learns."""
    strong = with_learner(KUHN, magnet="uniform", magnet_weight=30.0)
    (learner,) = trained(strong, 150)[0].learners
    assert exploitability(KUHN)(learner.ema) > 0.7 * UNIFORM


def test_it_learns_tic_tac_toe():
    """Perfect information too: games grow longer than those of random play (7.65 plies), and end in draws."""
    config = TrainingConfig(
        game="tic_tac_toe",
        network=MLPConfig(width=64, depth=1),
        selfplay=SelfPlayConfig(num_matches=64, num_plies=16, max_opening_plies=0),
        learner=PolicyGradientConfig(
            learning_rate=2e-3, magnet="none", entropy_weight=0.01, schedule="linear", schedule_steps=2400
        ),
    )
    _, metrics = trained(config, 150)
    assert metrics["plies_per_game"] > 8.1 and abs(metrics["first_player_score"]) < 0.2


MEMBER = MemberConfig(lanes=2, min_steps=10, max_steps=20)
LEAGUE = dataclasses.replace(
    KUHN,
    league=LeagueConfig(
        main_agents=MEMBER,
        main_exploiters=dataclasses.replace(
            MEMBER, matches=32, reset=1.0, models_opponent=True, minimax=MinimaxConfig("edge"), updates=4
        ),
        league_exploiters=dataclasses.replace(MEMBER, count=0),
        referees=RefereeConfig(matches=8, lanes=2),
        slots=4,
    ),
)


def test_a_league_learns_kuhn_poker():
    """Main agent and exploiter are frozen and meet; an exploiter that starts anew has neither pending
    decisions nor an old magnet."""
    state, metrics = trained(LEAGUE, 60)
    assert learner_names(LEAGUE) == ("main", "main_exploiter")
    assert exploitability(KUHN)(state.learners[0].ema) < 0.5 * UNIFORM
    assert metrics["players"] > 3 and state.league.payoff.games.sum() > 100
    assert state.learners[0].updates == 60 * 8 and state.learners[1].updates <= 20 * 4
    assert {"kl", "main_exploiter.kl"} <= metrics.keys()


@pytest.mark.parametrize(
    ("form", "advantage"),
    [("target", "gae"), pytest.param("edge", "central", marks=pytest.mark.full)],
)
def test_an_exploiter_beats_a_player_of_equal_chances(form, advantage):
    """It wins most of its games, in about half of whose moves it moves itself."""
    exploiter = ExploiterConfig(minimax=MinimaxConfig(form, anneal_updates=300))
    config = dataclasses.replace(KUHN, exploiter=exploiter)
    config = with_learner(config, magnet="none", entropy_weight=0.01, advantage=advantage)
    (state, step), wins, metrics = program(config), [], {}
    for _ in range(120):
        state, metrics = step(state)
        wins.append(float(metrics["win_rate"]))
    assert np.mean(wins[-15:]) > np.mean(wins[:15]) + 0.03
    assert 0.4 < metrics["learned_share"] < 0.6 and np.isfinite(metrics["policy_loss"])


def test_refusals():
    rules = ExploiterConfig(minimax=MinimaxConfig("potential"))
    with pytest.raises(UserError, match=r"minimax.form is 'potential'; allowed: none, target, edge"):
        make_training(dataclasses.replace(KUHN, exploiter=rules))
    play = dataclasses.replace(KUHN.selfplay, resign_value=-0.9)
    with pytest.raises(UserError, match=r"resign_value is -0.9; allowed .* policy gradients: -1.0"):
        make_training(dataclasses.replace(KUHN, selfplay=play))
    with pytest.raises(UserError, match=r"policy_gradient.clip is 0.0; allowed: above 0"):
        PolicyGradientConfig(clip=0.0)
