"""One run on several devices: the same numbers, and nothing between devices but means."""

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
FLAGS = xla_flags("--xla_force_host_platform_device_count=8", "--xla_backend_optimization_level=0")


@pytest.fixture(scope="module")
def runs() -> Any:
    """What `on_devices.py` prints."""
    path = os.pathsep.join([str(TESTS.parent), str(TESTS)])
    program = str(TESTS / "training" / "on_devices.py")
    done = python("-W", "error", program, "plain", XLA_FLAGS=FLAGS, PYTHONPATH=path)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("devices", ["8", "2"])
def test_it_is_the_run_of_one_device(runs, devices):
    """Up to rounding: the same games, so the same metrics and parameters."""
    one, many = runs["1"], runs[devices]
    assert many["plies"] == one["plies"]
    for line, other in zip(one["metrics"], many["metrics"], strict=True):
        assert line.keys() == other.keys()
        for name, value in line.items():
            np.testing.assert_allclose(other[name], value, rtol=1e-4, atol=1e-6, err_msg=name)
    for leaf, other in zip(one["params"], many["params"], strict=True):
        np.testing.assert_allclose(other, leaf, rtol=1e-4, atol=1e-6)


def test_the_run_learns_from_all_shards(runs):
    """Counts are those of all 16 matches, and gradient steps begin when 64 positions are there."""
    lines = runs["8"]["metrics"]
    assert [line["positions"] for line in lines] == [32.0] * 4
    assert [line["updates"] for line in lines] == [0.0, 2.0, 4.0, 6.0]
    assert sum(line["games"] for line in lines) > 0 and lines[-1]["gradient_norm"] > 0


def test_matches_and_memory_are_divided_and_the_rest_is_not(runs):
    for count in (8, 2, 1):
        found = runs[str(count)]["places"]
        same = {"params": [1], "optimizer": [1], "league": []}
        assert found == {"matches": [count], "memory": [count], **same}
    assert runs["init"] == runs["8"]["places"]


def test_only_means_and_sums_pass_between_devices(runs):
    assert set(runs["8"]["collectives"]) == set(runs["2"]["collectives"]) == {"all-reduce"}
    assert runs["1"]["collectives"] == []


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
