"""`jaxplay bench league_hidden`: settings as they say, mixtures by exact payoffs, a tiny run."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.benchmarks.holes import hidden_holes
from jaxplay.benchmarks.league_hidden import GAMES, SETTINGS, make_config
from jaxplay.benchmarks.league_training import SLOTS
from jaxplay.cli.main import main
from jaxplay.config import PolicyGradientConfig
from jaxplay.games.kuhn_poker import KuhnPoker
from jaxplay.networks import build_network
from jaxplay.policies import legal_probs
from jaxplay.solve import mixture_exploitability
from jaxplay.struct import replace


@pytest.mark.parametrize("game", GAMES)
def test_settings(game):
    """They differ in their leagues only."""
    base = make_config(game, "self_play")
    assert base.league is None and isinstance(base.learner, PolicyGradientConfig)
    for setting in SETTINGS[1:]:
        config = make_config(game, setting)
        assert config.league is not None and replace(config, league=None) == base
        assert config.league.slots == SLOTS
        assert config.league.main_exploiters.count == (setting == "league")
        assert config.league.main_agents.matchmaking == ("nash" if setting == "psro" else "alphastar_others")


def test_networks_together():
    """One who beats the other is the whole equilibrium; an even mixture is what the solver says."""
    game = KuhnPoker()
    network = build_network(make_config("kuhn_poker", "self_play", quick=True).network, game)
    evaluate = network.on(game)
    params = jax.vmap(network.init)(jax.random.split(jax.random.key(0), SLOTS))
    params = jax.tree.map(lambda x: 5.0 * x, params)  # so that they are not all alike
    measure, ask = hidden_holes(game, evaluate), legal_probs(game, evaluate)
    payoff = jnp.zeros((SLOTS, SLOTS)).at[0, 1].set(1.0).at[1, 0].set(-1.0)
    found = measure.together(params, jnp.arange(SLOTS) < 2, payoff)
    one, two = (jax.tree.map(lambda x, i=i: x[i], params) for i in (0, 1))
    policies = [lambda states, p=p: ask(p, states) for p in (one, two)]
    evenly = mixture_exploitability(game, policies, [0.5, 0.5]).exploitability
    assert found["uniform"] == pytest.approx(evenly, abs=1e-5)
    alone = [float(measure.alone(each)["policy"]) for each in (one, two)]
    assert found["measured_nash"] == pytest.approx(alone[0], abs=1e-4) and alone[0] != alone[1]
    assert found["nash"] <= max(alone) + 1e-5


def test_a_tiny_run(tmp_path, capsys):
    out = tmp_path / "rows.jsonl"
    line = f"bench league_hidden psro --games kuhn_poker --quick --rounds 1 --seed 2 --json --out {out}"
    assert main(line.split()) == 0
    (row,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (row["game"], row["setting"], row["seed"]) == ("kuhn_poker", "psro", 2)
    assert row["positions"] >= 800 and row["curve"]["policy"][-1] == row["policy"]
    assert len(row["curve"]["policy"]) == 2 and len(row["curve"]["nash"]) == 1
    for name in ("policy", "nash", "measured_nash", "uniform"):
        assert 0.2 < row[name] < 0.7
    assert np.all(np.diff(row["curve"]["positions"]) > 0)
    assert json.loads(out.read_text())["curve"] == row["curve"]


def test_errors(capsys):
    for words, message in (
        ("psr", "no setting 'psr' in this benchmark; did you mean 'psro'?"),
        ("league --games kuhn", "no game 'kuhn' in this benchmark; did you mean 'kuhn_poker'?"),
    ):
        assert main(f"bench league_hidden {words}".split()) == 2
        assert message in capsys.readouterr().err
