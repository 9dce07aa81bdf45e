"""Options of self-play and of learners, in a league and for an exploiter; and what these refuse, and why."""

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from quick import quick_jit
from saved_runs import random_params
from small_leagues import MEMBER, NOBODY, TARGET
from small_programs import LEAST

from jaxplay.config import ExploiterConfig, LeagueConfig, MinimaxConfig, MLPConfig, RefereeConfig
from jaxplay.errors import UserError
from jaxplay.struct import replace
from jaxplay.training import against, make_training

OPTIONS = replace(
    LEAST,
    game="small_games:Coins",
    network=MLPConfig(width=7, depth=0, reply_head=True, ending_heads=True),
    search=replace(LEAST.search, num_simulations=4),
    selfplay=replace(
        LEAST.selfplay,
        num_plies=4,
        full_share=0.5,
        cheap_simulations=2,
        surprise_share=0.5,
        resign_value=-0.2,
        resign_moves=1,
        resign_control=0.25,
    ),
    learner=replace(LEAST.learner, replay_positions=2048, min_positions=256, num_updates=1),
)
"""All that lanes have. It learns when 16 plies of its 16 matches are there, from step 4 on."""
WARM = 4

LEAGUE = replace(
    OPTIONS,
    learner=replace(OPTIONS.learner, reanalysis_plies=1),
    league=LeagueConfig(
        main_agents=replace(MEMBER, opponent_simulations=0),
        main_exploiters=replace(MEMBER, models_opponent=True, minimax=TARGET),
        league_exploiters=NOBODY,
        referees=RefereeConfig(matches=8, lanes=2),
        slots=4,
    ),
)
EXPLOITER = replace(
    OPTIONS,
    exploiter=ExploiterConfig(opponent_simulations=-1, minimax=MinimaxConfig("potential", weight=0.5)),
)
STEPS = 10


@cache
def history(config: Any) -> list[tuple[Any, Any]]:
    """States and metrics after each step; the exploiter's opponent is no beginner."""
    training = make_training(config)
    state, step = quick_jit(training.init)(jax.random.key(0)), quick_jit(training.step)
    if config.exploiter is not None:
        state = against(config, state, jax.tree.map(jnp.asarray, random_params(config, 5)))
    found = []
    for _ in range(STEPS):
        state, metrics = step(state)
        found.append(jax.device_get((state, metrics)))
    return found


BOTH = pytest.mark.parametrize("config", [LEAGUE, EXPLOITER], ids=["league", "exploiter"])
HEADS = {"reply_loss", "ownership_loss", "score_loss"}


@BOTH
def test_all_options_run_in_lanes(config):
    """Every metric is there and finite once learning began, but of controls that had nothing to tell."""
    lines = [metrics for _, metrics in history(config)]
    assert {"learned_share", "resigned", "resign_tests", "resign_errors"} | HEADS <= lines[-1].keys()
    for name, value in lines[-1].items():
        assert np.isfinite(value) or name == "resign_errors", name
    assert all(np.isnan(lines[WARM - 2][name]) for name in HEADS)
    assert all(0.0 <= line["learned_share"] < 1.0 for line in lines)
    assert 0.0 < np.mean([line["learned_share"] for line in lines]) < 0.5
    assert sum(line["resigned"] for line in lines) > 0 and sum(line["resign_tests"] for line in lines) > 0
    for leaf in jax.tree.leaves(history(config)[-1][0]):
        assert not jnp.issubdtype(leaf.dtype, jnp.floating) or np.isfinite(leaf).all()


def test_all_learners_of_a_league_have_them():
    metrics = history(LEAGUE)[-1][1]
    assert {f"main_exploiter.{name}" for name in HEADS} <= metrics.keys()


def memories() -> dict[str, Any]:
    """Replay of three kinds of learners, before anything in it was searched again."""
    early, late = history(LEAGUE)[WARM - 2][0], history(EXPLOITER)[-1][0]
    names = {"main": early.learners[0], "exploiter in a league": early.learners[1]}
    names["exploiter"] = late.learners[0]
    return {name: weights(learner.memory) for name, learner in names.items()}


def weights(memory: Any) -> dict[str, Any]:
    """Of the plies that replay holds."""
    names = ("policy_weight", "value_weight")
    return {name: getattr(memory, name)[0, : memory.filled[0]] for name in names}


def test_cheap_plies_teach_no_policy():
    """All of a learner's moves of a ply are learned, or none is; opponents' never are, nor who waits."""
    for name, memory in memories().items():
        learned, taught = memory["policy_weight"] > 0, memory["value_weight"] > 0
        assert (learned <= taught).all(), name
        full = learned.any(1)
        assert 0 < full.sum() < len(full), name
        assert taught[~full].any(1).all(), name
        if name == "main":  # it learns values from its opponents' moves too
            assert (learned[full] < taught[full]).any()
        else:
            np.testing.assert_array_equal(learned[full], taught[full], err_msg=name)
            assert taught.mean() < 0.75, name


def test_surprise_weighs_what_is_learned():
    """Of each call, the mean weight stays 1, and no move has less than half of it; values follow."""
    for name, memory in memories().items():
        policy, value = (memory[key].reshape(-1, 4, 16) for key in ("policy_weight", "value_weight"))
        spread = 0.0
        for each, values in zip(policy, value, strict=True):
            own = each[each > 0]
            if not own.size:
                continue
            np.testing.assert_allclose(own.mean(), 1.0, rtol=1e-4, err_msg=name)
            assert own.min() >= 0.5 - 1e-6
            spread = max(spread, own.std())
            np.testing.assert_array_equal(own, values[each > 0])
        assert spread > 0.01, name


@BOTH
def test_who_resigns_has_lost_and_nobody_knows_the_ending(config):
    """Games that did not end by the rules are lost by whoever was to move last; there are others."""
    state = history(config)[-1][0]
    for learner in state.learners:
        memory = jax.tree.map(lambda x: x[0], learner.memory)
        ends = memory.game[: memory.filled - 1] < memory.game[1 : memory.filled]
        row, match = np.nonzero(ends)
        table = memory.game[row, match] % len(memory.game)
        resigned = ~memory.final.terminated[table, match]
        loser = memory.state.current_player[row, match]
        expected = np.where(loser == 0, -1.0, 1.0)[resigned]
        np.testing.assert_array_equal(memory.returns[table, match, 0][resigned], expected)
        assert 0 < resigned.sum() < resigned.size


def test_main_agents_of_a_league_search_again():
    """One ply a step from step 4 on, all of which then teaches a policy; with one network it finds the same.

    An exploiter that models its opponents does not, and says nothing of it.
    """
    lines = [metrics for _, metrics in history(LEAGUE)]
    change = np.array([line["reanalysis_change"] for line in lines])
    assert np.isnan(change[: WARM - 1]).all() and (change[WARM - 1 :] >= 0).all() and 0 < change[-1] < 1
    assert "main_exploiter.reanalysis_change" not in lines[-1]
    changed = [
        [len(found) for found in each] for each in zip(*map(searched_again, range(1, STEPS)), strict=True)
    ]
    main, exploiter = changed
    assert main[: WARM - 2] == [0] * (WARM - 2) and max(main) == 1 and sum(main) > 2
    assert not any(exploiter)


def searched_again(step: int) -> list[Any]:
    """For each learner of the league, the plies in replay that step `step` (from 0 on) changed."""
    found, pair = [], (state.learners for state, _ in history(LEAGUE)[step - 1 : step + 1])
    for before, after in zip(*pair, strict=True):
        old, new = (jax.tree.map(lambda x: x[0], learner.memory) for learner in (before, after))
        plies = np.arange(len(old.value)) < old.filled
        changed = np.flatnonzero((old.value != new.value).any((1, 2)) & plies)
        assert (new.policy_weight[changed][new.value_weight[changed] > 0] > 0).all()
        found.append(changed)
    return found


def abstract(config: Any) -> Any:
    """The shapes of the metrics of a step."""
    training = make_training(config)
    return jax.eval_shape(training.step, jax.eval_shape(training.init, jax.random.key(0)))[1]


def test_reanalysis_of_an_exploiter():
    """Allowed where it does not model its opponent; refused where it does."""
    plain = ExploiterConfig(opponent_simulations=-1, models_opponent=False, minimax=MinimaxConfig("none"))
    config = replace(LEAST, exploiter=plain, learner=replace(LEAST.learner, reanalysis_plies=1))
    assert "reanalysis_change" in abstract(config)
    for form in ("none", "target", "edge", "potential"):
        models = replace(plain, models_opponent=True, minimax=MinimaxConfig(form))
        with pytest.raises(UserError, match=r"reanalysis_plies is 1; allowed .* model their opponents: 0"):
            make_training(replace(config, exploiter=models))


@BOTH
def test_trees_are_not_kept_in_lanes(config):
    with pytest.raises(UserError, match=r"keep_nodes is 5; allowed: .* 0, as matches change their places"):
        replace(config, selfplay=replace(config.selfplay, keep_nodes=5))


def test_resignation_in_lanes_needs_a_game_of_two_and_zero_sum():
    config = replace(LEAGUE, game="small_lanes:Bid")
    config = replace(config, network=MLPConfig(width=7, depth=0))
    with pytest.raises(UserError, match="nobody can resign"):
        make_training(config)
