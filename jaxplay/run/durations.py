"""How long compiling took the last time on this machine, kept beside the compiled programs.

Nothing depends on it but what people are told.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import jax

from jaxplay.checkpoint.files import DamagedError, seal, unseal, write_whole
from jaxplay.config import TrainingConfig

COMPILATION = "compilation"
"""Name of what a run does before its first step."""

STOPS = "training stops once something was learned"
"""What is done where compiling takes longer than the minutes given."""

MOST = 64
"""Settings of a game that are known, the last ones."""
LONGEST = 1e6
"""Seconds; nobody waits longer to be told."""


class Durations:
    """How long compiling took for one game. What was compiled before with the same settings is in the cache.

    Args:
        path: of the file that keeps it; None: nothing is kept. A file that cannot be read or written is no
            error.
        settings: a key of them.
    """

    def __init__(self, path: Path | None = None, settings: str = "") -> None:
        self._path, self._settings = path, settings
        found = {} if path is None else _read(path)
        self._new: float | None = found.get("new")
        self._again: dict[str, float | None] = found.get("again", {})

    def expected(self) -> float | None:
        """Seconds; None where nobody knows.

        Settings that are new take as long as the last that were; others as long as when they were loaded.
        """
        return self._again.get(self._settings, self._new)

    def note(self, seconds: float) -> None:
        """Keep how long it took."""
        seconds = round(seconds, 3)
        if self._settings in self._again:
            self._again[self._settings] = seconds
        else:
            self._new, self._again[self._settings] = seconds, None
        self._again = dict([*self._again.items()][-MOST:])
        if self._path is not None:
            with suppress(OSError):
                write_whole(self._path, seal({"new": self._new, "again": self._again}))


def durations_of(training: TrainingConfig) -> Durations:
    """Those beside JAX's compilation cache, where it is in use and a folder of this machine."""
    used: Any = jax.config
    folder = used.jax_compilation_cache_dir if used.jax_enable_compilation_cache else None
    return Durations() if not folder or "://" in folder else durations_in(Path(folder), training)


def durations_in(folder: Path, training: TrainingConfig) -> Durations:
    """Those in a folder, of the same game on the same devices by the same versions."""
    devices = [device.device_kind for device in jax.devices()]
    where = _key(training.game, training.game_options, devices, jax.__version__, _version())
    return Durations(folder / f"jaxplay-{where}.json", _key(replace(training, seed=0)))


def _key(*what: object) -> str:
    return hashlib.sha256(repr(what).encode()).hexdigest()[:16]


def _version() -> str:
    try:
        return version("jaxplay")
    except PackageNotFoundError:
        return ""


def _read(path: Path) -> dict[str, Any]:
    try:
        return unseal(path.read_text())
    except (OSError, ValueError, DamagedError):
        return {}


def compiling(before: float | None) -> str:
    """What goes on, with the seconds that it took the last time (None: nobody knows)."""
    return "compiling ..." if before is None else f"compiling ... (took {before:.0f} s last time)"


@contextmanager
def told_if_late(left: float, before: float | None, say: Callable[[str], None]) -> Iterator[None]:
    """Say that what is done inside takes longer than the minutes that were given.

    It is said at once where it took too long the last time, else as soon as the minutes are over.

    Args:
        left: seconds of the minutes that are left; infinite where none were given.
        before: seconds that it took the last time; None: nobody knows.
        say: is told, by another thread perhaps.
    """
    if before is not None and before >= left:
        say(f"compiling took {before:.0f} s last time: if it takes longer than the minutes given, {STOPS}")
        yield
        return
    if left > LONGEST:
        yield
        return

    def tell() -> None:
        with suppress(OSError):  # nobody reads what is said: the thread that trains notices
            say(f"compiling takes longer than the minutes given: {STOPS}")

    timer = threading.Timer(max(left, 0.0), tell)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
