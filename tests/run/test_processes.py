"""Runs as processes, that are killed."""

import dataclasses
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_runs import RUN, TRAINING, plain, saved_digest
from source import ROOT

from jaxplay.checkpoint import Goal, create_run
from jaxplay.run import records, train

STEPS = 24
KILLS = 3
PATIENCE = 300
"""Seconds that a process may take on a machine that is busy."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return train(config=RUN, steps=STEPS, out=tmp_path_factory.mktemp("runs") / "run", progress=False)


def new_run(folder: Path, steps: int) -> Path:
    """A run that saves as often as it can, of which nothing was done yet."""
    create_run(folder, dataclasses.replace(RUN, training=TRAINING, checkpoint_minutes=0.0), Goal(steps=steps))
    return folder


@pytest.fixture
def folder(tmp_path):
    return new_run(tmp_path / "run", STEPS)


def start(folder: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "jaxplay.cli.main", "resume", str(folder)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def last_step(folder: Path) -> int:
    return max((line["step"] for line in records.read(folder / "metrics.jsonl")), default=0)


def wait_for_step(process: subprocess.Popen, folder: Path, step: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while last_step(folder) < step and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_killed_at_random_moments_a_run_is_what_it_would_have_been(whole, folder):
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    for _ in range(KILLS):
        process = start(folder)
        wait_for_step(process, folder, last_step(folder) + chance.randrange(1, STEPS // KILLS))
        time.sleep(chance.uniform(0.0, 0.3))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=PATIENCE)
    process = start(folder)
    output, _ = process.communicate(timeout=PATIENCE)
    if "has reached its goal" not in output:
        assert process.returncode == 0, f"seed {seed}: {output}"
    assert saved_digest(folder, STEPS) == saved_digest(whole.folder), f"seed {seed}"
    assert plain(records.read(folder / "metrics.jsonl")) == plain(whole.metrics()), f"seed {seed}"
    assert not list((folder / "checkpoints").glob("*.draft"))


def test_ctrl_c_saves_and_leaves_with_status_0(tmp_path):
    folder = new_run(tmp_path / "endless", steps=10**6)
    process = start(folder)
    wait_for_step(process, folder, 2)
    os.kill(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, output
    assert "Traceback" not in output
    *_, stopped, go_on, _, _ = output.splitlines()
    assert stopped == f"stopped at step {last_step(folder)}" and go_on.endswith(f"jaxplay resume {folder}")
    assert (folder / "checkpoints" / f"{last_step(folder):09d}").is_dir()


def test_an_error_is_one_line_and_status_2(folder):
    (folder / "config.json").write_text("{")
    process = start(folder)
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert output.startswith("jaxplay: error: ") and output.count("\n") == 1
