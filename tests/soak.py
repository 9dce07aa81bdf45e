"""Runs that are killed and damaged again and again: `make soak`, or `python tests/soak.py --kills 10`.

Each trial must end bit for bit where an unbroken run ends, or say in one line why not. The counts are
printed. The tests run a short form of it.
"""

import argparse
import dataclasses
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import jax
import small_leagues
from small_runs import RUN, abstract, digest

from jaxplay.checkpoint import Checkpoints, Goal, create_run
from jaxplay.config import RunConfig
from jaxplay.errors import UserError
from jaxplay.run import records, resume, train
from jaxplay.training import make_training

ROOT = Path(__file__).parent.parent
STEPS = 24
PATIENCE = 600
"""Seconds that a process may take on a machine that is busy."""
SIGNALS = (
    *("KILL", "TERM", "INT", "HUP", "QUIT", "ABRT", "SEGV", "USR1", "ALRM", "PIPE"),
    *("STOP+CONT", "STOP+KILL", "TERM+TERM", "INT+KILL"),
)
KINDS = ("plain", "rare", "league")
HARMS = ("truncate", "zero", "flip", "delete", "empty")
CLOCK = """
import time
real, start = time.time, time.time()
time.time = lambda: real() - (86400.0 if real() > start + 3.0 else 0.0)
"""
"""A module that Python imports first: three seconds after a process starts its clock is a day behind."""


class Kind(NamedTuple):
    """A run that is killed.

    Attributes:
        name: of this kind.
        config: of the run.
        digest: of its last state, if nothing happens to it.
    """

    name: str
    config: RunConfig
    digest: int


def last_digest(folder: Path, config: RunConfig, step: int | None = None) -> int:
    """The digest of the newest state of a run, or of that of `step`."""
    state, _ = Checkpoints(folder, warn=lambda line: None).restore(
        abstract(make_training(config.training)), step
    )
    return digest(state)


def kinds(folder: Path, names: list[str]) -> Iterator[Kind]:
    """The kinds of these names; a run of each is trained once without trouble."""
    league = dataclasses.replace(RUN, training=small_leagues.TRAINING)
    bases = {"plain": (RUN, 0.0), "rare": (RUN, 0.02), "league": (league, 0.0)}
    for name in names:
        config = dataclasses.replace(bases[name][0], checkpoint_minutes=bases[name][1])
        train(config=config, steps=STEPS, out=folder / name, progress=False)
        yield Kind(name, config, last_digest(folder / name, config))


def start(folder: Path, *words: str, **env: str) -> subprocess.Popen[str]:
    """Go on with a run in a process of its own."""
    command = [sys.executable, "-m", "jaxplay.cli.main", "resume", str(folder), *words]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a process: its status and what it said."""
    output, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, output


def check_words(status: int, output: str) -> None:
    """A process that could not go on said so in one line; nobody ever sees a traceback."""
    assert "Traceback" not in output, output
    if status == 2:
        errors = [line for line in output.splitlines() if line.startswith("jaxplay: error: ")]
        assert len(errors) == 1, output


def kill(kind: Kind, folder: Path, kills: int, chance: random.Random) -> Counter[str]:
    """Kill a run by random signals at random moments, so many times, and let it finish."""
    count: Counter[str] = Counter()
    create_run(folder, kind.config, Goal(steps=STEPS))
    while count.total() < kills:
        process = start(folder)
        wait_for_record(process, folder, chance.randrange(0, 3))
        time.sleep(chance.uniform(0.0, 0.5))
        name = chance.choice(SIGNALS)
        send(process, name)
        status, output = finish(process)
        if status in (0, 2):
            check_words(status, output)
        if "has reached its goal" in output or f"finished at step {STEPS}" in output:
            assert last_digest(folder, kind.config) == kind.digest, (
                f"{kind.name} after {dict(count)}: {output}"
            )
            shutil.rmtree(folder)
            create_run(folder, kind.config, Goal(steps=STEPS))
        count[name] += 1
    status, output = finish(start(folder))
    assert status == 0 or "has reached its goal" in output, output
    assert last_digest(folder, kind.config) == kind.digest, f"{kind.name} after {dict(count)}"
    assert not list(folder.glob("checkpoints/*.draft"))
    return count


def wait_for_record(process: subprocess.Popen[str], folder: Path, more: int) -> None:
    """Wait until the run has written some more records, or has ended."""
    path, deadline = folder / "metrics.jsonl", time.monotonic() + PATIENCE
    until = len(records.read(path)) + more
    while len(records.read(path)) < until and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def send(process: subprocess.Popen[str], name: str) -> None:
    """Send one signal of `SIGNALS`, or two."""
    first, _, second = name.partition("+")
    process.send_signal(getattr(signal, f"SIG{first}"))
    if second:
        time.sleep(0.3)
        process.send_signal(getattr(signal, f"SIG{second}"))


def harm(path: Path, how: str, chance: random.Random) -> None:
    """Damage a file in one of the ways of `HARMS`."""
    data = bytearray(path.read_bytes())
    if how == "delete":
        path.unlink()
        return
    if how == "truncate":
        data = data[: len(data) // 2]
    elif how == "zero":
        data = bytearray(len(data))
    elif how == "flip" and data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif how == "empty":
        data = bytearray()
    path.write_bytes(data)


def harm_checkpoints(kind: Kind, folder: Path, chance: random.Random, every: int = 1) -> Counter[str]:
    """Damage each file of the newest checkpoint in each way, every so many of them: the one before is read.

    Damage that changes nothing may be passed over in silence; what is read is then what was written.
    """
    count: Counter[str] = Counter()
    shape = abstract(make_training(kind.config.training))
    steps = Checkpoints(folder).steps()
    if len(steps) < 2:
        return Counter({"one checkpoint only": 1})
    before = last_digest(folder, kind.config, steps[-2])
    newest = folder / "checkpoints" / f"{steps[-1]:09d}"
    paths = sorted(path.relative_to(newest) for path in newest.rglob("*") if path.is_file())
    keep = Path(shutil.copytree(newest, folder.with_name(folder.name + "-newest")))
    for number, (path, how) in enumerate([(path, how) for path in paths for how in HARMS]):
        if number % every:
            continue
        harm(newest / path, how, chance)
        warnings: list[str] = []
        state, _ = Checkpoints(folder, warn=warnings.append).restore(shape)
        silent = digest(state) == kind.digest and not warnings
        told = digest(state) == before and len(warnings) == 1 and "\n" not in warnings[0]
        assert silent or told, f"{path} {how}: {warnings}"
        count["fell back" if told else "did not matter"] += 1
        shutil.rmtree(newest)
        shutil.copytree(keep, newest)
    shutil.rmtree(keep)
    return count


def harm_run(kind: Kind, folder: Path, chance: random.Random, every: int = 1) -> Counter[str]:
    """Damage each file of a run that is no part of a checkpoint: it goes on, equal, or says why not."""
    count: Counter[str] = Counter()
    work = folder.with_name(folder.name + "-harmed")
    after = Path(shutil.copytree(folder, work))
    resume(after, steps=STEPS + 1, progress=False)
    wanted = last_digest(after, kind.config)
    paths = [p.relative_to(folder) for p in sorted(folder.rglob("*")) if "checkpoints" not in p.parts]
    files = [path for path in paths if (folder / path).is_file()]
    for number, (path, how) in enumerate([(path, how) for path in files for how in HARMS]):
        if number % every:
            continue
        shutil.rmtree(work)
        shutil.copytree(folder, work)
        harm(work / path, how, chance)
        message = ""
        try:
            resume(work, steps=STEPS + 1, progress=False)
        except UserError as error:
            message = str(error)
        assert "\n" not in message, f"{path} {how}: {message}"
        assert message or last_digest(work, kind.config) == wanted, f"{path} {how}"
        count["one line" if message else "went on, equal"] += 1
    shutil.rmtree(work)
    return count


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[bool]:
    """A file system of its own at `folder`, where that is allowed; tells whether it is."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    done = subprocess.run(["mount", *options], check=False, capture_output=True)
    try:
        yield done.returncode == 0
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill_disk(kind: Kind, folder: Path, chance: random.Random) -> Counter[str]:
    """A disk that fills up while a run saves: one line, what was saved stays, and later it goes on."""
    count: Counter[str] = Counter()
    with small_disk(folder, 4096) as mounted:
        if not mounted:
            return Counter({"no file system may be mounted": 1})
        run, ballast = folder / "run", folder / "ballast"
        create_run(run, kind.config, Goal(steps=STEPS))
        while True:
            process = start(run)
            wait_for_record(process, run, chance.randrange(1, 5))
            with ballast.open("wb", buffering=0) as file, suppress(OSError):
                while file.write(bytes(4096)):
                    pass
            status, output = finish(process)
            check_words(status, output)
            ballast.unlink()
            if status == 0:
                break
            assert "No space left on device" in output, output
            count["full"] += 1
            if count["full"] >= 3:
                status, output = finish(start(run))
                assert status == 0, output
                break
        assert last_digest(run, kind.config) == kind.digest
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        status, output = finish(start(run, "--steps", str(STEPS + 1)))
        check_words(status, output)
        assert status == 2 and "Read-only file system" in output, output
        count["read-only"] += 1
    return count


def race(kind: Kind, folder: Path, rounds: int, chance: random.Random) -> Counter[str]:
    """Two processes go on with one run at once: one does, the other says that it is in use."""
    count: Counter[str] = Counter()
    for number in range(rounds):
        run = folder / str(number)
        create_run(run, kind.config, Goal(steps=STEPS))
        first = start(run)
        time.sleep(chance.uniform(0.0, 0.1))
        results = [finish(process) for process in (start(run), first)]
        for status, output in results:
            check_words(status, output)
            told = "is in use by another process" in output or "has reached its goal" in output
            assert status == 0 or told, output
        assert sorted(status for status, _ in results) == [0, 2], results
        assert last_digest(run, kind.config) == kind.digest
        count["one of two"] += 1
    return count


def set_clock_back(kind: Kind, folder: Path) -> Counter[str]:
    """The clock of the wall is a day behind after three seconds."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(CLOCK)
    run = folder / "run"
    create_run(run, kind.config, Goal(steps=STEPS))
    status, output = finish(start(run, PYTHONPATH=f"{folder}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"))
    assert status == 0, output
    assert last_digest(run, kind.config) == kind.digest
    return Counter({"equal": 1})


def soak(folder: Path, names: list[str], kills: int, seed: int) -> None:
    """All trials of some kinds of runs, and a line for each trial that says how often what happened."""
    chance = random.Random(seed)
    for kind in kinds(folder / "whole", names):
        trials: dict[str, Callable[[], Counter[str]]] = {
            "signals": lambda kind=kind: kill(kind, folder / f"{kind.name}-kills", kills, chance),
            "files of a checkpoint": lambda kind=kind: harm_checkpoints(
                kind, folder / "whole" / kind.name, chance
            ),
            "other files": lambda kind=kind: harm_run(kind, folder / "whole" / kind.name, chance),
            "full disk": lambda kind=kind: fill_disk(kind, folder / f"{kind.name}-disk", chance),
            "two processes": lambda kind=kind: race(kind, folder / f"{kind.name}-race", 3, chance),
            "clock set back": lambda kind=kind: set_clock_back(kind, folder / f"{kind.name}-clock"),
        }
        for name, trial in trials.items():
            began = time.monotonic()
            count = trial()
            told = ", ".join(f"{what} {number}" for what, number in sorted(count.items()))
            print(f"{kind.name}, {name}: {told} ({time.monotonic() - began:.0f} s)", flush=True)


def main() -> None:
    """The whole soak, from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=40, help="signals for each kind of run")
    parser.add_argument(
        "--kinds", nargs="+", choices=KINDS, default=KINDS, help="saves at every step; rarely; a league"
    )
    parser.add_argument("--seed", type=int, default=None, help="of the moments and damages")
    args = parser.parse_args()
    seed = random.randrange(10**6) if args.seed is None else args.seed
    print(f"seed {seed}, {jax.devices()[0].device_kind}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        soak(Path(folder), args.kinds, args.kills, seed)


if __name__ == "__main__":
    main()
