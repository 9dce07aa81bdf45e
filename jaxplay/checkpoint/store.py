"""Checkpoints of a run: a folder each, named by its step, written whole or not at all.

A checkpoint holds `state`, the whole `TrainState`; `players`, the averaged parameters of each learner, so
that an agent loads without the replay memory; and `about.json`: shapes, totals of the run, and a checksum
of every file. It is written in the background under a temporary name and renamed at the end.
"""

import re
import shutil
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from jaxplay.checkpoint.files import (
    DRAFT,
    DamagedError,
    first_line,
    read_about,
    read_arrays,
    write_checkpoint,
)
from jaxplay.checkpoint.leaves import check_shapes, from_host, shapes, to_host
from jaxplay.errors import UserError
from jaxplay.training import TrainState

T = TypeVar("T")
Totals = dict[str, float]

FOLDER = "checkpoints"
DAMAGED = ".damaged"
"""Put behind the name of a checkpoint that could not be read."""


def warn(line: str) -> None:
    """One line on standard error."""
    sys.stderr.write(f"jaxplay: warning: {line}\n")


class Checkpoints:
    """The checkpoints of one run.

    Args:
        run: the run's folder.
        keep: how many of the newest stay.
        warn: is given a line for each damaged checkpoint that is passed over.
    """

    def __init__(self, run: Path, keep: int = 3, warn: Callable[[str], None] = warn) -> None:
        self.folder = run.absolute() / FOLDER
        self._keep, self._warn = keep, warn
        self._worker = ThreadPoolExecutor(1, "checkpoint")
        self._saving: Future[None] | None = None

    def steps(self) -> list[int]:
        """The steps of all complete checkpoints, oldest first."""
        return sorted(int(path.name) for path in self.folder.glob("*") if path.name.isdigit())

    def empty(self) -> bool:
        """Whether no checkpoint was ever finished here, not even one that is damaged now."""
        return not any(not path.name.endswith(DRAFT) for path in self.folder.glob("*"))

    def save(self, state: TrainState, totals: Mapping[str, float] | None = None) -> None:
        """Begin to write `state` in the background. It is copied first: donate it as you like.

        Raises:
            UserError: the save before this one failed. Checkpoints that were there stay.
        """
        self.wait()
        arrays = to_host(state)
        about = {"shapes": shapes(state), "totals": dict(totals or {})}
        self._saving = self._worker.submit(self._write, int(arrays["step"]), arrays, about)

    def wait(self) -> None:
        """Wait for the save under way.

        Raises:
            UserError: it failed. Checkpoints that were there stay.
        """
        saving, self._saving = self._saving, None
        if saving is not None:
            saving.result()

    def restore(self, abstract: TrainState, step: int | None = None) -> tuple[TrainState, Totals]:
        """The newest state that can be read (or that of `step`), and the run's totals then.

        Args:
            abstract: what `jax.eval_shape` says of the state that the configuration makes.
            step: of the checkpoint; None: the newest.

        Raises:
            UserError: there is none, or it does not fit `abstract`.
        """
        return self._newest(lambda path: _read_state(path, abstract), step)

    def restore_player(self, abstract: Any, *, learner: int = 0, step: int | None = None) -> tuple[Any, int]:
        """The averaged parameters of a learner, in the form of `abstract`, and their step.

        Raises:
            UserError: see `restore`.
        """
        return self._newest(lambda path: (_read_player(path, abstract, learner), int(path.name)), step)

    def put_aside(self, newest: int) -> None:
        """Rename the checkpoints after step `newest`, which cannot be read, so that none counts as good."""
        for step in [step for step in self.steps() if step > newest]:
            path = self._path(step)
            path.rename(path.with_name(path.name + DAMAGED))

    def _path(self, step: int) -> Path:
        return self.folder / f"{step:09d}"

    def _newest(self, read: Callable[[Path], T], step: int | None) -> T:
        steps = self.steps()
        if step is not None and step not in steps:
            raise UserError(
                f"{self.folder} has no step {step}; allowed: {', '.join(map(str, steps)) or 'none'}"
            )
        for path in map(self._path, reversed(steps) if step is None else [step]):
            try:
                return read(path)
            except DamagedError as error:
                self._warn(f"checkpoint {path} is damaged and left out: {error}")
        raise UserError(f"{self.folder} has no checkpoint that can be read")

    def _write(self, step: int, arrays: dict[str, Any], about: dict[str, Any]) -> None:
        """Write one checkpoint, then delete all but the newest. Runs in the worker."""
        path = self._path(step)
        if path.exists():
            return
        self._remove_drafts()
        draft = path.with_name(path.name + DRAFT)
        players = {name: x for name, x in arrays.items() if re.match(r"learners\.\d+\.ema\.", name)}
        try:
            draft.mkdir(parents=True)
            write_checkpoint(draft, {"state": arrays, "players": players}, about)
            draft.rename(path)
        except Exception as error:
            self._remove_drafts()
            raise UserError(f"cannot save a checkpoint in {self.folder}: {first_line(error)}") from error
        for old in self.steps()[: -self._keep]:
            shutil.rmtree(self._path(old), ignore_errors=True)

    def _remove_drafts(self) -> None:
        for path in self.folder.glob(f"*{DRAFT}"):
            shutil.rmtree(path, ignore_errors=True)


def _read_state(path: Path, abstract: TrainState) -> tuple[TrainState, Totals]:
    about = read_about(path)
    check_shapes(about["shapes"], shapes(abstract), str(path))
    return from_host(read_arrays(path, "state", about), abstract), about["totals"]


def _read_player(path: Path, abstract: Any, learner: int) -> Any:
    arrays = read_arrays(path, "players", read_about(path))
    start = f"learners.{learner}.ema."
    own = {name.removeprefix(start): x for name, x in arrays.items() if name.startswith(start)}
    if not own:
        raise UserError(f"{path} has no learner {learner}")
    check_shapes(shapes(own), shapes(abstract), str(path))
    return from_host(own, abstract)
