"""Several processes that share a run on the loopback: the run of one, whoever is killed or told to go."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from source import ROOT, xla_flags

from jaxplay.checkpoint.arrays import read_about, read_arrays

STEPS = 24
PATIENCE = 300
"""Seconds that processes may take on a machine that is busy."""
SETTINGS = """
game = "tic_tac_toe"
evaluate_games = 0
log_seconds = 0.0
checkpoint_minutes = 0.0
keep_checkpoints = 100
[network]
width = 8
depth = 0
[search]
kind = "puct"
num_simulations = 2
dirichlet_fraction = 0.0
[selfplay]
num_matches = 16
num_plies = 2
max_opening_plies = 0
[learner]
replay_positions = 1024
min_positions = 64
batch_size = 32
num_updates = 2
augment = false
"""


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def start(*arguments: str, **variables: str) -> subprocess.Popen[str]:
    """A command in a process of its own."""
    flags = xla_flags("--xla_backend_optimization_level=0")
    env = os.environ | {"XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu", "PYTHONPATH": str(ROOT)} | variables
    env.pop("JAX_NUM_CPU_DEVICES", None)
    command = [sys.executable, "-m", "jaxplay.cli.main", *arguments]
    to = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=to, stderr=subprocess.STDOUT, text=True)


def start_by_hand(count: int, *arguments: str) -> list[subprocess.Popen[str]]:
    """So many processes that are told who they are."""
    where = ["--coordinator", f"127.0.0.1:{free_port()}", "--processes", str(count)]
    return [start(*arguments, *where, "--process", str(number)) for number in range(count)]


def start_as_slurm(count: int, *arguments: str) -> list[subprocess.Popen[str]]:
    """So many processes that find each other by SLURM's variables; the port is by the job's number."""
    job = {"SLURM_JOB_ID": str(os.getpid()), "SLURM_STEP_NODELIST": "localhost", "SLURM_STEP_NUM_NODES": "1"}
    job |= {"SLURM_NTASKS": str(count)}
    numbers = [{"SLURM_PROCID": str(i), "SLURM_LOCALID": str(i)} for i in range(count)]
    return [start(*arguments, "--coordinator", "auto", **job, **own) for own in numbers]


def ends(processes: list[subprocess.Popen[str]], seconds: float = PATIENCE) -> list[tuple[int, str]]:
    """How each process ends: its exit status, and what it said."""
    try:
        said = [process.communicate(timeout=seconds)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
    return [(process.returncode, text) for process, text in zip(processes, said, strict=True)]


def wait_for(folder: Path, step: int, processes: list[subprocess.Popen[str]]) -> None:
    """Wait until a checkpoint of `step` or later is there."""
    deadline = time.monotonic() + PATIENCE
    while max(steps_of(folder), default=0) < step:
        assert time.monotonic() < deadline
        assert all(process.poll() is None for process in processes), ends(processes)
        time.sleep(0.01)


def steps_of(folder: Path) -> list[int]:
    """The steps of the checkpoints of a run."""
    found = (folder / "checkpoints").glob("*")
    return sorted(int(path.name) for path in found if re.fullmatch("[0-9]{9}", path.name))


def state(folder: Path, step: int) -> dict[str, Any]:
    path = folder / "checkpoints" / f"{step:09d}"
    return read_arrays(path, "state", read_about(path))


def assert_same(folder: Path, other: Path, step: int) -> None:
    """Two runs have the same state, up to rounding: games, replay, parameters, optimizer, keys."""
    one, two = state(folder, step), state(other, step)
    assert one.keys() == two.keys()
    for name, array in one.items():
        if np.issubdtype(array.dtype, np.floating):
            np.testing.assert_allclose(two[name], array, rtol=1e-4, atol=1e-5, err_msg=name)
        else:
            np.testing.assert_array_equal(two[name], array, err_msg=name)


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("settings") / "least.toml"
    path.write_text(SETTINGS)
    return path


@pytest.fixture(scope="module")
def alone(tmp_path_factory, settings) -> Path:
    """The run of one process on four devices."""
    folder = tmp_path_factory.mktemp("runs") / "alone"
    line = ["train", "--config", str(settings), "--preset", "quick", "--devices", "4"]
    ((status, said),) = ends([start(*line, "--steps", str(STEPS), "--out", str(folder))])
    assert status == 0, said
    assert "on 4 x cpu, which divide the games; copies of the rest take 0.0 MiB more" in said
    return folder


def test_all_processes_must_have_the_same_settings(tmp_path, settings):
    """The one that leads says so, before anything is compiled, and all leave."""
    line = [
        "train",
        "--config",
        str(settings),
        "--preset",
        "quick",
        "--steps",
        "1",
        "--out",
        str(tmp_path / "run"),
    ]
    where = ["--coordinator", f"127.0.0.1:{free_port()}", "--processes", "2", "--process"]
    (status, said), (other, answer) = ends([start(*line, "--seed", i, *where, i) for i in "01"])
    assert (status, other) == (2, 2)
    assert said.splitlines()[-1] == (
        "jaxplay: error: process 1 has other settings than process 0, which leads the run"
    )
    assert answer.splitlines()[-1].endswith("process 0, which leads the run, could not go on; it says why")


@pytest.mark.skipif(sys.platform != "linux", reason="collectives between processes of a CPU need Linux")
def test_four_processes_of_which_one_is_killed_then_two_of_which_one_is_told_to_go_then_one(
    tmp_path, settings, alone
):
    """At every point the run is, up to rounding, that of one process; and nobody hangs."""
    folder = tmp_path / "run"
    line = ["train", "--config", str(settings), "--preset", "quick", "--out", str(folder)]
    four = start_by_hand(4, *line, "--steps", str(STEPS))
    wait_for(folder, 2, four)
    four[2].kill()
    began = time.monotonic()
    (leader, said), *others = ends(four)
    assert time.monotonic() - began < 60
    assert leader == 2 and "Traceback" not in said
    *_, last = said.splitlines()
    assert last.startswith("jaxplay: error: another process of this run is gone (")
    assert last.endswith(f"`jaxplay resume {folder}` goes on, also with fewer")
    # Where JAX's own service sees the loss before the process does, it ends the process with SIGABRT.
    first, killed, third = (status for status, _ in others)
    assert killed == -signal.SIGKILL and {first, third} <= {2, -signal.SIGABRT}
    reached = max(steps_of(folder))
    assert 2 <= reached < STEPS
    assert_same(alone, folder, reached)

    two = start_as_slurm(2, "resume", str(folder))
    wait_for(folder, reached + 2, two)
    two[1].send_signal(signal.SIGTERM)
    (status, said), (other, _) = ends(two)
    assert (status, other) == (0, 0), said
    stopped = max(steps_of(folder))
    assert reached + 2 <= stopped < STEPS
    assert f"stopped at step {stopped}" in said and "on 4 x cpu of 2 processes" in said
    assert_same(alone, folder, stopped)

    ((status, said),) = ends([start("resume", str(folder))])
    assert status == 0 and f"finished at step {STEPS}" in said, said
    assert_same(alone, folder, STEPS)
