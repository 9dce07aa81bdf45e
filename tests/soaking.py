"""What can happen to a process and its files: signals, damage, a full disk, a second process, a wrong clock.

Each trial takes something that runs in a folder, and asserts that it came out as if nothing had happened, or
that one line said why not.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).parent.parent
PATIENCE = 1800
"""Seconds that a process may take on a machine that is busy."""
SIGNALS = (
    *("KILL", "TERM", "INT", "HUP", "QUIT", "ABRT", "SEGV", "USR1", "ALRM", "PIPE"),
    *("STOP+CONT", "STOP+KILL", "TERM+TERM", "INT+KILL"),
)
HARMS = ("truncate", "zero", "flip", "delete", "empty")
CLOCK = """
import time
real, start = time.time, time.time()
time.time = lambda: real() - (86400.0 if real() > start + 3.0 else 0.0)
"""
"""A module that Python imports first: three seconds after a process starts its clock is a day behind."""


class Subject(Protocol):
    """Something that runs in a folder to a goal, and goes on there."""

    @property
    def name(self) -> str:
        """Of this kind."""
        ...

    def create(self, folder: Path) -> None:
        """Make `folder` one in which nothing has been done yet."""
        ...

    def command(self, folder: Path, *, further: bool = False) -> list[str]:
        """What Python is given to go on in `folder` to the goal, or a little further."""
        ...

    def points(self, folder: Path) -> int:
        """How often something was noted there so far."""
        ...

    def reached(self, output: str) -> bool:
        """Whether a process said that the goal is reached."""
        ...

    def check(self, folder: Path, when: str = "") -> None:
        """What is in `folder` must be equal, bit for bit, to what it would be had nothing happened."""
        ...


def start(subject: Subject, folder: Path, *, further: bool = False, **env: str) -> subprocess.Popen[str]:
    """Go on in a process of its own."""
    return subprocess.Popen(
        [sys.executable, *subject.command(folder, further=further)],
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


def kill(subject: Subject, folder: Path, kills: int, chance: random.Random) -> Counter[str]:
    """Kill it by random signals at random moments, so many times, and let it finish."""
    count: Counter[str] = Counter()
    subject.create(folder)
    while count.total() < kills:
        process = start(subject, folder)
        wait_for_point(subject, process, folder, chance.randrange(0, 3))
        time.sleep(chance.uniform(0.0, 0.5))
        name = chance.choice(SIGNALS)
        send(process, name)
        status, output = finish(process)
        if status in (0, 2):
            check_words(status, output)
        if subject.reached(output):
            subject.check(folder, f"after {dict(count)}: {output}")
            shutil.rmtree(folder)
            subject.create(folder)
        count[name] += 1
    status, output = finish(start(subject, folder))
    assert status == 0 or subject.reached(output), output
    subject.check(folder, f"after {dict(count)}")
    assert not list(folder.rglob("*.draft"))
    return count


def wait_for_point(subject: Subject, process: subprocess.Popen[str], folder: Path, more: int) -> None:
    """Wait until something more was noted so often, or the process has ended."""
    deadline = time.monotonic() + PATIENCE
    until = subject.points(folder) + more
    while subject.points(folder) < until and process.poll() is None:
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


def fill_disk(subject: Subject, folder: Path, chance: random.Random) -> Counter[str]:
    """A disk that fills up while it saves: one line, what was saved stays, and later it goes on."""
    count: Counter[str] = Counter()
    with small_disk(folder, 4096) as mounted:
        if not mounted:
            return Counter({"no file system may be mounted": 1})
        run, ballast = folder / "run", folder / "ballast"
        subject.create(run)
        while True:
            process = start(subject, run)
            wait_for_point(subject, process, run, chance.randrange(1, 5))
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
                status, output = finish(start(subject, run))
                assert status == 0, output
                break
        subject.check(run)
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        status, output = finish(start(subject, run, further=True))
        check_words(status, output)
        assert status == 2 and "Read-only file system" in output, output
        count["read-only"] += 1
    return count


def race(subject: Subject, folder: Path, rounds: int, chance: random.Random) -> Counter[str]:
    """Two processes go on in one folder at once: one does, the other says that it is in use."""
    count: Counter[str] = Counter()
    for number in range(rounds):
        run = folder / str(number)
        subject.create(run)
        first = start(subject, run)
        time.sleep(chance.uniform(0.0, 0.1))
        results = [finish(process) for process in (start(subject, run), first)]
        for status, output in results:
            check_words(status, output)
            told = "is in use by another process" in output or subject.reached(output)
            assert status == 0 or told, output
        told = sum("is in use by another process" in output for _, output in results)
        subject.check(run)
        count["one line from the second" if told else "one after the other"] += 1
    return count


def set_clock_back(subject: Subject, folder: Path) -> Counter[str]:
    """The clock of the wall is a day behind after three seconds."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(CLOCK)
    run = folder / "run"
    subject.create(run)
    path = f"{folder}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    status, output = finish(start(subject, run, PYTHONPATH=path))
    assert status == 0, output
    subject.check(run)
    return Counter({"equal": 1})
