"""Runs of games with hidden information: they are learned by policy gradients, measured exactly, resumed."""

import dataclasses
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from policy_gradients import KUHN
from small_runs import RUN, digest

from jaxplay.agent import load
from jaxplay.arena import match
from jaxplay.arena.anchors import random_player
from jaxplay.checkpoint import Checkpoints
from jaxplay.cli.main import main
from jaxplay.exploit import exact_exploitability
from jaxplay.games.kuhn_poker import KuhnPoker
from jaxplay.run import resume, train
from jaxplay.training import make_training

CONFIG = dataclasses.replace(RUN, training=KUHN, evaluate_games=8, evaluate_minutes=0.0, keep_checkpoints=10)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return train(config=CONFIG, steps=6, out=tmp_path_factory.mktemp("whole") / "run", progress=False)


def saved(run, step):
    shapes = jax.eval_shape(make_training(KUHN).init, jax.random.key(0))
    return digest(Checkpoints(run).restore(shapes, step)[0])


def test_it_goes_on_as_if_it_had_never_stopped(whole, tmp_path):
    """Pending decisions, magnet and optimizer come back bit for bit."""
    train(config=CONFIG, steps=3, out=tmp_path / "run", progress=False)
    resumed = resume(tmp_path / "run", steps=6, progress=False)
    assert saved(resumed.folder, 6) == saved(whole.folder, 6)


def test_evaluations_are_exact(whole):
    """The newest says what a best response wins against the player that was saved."""
    found = whole.metrics("evaluation")[-1]
    _, gaps = exact_exploitability(str(whole.folder))
    assert found["step"] == 6
    assert found["exploitability"] == pytest.approx(gaps.exploitability, abs=1e-4)
    assert set(found["scores"]) == {"random"}


def test_its_player_samples_its_moves(whole):
    """In play and in the arena; the likeliest move always would be an open book."""
    agent = load(whole.folder)
    state = KuhnPoker().init(jax.random.key(0))
    for outcome in (0, 1):
        state = KuhnPoker().step(state, jnp.int32(outcome))
    states = jax.tree.map(lambda leaf: np.repeat(np.asarray(leaf)[None], 512, axis=0), state)
    share = np.asarray(agent.act(states, jax.random.key(1))).mean()
    chance = float(jax.nn.softmax(agent.predict(state).logits)[1])
    assert 0.05 < chance < 0.95 and abs(share - chance) < 0.1
    players = [agent.player(), random_player()]
    assert match(KuhnPoker(), players, num_games=8, key=jax.random.key(0)).num_games == 8


def test_the_command_chooses_the_learner_and_says_so(tmp_path, capsys):
    out = tmp_path / "run"
    words = ["train", "kuhn_poker", "--preset", "quick", "--steps", "1", "--evaluate-games", "0"]
    assert main([*words, "--out", str(out)]) == 0
    assert "kuhn_poker has hidden information: learner policy_gradient" in capsys.readouterr().out
    config = json.loads((out / "config.json").read_text())
    assert config["config"]["training"]["learner"]["kind"] == "policy_gradient"


def test_another_learner_is_refused(tmp_path, capsys):
    words = ["train", "kuhn_poker", "--preset", "quick", "--learner", "alphazero", "--steps", "1"]
    assert main([*words, "--out", str(tmp_path / "run")]) == 2
    error = capsys.readouterr().err
    assert "hidden information" in error and "--learner policy_gradient" in error and error.count("\n") == 1
