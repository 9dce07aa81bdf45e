"""Learners and referees that act only every few steps, and matches outside lanes."""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_leagues import LEAGUE, MEMBER, Program, with_league

from jaxplay.config import MemberConfig
from jaxplay.errors import UserError
from jaxplay.training.turns import turns

EVERY = {"main_exploiter": 2, "league_exploiter": 2, "referees": 3}
CONFIG = with_league(
    main_agents=dataclasses.replace(MEMBER, selfplay_share=0.5),
    main_exploiters=dataclasses.replace(MEMBER, every=2),
    league_exploiters=dataclasses.replace(MEMBER, every=2),
    referees=dataclasses.replace(LEAGUE.referees, every=3),
)
"""The exploiters of both kinds run through one program."""
STEPS = 12
ALONE = 8
MATCHES = MEMBER.matches


@pytest.fixture(scope="module")
def history() -> list[Any]:
    """`before, after, metrics` of each step, on the host."""
    program = Program(CONFIG)
    state, found = program.init(jax.random.key(0)), []
    for _ in range(STEPS):
        before = jax.device_get(jax.tree.map(jnp.copy, state))
        state, metrics = program.step(state)
        found.append((before, jax.device_get(state), jax.device_get(metrics)))
    return found


def test_who_acts():
    """Who acts always is not asked; those who act as seldom as each other take turns."""
    found = [turns([1, 2, 2, 3], jnp.int32(step)) for step in range(6)]
    assert all(each[0] is None for each in found)
    acts = np.array([[bool(turn) for turn in each[1:]] for each in found])
    np.testing.assert_array_equal(acts[:, 0], [True, False] * 3)
    np.testing.assert_array_equal(acts[:, 1], [False, True] * 3)
    np.testing.assert_array_equal(acts[:, 2], [True, False, False] * 2)


def same(before: Any, after: Any) -> bool:
    """Whether two trees are equal, keys aside."""
    pairs = zip(jax.tree.leaves(before), jax.tree.leaves(after), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs if not jnp.issubdtype(a.dtype, jax.dtypes.prng_key))


@pytest.mark.parametrize(("index", "offset"), [(0, None), (1, 0), (2, 1), (3, 0)])
def test_only_those_whose_turn_it_is_play_and_learn(history, index, offset):
    """Index 0 is the main agent, then come two exploiters and the referees."""
    every = [1, 2, 2, 3][index]
    for step, (before, after, metrics) in enumerate(history):
        acts = offset is None or (step - offset) % every == 0
        games, then = before.matches[index].episodes, after.matches[index].episodes
        assert same(games, then) != acts
        if index == 3:
            continue
        name = ["", "main_exploiter.", "league_exploiter."][index]
        assert np.isnan(metrics[f"{name}policy_loss"]) != acts
        if not acts:
            assert (
                same(before.learners[index].opt_state, after.learners[index].opt_state) or metrics["resets"]
            )


def test_only_steps_in_which_it_learned_count_for_a_learner(history):
    """Frozen after three of its own steps at the latest: after six of the league."""
    since = np.array([after.league.since for _, after, _ in history])
    assert since[0].tolist() == [1, 1, 0] and since[1][1:].tolist() == [1, 1]
    generations = history[-1][1].league.generations
    assert generations[0] > generations[1] > 0


def test_all_games_are_counted_once(history):
    """Metrics are of those who acted: the main agent's positions alone where nobody else did."""
    plies = CONFIG.selfplay.num_plies
    quiet = [metrics for step, (_, _, metrics) in enumerate(history) if step % 3]
    for metrics in quiet:
        most = plies * (ALONE + (MATCHES - ALONE) + MATCHES)
        assert plies * ALONE < metrics["positions"] <= most and metrics["utilization"] > 0.8


def test_matches_of_a_learner_with_itself_lie_outside_lanes(history):
    _, after, _ = history[-1]
    main, other = after.matches[0].lanes, after.matches[1].lanes
    assert main.waited.shape == (1, MATCHES - ALONE) and other.waited.shape == (1, MATCHES)
    assert main.player.shape == other.player.shape == (1, MEMBER.lanes)


def test_what_is_refused():
    for wrong, message in (
        ({"every": 0}, "every"),
        ({"selfplay_share": 1.0}, "selfplay_share"),
        ({"selfplay_share": 0.5, "models_opponent": True}, "selfplay_share"),
    ):
        with pytest.raises(UserError, match=message):
            MemberConfig(**wrong)  # pyright: ignore[reportArgumentType]
