"""A league on two devices: the run of one, and the league itself the same on both."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from source import python, xla_flags

TESTS = Path(__file__).parent.parent
FLAGS = xla_flags("--xla_force_host_platform_device_count=2", "--xla_backend_optimization_level=0")


@pytest.fixture(scope="module")
def runs() -> Any:
    """What `on_devices.py` prints."""
    path = os.pathsep.join([str(TESTS.parent), str(TESTS)])
    program = str(TESTS / "training" / "on_devices.py")
    done = python("-W", "error", program, "league", XLA_FLAGS=FLAGS, PYTHONPATH=path)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_is_the_run_of_one_device(runs):
    """Up to rounding: the same games, players, payoffs and metrics."""
    one, two = runs["1"], runs["2"]
    assert two["plies"] == one["plies"] and len(one["plies"]) == 2
    for line, other in zip(one["metrics"], two["metrics"], strict=True):
        assert line.keys() == other.keys()
        for name, value in line.items():
            np.testing.assert_allclose(other[name], value, rtol=1e-4, atol=1e-6, err_msg=name)
    for part in ("params", "league"):
        for leaf, other in zip(one[part], two[part], strict=True):
            np.testing.assert_allclose(other, leaf, rtol=1e-4, atol=1e-6)


def test_games_of_both_shards_are_counted_and_players_frozen(runs):
    lines = runs["2"]["metrics"]
    assert sum(line["frozen"] for line in lines) > 3 and sum(line["resets"] for line in lines) > 0
    assert lines[-1]["games"] > 5 and lines[-1]["positions"] > 0.9 * 4 * (16 + 8)
    assert runs["2"]["counted"] == pytest.approx(runs["1"]["counted"]) and runs["2"]["counted"] > 20


def test_matches_and_memory_are_divided_and_the_league_is_not(runs):
    for count in (2, 1):
        same = {"params": [1], "optimizer": [1], "league": [1]}
        assert runs[str(count)]["places"] == {"matches": [count], "memory": [count], **same}
    assert runs["init"] == runs["2"]["places"]


def test_only_means_and_sums_pass_between_devices(runs):
    assert set(runs["2"]["collectives"]) == {"all-reduce"}
    assert runs["1"]["collectives"] == []
