"""`jaxplay bench league_training`: what raw policies give away, settings as they say, a tiny run."""

import json
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from quick import quick_jit

from jaxplay.benchmarks.hex_first import first_player_mixture
from jaxplay.benchmarks.holes import bounded, greedy_policy, holes, raw_policy
from jaxplay.benchmarks.league_training import (
    ALONE,
    RULES,
    SETTINGS,
    SLOTS,
    Plan,
    make_config,
    measures,
    train,
)
from jaxplay.cli.main import main
from jaxplay.config import GumbelConfig, PUCTConfig
from jaxplay.evaluator import Prediction, uniform
from jaxplay.games.hex import Hex
from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.networks import build_network
from jaxplay.solve import exploitability, mixture_exploitability, reachable
from jaxplay.struct import replace
from jaxplay.training import make_game, make_training


def test_policies_of_an_evaluator():
    """Illegal moves get nothing, however much the logits favour them."""
    game = TicTacToe()
    state = game.step(game.init(jax.random.key(0)), jnp.int32(4))
    states = jax.tree.map(lambda x: x[None], state)

    def evaluate(params, key, states):
        return Prediction(params[None], jnp.zeros(1))

    logits = jnp.arange(9.0).at[4].set(100.0)
    probs, likeliest = (make(evaluate)(logits, states)[0] for make in (raw_policy, greedy_policy))
    weights = np.exp(np.arange(9.0)) * (np.arange(9) != 4)
    np.testing.assert_allclose(probs, weights / weights.sum(), rtol=1e-5)
    np.testing.assert_array_equal(likeliest, np.arange(9) == 8)


def test_one_who_knows_nothing():
    game = TicTacToe()
    found = holes(game, uniform(game)).alone(())
    assert found["policy"] == pytest.approx(0.9598297, abs=2e-6)

    def lowest(states):
        return jax.nn.one_hot(jnp.argmax(states.legal_action_mask, axis=-1), 9)

    assert found["greedy"] == pytest.approx(exploitability(game, lowest).exploitability, abs=2e-6)


def test_networks_together():
    """Mixtures of two networks, by the tables of their policies."""
    config = make_config("hex3", "self_play", quick=True)
    game, measure = Hex(3, swap=False), measures(config)
    network = build_network(config.network, game)
    params = jax.vmap(network.init)(jax.random.split(jax.random.key(0), SLOTS))
    params = jax.tree.map(lambda x: 5.0 * x, params)  # so that they are not all alike
    present = jnp.arange(SLOTS) < 2
    payoff = jnp.zeros((SLOTS, SLOTS)).at[0, 1].set(1.0).at[1, 0].set(-1.0)
    found = measure.together(params, present, payoff)
    graph, ask = reachable(game), raw_policy(network.on(game))
    one, two = (jax.tree.map(lambda x, i=i: x[i], params) for i in (0, 1))
    policies = [lambda states, p=p: ask(p, states) for p in (one, two)]
    evenly = mixture_exploitability(graph, policies, [0.5, 0.5]).exploitability
    alone = [exploitability(graph, policy).exploitability for policy in policies]
    assert found["uniform"] == pytest.approx(evenly, abs=1e-6)
    assert found["measured_nash"] == pytest.approx(alone[0], abs=1e-4)  # as if it had beaten the other
    assert measure.alone(one)["policy"] == pytest.approx(alone[0], abs=2e-6)
    assert measure.together(params, present, None).keys() == {"nash", "uniform"}
    lower, upper = first_player_mixture(game, ask)([one, two], np.array([1.0, 1.0]))
    assert (
        lower <= evenly + 1e-6 and evenly <= upper + 1e-6 and upper == pytest.approx(np.mean(alone), abs=1e-5)
    )
    one_sided = bounded(game, ask)
    assert one_sided(params, present, None) == {}
    bounds = one_sided(params, present, payoff)
    assert list(bounds) == ["measured_nash_lower", "measured_nash_upper"]
    assert list(bounds.values()) == pytest.approx([alone[0]] * 2, abs=1e-4)


def test_hex_on_four_by_four_is_measured_by_first_moves():
    config = make_config("hex4", "league")
    assert make_game(config) == Hex(4, swap=False)


@pytest.mark.parametrize("setting", SETTINGS)
def test_settings(setting):
    """Two differ in what their names say only."""
    base, config = make_config("hex3", "self_play"), make_config("hex3", setting)
    assert isinstance(config.search, PUCTConfig if "puct" in setting else GumbelConfig)
    assert (config.league is not None) == setting.startswith("league")
    assert config.selfplay.max_opening_plies == (4 if "openings" in setting else 0)
    same = replace(config, search=base.search, league=None, selfplay=base.selfplay)
    assert same == base
    if config.league is not None:
        assert config.league.slots == SLOTS and config.league.main_exploiters.matches * 4 == 128


def test_other_leagues_differ_in_their_rule_or_have_no_exploiters():
    usual: Any = make_config("hex3", "league").league
    for setting, name in RULES.items():
        found = make_config("hex3", setting).league
        assert found == replace(usual, main_agents=replace(usual.main_agents, matchmaking=name))
    alone: Any = make_config("hex3", ALONE).league
    assert alone.main_agents == usual.main_agents and alone.referees == usual.referees
    assert alone.main_exploiters.count == alone.league_exploiters.count == 0
    assert not set(SETTINGS) & {ALONE, *RULES}


def test_a_tiny_run(tmp_path, capsys):
    out = tmp_path / "league.jsonl"
    line = f"bench league_training self_play_puct --games hex3 --quick --rounds 1 --seed 2 --json --out {out}"
    assert main(line.split()) == 0
    (row,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (row["game"], row["setting"], row["seed"]) == ("hex3", "self_play_puct", 2)
    assert row["positions"] == 800 and row["steps"] == 25 and row["measured_nash"] is None
    assert row["curve"]["positions"] == [416, 800] and row["curve"]["policy"][-1] == row["policy"]
    assert len(row["curve"]["greedy"]) == 2 and len(row["curve"]["nash"]) == 1
    assert 0.5 < row["policy"] <= 1 and 0 < row["nash"] <= 1 and 0 < row["uniform"] <= 1
    assert json.loads(out.read_text())["curve"] == row["curve"]


def test_a_league_is_measured_by_its_frozen_players():
    """Of one that has not begun there is the beginner alone; positions are those of all its learners."""
    config, plan = make_config("hex3", "league", quick=True), Plan(quick=True)
    state = quick_jit(make_training(config).init)(jax.random.key(0))
    found = train(state, lambda state: (state, {"positions": 150.0}), measures(config), plan)
    assert found["positions"] == 900 and found["curve"]["positions"] == [450, 900]
    for name in ("nash", "measured_nash", "uniform"):
        assert found[name] == pytest.approx(found["policy"], abs=1e-5)


def test_errors(capsys):
    for words, message in (
        ("leage", "no setting 'leage' in this benchmark; did you mean 'league'?"),
        ("league --games hex5", "no game 'hex5' in this benchmark; did you mean 'hex4'?"),
    ):
        assert main(f"bench league_training {words}".split()) == 2
        assert message in capsys.readouterr().err
