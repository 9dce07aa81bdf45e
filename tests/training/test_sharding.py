"""One run on several devices: the same numbers, and nothing between devices but a few means and sums."""

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from small_runs import TRAINING
from source import python, xla_flags

from jaxplay.errors import UserError
from jaxplay.sharding import DIVIDED, EVERYWHERE, make_mesh, placement, sharded_training

TESTS = Path(__file__).parent.parent
FLAGS = xla_flags("--xla_backend_optimization_level=0")
CASES = [("plain", "8"), ("plain", "2"), ("policy", "8"), ("league", "8")]
"""Programs of `on_devices.py`, and on how many devices they ran besides one."""
COLLECTIVES = {"plain": 2, "policy": 2, "league": 2}
"""At most so many in the compiled step, in loops once: the gradients and metrics of an update, the counts of
games. XLA joins what does not depend on each other."""


@pytest.fixture(scope="module")
def runs() -> Any:
    """What `on_devices.py` prints."""
    path = os.pathsep.join([str(TESTS.parent), str(TESTS)])
    program = str(TESTS / "training" / "on_devices.py")
    variables = {"JAX_NUM_CPU_DEVICES": "8", "XLA_FLAGS": FLAGS, "PYTHONPATH": path}
    done = python("-W", "error", program, *COLLECTIVES, cwd=TESTS.parent, **variables)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("program", "devices"), CASES)
def test_it_is_the_run_of_one_device(runs, program, devices):
    """Up to rounding: the same games, players and payoffs, so the same metrics and parameters."""
    one, many = runs[program]["1"], runs[program][devices]
    assert many["plies"] == one["plies"]
    for line, other in zip(one["metrics"], many["metrics"], strict=True):
        assert line.keys() == other.keys()
        for name, value in line.items():
            np.testing.assert_allclose(other[name], value, rtol=1e-4, atol=1e-6, err_msg=name)
    for part in ("params", "league"):
        for leaf, other in zip(one[part], many[part], strict=True):
            np.testing.assert_allclose(other, leaf, rtol=1e-4, atol=1e-6)


def test_the_run_learns_from_all_shards(runs):
    """Counts are those of all 16 matches, and gradient steps begin when 64 positions are there."""
    lines = runs["plain"]["8"]["metrics"]
    assert [line["positions"] for line in lines] == [32.0] * 4
    assert [line["updates"] for line in lines] == [0.0, 2.0, 4.0, 6.0]
    assert sum(line["games"] for line in lines) > 0 and lines[-1]["gradient_norm"] > 0


def test_policy_gradients_learn_from_all_shards(runs):
    lines = runs["policy"]["8"]["metrics"]
    assert lines[-1]["updates"] > 0 and lines[-1]["gradient_norm"] > 0
    assert sum(line["games"] for line in lines) > 0


def test_games_of_all_shards_are_counted_and_players_frozen(runs):
    lines, many, one = runs["league"]["8"]["metrics"], runs["league"]["8"], runs["league"]["1"]
    assert sum(line["frozen"] for line in lines) > 3 and sum(line["resets"] for line in lines) > 0
    assert lines[-1]["games"] > 5 and lines[-1]["positions"] > 0.9 * 4 * (32 + 32)
    assert many["counted"] == pytest.approx(one["counted"]) and many["counted"] > 20


@pytest.mark.parametrize("program", COLLECTIVES)
def test_matches_and_memory_are_divided_and_the_rest_is_not(runs, program):
    league = [1] if program == "league" else []
    same = {"params": [1], "optimizer": [1], "league": league}
    for count in {"8", "1", *(devices for name, devices in CASES if name == program)}:
        assert runs[program][count]["places"] == {"matches": [int(count)], "memory": [int(count)], **same}
    assert runs[program]["init"] == runs[program]["8"]["places"]


@pytest.mark.parametrize(("program", "devices"), CASES)
def test_only_few_means_and_sums_pass_between_devices(runs, program, devices):
    found = runs[program][devices]["collectives"]
    assert set(found) == {"all-reduce"} and len(found) <= COLLECTIVES[program]
    assert runs[program]["1"]["collectives"] == []


@pytest.mark.parametrize("devices", ["8", "2", "1"])
def test_a_run_of_eight_devices_goes_on_with_fewer(runs, devices):
    """Up to rounding it is the run that stays on eight; with eight, bit for bit."""
    found = runs["goes on"][devices]
    assert found["devices"] == 8
    if devices == "8":
        assert found["params"] == runs["plain"]["8"]["params"]
    for leaf, other in zip(runs["plain"]["8"]["params"], found["params"], strict=True):
        np.testing.assert_allclose(other, leaf, rtol=1e-4, atol=1e-6)


def test_a_run_refuses_devices_that_cannot_share_it(runs):
    uneven, missing = runs["goes on"]["refused"]
    assert uneven == "devices is 3; allowed: a divisor of 8, the number of shards with which the run began"
    assert missing.startswith("devices is 16; allowed: at most 8, which there are")


def test_devices_must_divide_the_shards():
    config = dataclasses.replace(TRAINING, num_shards=4)
    devices = [jax.devices()[0]] * 3
    with pytest.raises(UserError, match=r"num_shards is 4; allowed: a multiple of .* \(3\)"):
        sharded_training(config, devices)


def test_every_leaf_has_its_place():
    """A sharding for each array of the state, also for shapes alone."""
    training = sharded_training(TRAINING, jax.devices()[:1])
    shapes = jax.eval_shape(training.init, jax.random.key(0))
    places = placement(training, shapes, make_mesh(jax.devices()[:1]))
    assert jax.tree.structure(places) == jax.tree.structure(shapes)
    assert {place.spec for place in jax.tree.leaves(places.matches)} == {DIVIDED}
    assert {place.spec for place in jax.tree.leaves(places.learners[0].params)} == {EVERYWHERE}
