"""Agents as files for other programs, loaded back as those would load them."""

import json
import runpy
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from saved_runs import save_run
from source import ROOT

from jaxplay.cli.main import main
from jaxplay.config import LinesConfig, MLPConfig, ResNetConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import sizes
from jaxplay.export import (
    check_onnx,
    converted,
    export_archive,
    export_onnx,
    export_stablehlo,
    find_source,
    onnx_file,
)
from jaxplay.game import make
from jaxplay.networks import build_network


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of tic-tac-toe with a small network."""
    return save_run(tmp_path_factory.mktemp("runs") / "first")


def example(name):
    """The functions of an example."""
    return runpy.run_path(str(ROOT / "examples" / f"{name}.py"))


def test_archive_is_loaded_without_jax(run, tmp_path):
    weights, about = export_archive(find_source(str(run)), tmp_path / "archive")
    told = json.loads(about.read_text())
    assert (told["game"], told["network"]["kind"], told["files"]) == ("tic_tac_toe", "mlp", [weights.name])
    agent = find_source(str(run)).agent
    state = agent.game.init(jax.random.key(0))
    if told["network"]["value_head"] == "outcome":
        logits, value = example("load_archive")["load"](str(tmp_path / "archive"))[1](
            agent.game.observe(state)
        )
        ours = agent.predict(state)
        np.testing.assert_allclose(logits, ours.logits, atol=1e-5)
        assert value == pytest.approx(float(ours.value), abs=1e-5)


def test_archive_of_a_network_that_sees_lines(tmp_path):
    run = save_run(tmp_path / "run", network=LinesConfig(width=16, depth=1))
    export_archive(find_source(str(run)), tmp_path / "archive")
    agent = find_source(str(run)).agent
    about, predict = example("load_archive")["load"](str(tmp_path / "archive"))
    assert len(about["lines"]) == 8
    state = agent.game.init(jax.random.key(0))
    for action in (0, 4, 1, 3):
        state = agent.game.step(state, jnp.int32(action))
    logits, value = predict(np.asarray(agent.game.observe(state)))
    ours = agent.predict(state)
    legal = np.asarray(state.legal_action_mask)
    np.testing.assert_allclose(logits[legal], np.asarray(ours.logits)[legal], atol=1e-5)
    assert value == pytest.approx(float(ours.value), abs=1e-5)


def test_stablehlo_plays_the_agents_moves(run, tmp_path):
    source = find_source(str(run))
    export_stablehlo(source, tmp_path / "hlo", batch_size=2)
    about, programs = example("load_stablehlo")["load"](str(tmp_path / "hlo"))
    assert about["platforms"] == ["cpu", "cuda", "tpu"] and about["promised_until"] > about["written"]
    key = jax.random.key_data(jax.random.key(3))
    leaves, states = (
        programs["init"](key),
        jax.vmap(source.agent.game.init)(jax.random.split(jax.random.key(3), 2)),
    )
    for _ in range(3):
        actions = programs["act"](key, leaves)
        np.testing.assert_array_equal(actions, source.agent.act(states, jax.random.wrap_key_data(key)))
        leaves = programs["step"](key, leaves, actions)
        states = jax.vmap(source.agent.game.step)(states, actions)
        np.testing.assert_array_equal(leaves["legal_action_mask"], states.legal_action_mask)
    seen = programs["observe"](leaves)
    np.testing.assert_array_equal(seen, jax.vmap(source.agent.game.observe)(states))
    logits, value = programs["predict"](jnp.concatenate([seen, seen]).astype(jnp.float32))
    assert logits.shape == (4, 9)
    np.testing.assert_allclose(value[:2], source.agent.predict(states).value, atol=1e-6)


def test_stablehlo_of_a_table_deals_and_samples(tmp_path):
    """Chance is resolved in the programs, and a strategy has no network."""
    paths = export_stablehlo(find_source("agents:kuhn_poker"), tmp_path / "kuhn")
    assert "predict.stablehlo" not in {path.name for path in paths}
    load = example("load_stablehlo")
    _, programs = load["load"](str(tmp_path / "kuhn"))
    games = [load["play"](programs, seed) for seed in range(12)]
    assert {abs(float(rewards.sum())) for _, rewards in games} == {0.0}
    assert len({tuple(moves) for moves, _ in games}) > 1


@pytest.mark.parametrize(
    "config",
    [
        MLPConfig(width=16, depth=1, value_head="scalar"),
        LinesConfig(width=16, depth=1),
        ResNetConfig(channels=8, depth=1),
    ],
    ids=["mlp", "lines", "resnet"],
)
def test_onnx_of_networks(config):
    """All kinds of network and both heads, checked by another runtime."""
    pytest.importorskip("jax2onnx")
    game = make("connect_four")
    network, shape = build_network(config, game), sizes(game).observation
    rng = np.random.default_rng(1)  # final layers begin at zero, and would hide errors
    forms = jax.eval_shape(network.init, jax.eval_shape(jax.random.key, 0))
    params = jax.tree.map(lambda x: rng.normal(0, 0.3, x.shape).astype(x.dtype), forms)

    def predict(x):
        found = jax.vmap(network.apply, (None, 0))(params, x)
        return found.logits, found.value

    def wrong(x):
        return jax.tree.map(lambda y: y * 1.001 + 1e-3, predict(x))

    data = converted(predict, shape)
    assert 0 <= check_onnx(data, predict, shape) <= 1e-5
    with pytest.raises(UserError, match=r"onnxruntime differs by \S+ from JAX; allowed: 1e-05"):
        check_onnx(data, wrong, shape)


def test_onnx_of_a_run(run, tmp_path):
    pytest.importorskip("jax2onnx")
    source = find_source(str(run))
    export_onnx(source, tmp_path / "onnx")
    assert jnp.cumsum(jnp.ones((2, 3)), 1).tolist() == [[1, 2, 3]] * 2, "jax.numpy is as it was"
    about, predict = example("load_onnx")["load"](str(tmp_path / "onnx"))
    states = jax.vmap(source.agent.game.init)(jax.random.split(jax.random.key(0), 3))
    logits, values = predict(np.asarray(jax.vmap(source.agent.game.observe)(states), np.float32))
    np.testing.assert_allclose(logits, source.agent.predict(states).logits, atol=1e-5)
    np.testing.assert_allclose(values, source.agent.predict(states).value, atol=1e-5)
    assert about["largest_difference"] <= 1e-5


def test_what_cannot_be_exported_is_told_in_a_line(run, tmp_path, monkeypatch):
    for player, message in (
        ("random", "random has nothing to export; allowed: a run"),
        ("mcts:10", "has nothing to export"),
        ("agents:nobody", "no shipped agent 'nobody'"),
    ):
        with pytest.raises(UserError, match=message):
            find_source(player)
    with pytest.raises(UserError, match="agents:kuhn_poker has a table and no network"):
        export_onnx(find_source("agents:kuhn_poker"), tmp_path / "new")
    with pytest.raises(UserError, match="is not an empty folder"):
        export_archive(find_source("agents:kuhn_poker"), run)
    with pytest.raises(UserError, match="batch_size is 0"):
        export_stablehlo(find_source("agents:kuhn_poker"), tmp_path / "new", batch_size=0)
    monkeypatch.setitem(sys.modules, "jax2onnx", None)
    with pytest.raises(UserError, match=r"ONNX needs jax2onnx: pip install 'jaxplay\[export\]'"):
        export_onnx(find_source(str(run)), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_network_that_has_no_form_in_onnx_is_told_in_a_line():
    pytest.importorskip("jax2onnx")

    def predict(x):
        keys = jax.random.split(jax.random.key(0), 2)
        return x + jax.random.uniform(keys[0]), x

    with pytest.raises(UserError, match=r"the network has no form in ONNX: .*random"):
        converted(predict, (3,))
    assert onnx_file.TOLERANCE == 1e-5


def test_command(run, tmp_path, capsys):
    assert main(["export", str(run), "--to", str(tmp_path / "out"), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["bytes"] > 0 for row in rows] == [True, True]
    assert main(["export", str(run), "--to", str(tmp_path / "out")]) == 2
    assert main(["export", str(run), "--to", str(tmp_path / "b"), "--batch-size", "4"]) == 2
    assert "--batch-size is for stablehlo" in capsys.readouterr().err
    assert main(["export", str(run), "--to", str(tmp_path / "b"), "--format", "onx"]) == 2
    assert "did you mean 'onnx'" in capsys.readouterr().err
