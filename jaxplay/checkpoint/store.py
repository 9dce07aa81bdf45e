"""Checkpoints of a run: a folder each, named by its step, written whole or not at all.

A checkpoint holds `state`, the whole `TrainState`; `players`, the averaged parameters of each learner, so
that an agent loads without the replay memory; and `about.json`: the format, shapes, totals of the run, and a
checksum of every file. It is written in the background under a temporary name and renamed at the end. Then
`progress.json` of the run notes it.
"""

import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from jaxplay.checkpoint.arrays import read_about, read_arrays, write_checkpoint
from jaxplay.checkpoint.files import DRAFT, DamagedError, first_line
from jaxplay.checkpoint.formats import FORMAT
from jaxplay.checkpoint.leaves import check_shapes, from_host, shapes, to_host
from jaxplay.checkpoint.progress import PROGRESS_FILE, Progress, read_progress, save_progress
from jaxplay.errors import UserError
from jaxplay.training import TrainState

T = TypeVar("T")
Totals = dict[str, float]

FOLDER = "checkpoints"
DAMAGED = ".damaged"
"""Appended to the name of a checkpoint that could not be read."""
START_AGAIN = "start again with `jaxplay train`"


def warn(line: str) -> None:
    """One line on standard error."""
    sys.stderr.write(f"jaxplay: warning: {line}\n")


class Checkpoints:
    """The checkpoints of one run.

    Args:
        run: the run's folder.
        keep: how many of the newest stay.
        warn: is given a line for each checkpoint that is damaged, or gone, and is passed over.
    """

    def __init__(self, run: Path, keep: int = 3, warn: Callable[[str], None] = warn) -> None:
        self._run = run.absolute()
        self.folder = self._run / FOLDER
        self._keep, self._warn = keep, warn
        self._worker = ThreadPoolExecutor(1, "checkpoint")
        self._saving: Future[None] | None = None

    def steps(self) -> list[int]:
        """The steps of all complete checkpoints, oldest first.

        Raises:
            UserError: their folder cannot be read.
        """
        return sorted(int(name) for name in self._names() if re.fullmatch("[0-9]{9,18}", name))

    def untouched(self) -> bool:
        """Whether the run has never saved anything.

        Raises:
            UserError: see `steps`.
        """
        noted = self._progress(quiet=True) is not None or (self._run / PROGRESS_FILE).exists()
        return not noted and all(name.endswith(DRAFT) for name in self._names())

    def save(self, state: TrainState, totals: Mapping[str, float] | None = None) -> None:
        """Begin to write `state` in the background. It is copied first, so it may be donated at once.

        Raises:
            UserError: the save before this one failed. Checkpoints that were there stay.
        """
        self.wait()
        arrays = to_host(state)
        about = {"format": FORMAT, "shapes": shapes(state), "totals": dict(totals or {})}
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
            UserError: there is none, it was written in another format, or it does not fit `abstract`.
        """
        state, totals = self._newest(lambda path: _read_state(path, abstract), step)
        progress = self._progress(quiet=True)
        if progress is not None and progress.step == int(state.step):
            totals = progress.totals
        return state, totals

    def restore_player(self, abstract: Any, *, learner: int = 0, step: int | None = None) -> tuple[Any, int]:
        """The averaged parameters of a learner, in the form of `abstract`, and their step.

        Checkpoints of every format that ever was are read.

        Raises:
            UserError: see `restore`.
        """
        return self._newest(lambda path: (_read_player(path, abstract, learner), int(path.name)), step)

    def go_on_from(self, step: int, totals: Mapping[str, float]) -> None:
        """Note that the run goes on from `step`: later checkpoints, which cannot be read, are renamed.

        Raises:
            UserError: the folder cannot be written.
        """
        try:
            for later in [later for later in self.steps() if later > step]:
                path = self._path(later)
                path.rename(_free(path.with_name(path.name + DAMAGED)))
            save_progress(self._run, step, totals)
        except OSError as error:
            raise UserError(f"cannot write {self._run}: {first_line(error)}") from error

    def note(self, step: int, totals: Mapping[str, float]) -> None:
        """Note the totals of a run whose newest checkpoint is that of `step`, where they can be written."""
        with suppress(OSError):
            save_progress(self._run, step, totals)

    def _names(self) -> list[str]:
        try:
            return [path.name for path in self.folder.iterdir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise UserError(f"cannot read {self.folder}: {first_line(error)}") from error

    def _path(self, step: int) -> Path:
        return self.folder / f"{step:09d}"

    def _progress(self, *, quiet: bool = False) -> Progress | None:
        try:
            return read_progress(self._run)
        except DamagedError as error:
            if not quiet:
                self._warn(f"{self._run / PROGRESS_FILE} is damaged and left out: {error}")
            return None

    def _newest(self, read: Callable[[Path], T], step: int | None) -> T:
        steps = self.steps()
        if step is not None and step not in steps:
            raise UserError(
                f"{self.folder} has no step {step}; allowed: {', '.join(map(str, steps)) or 'none'}"
            )
        if not steps:
            raise UserError(f"{self.folder} has no checkpoint: {START_AGAIN}")
        progress = None if step is not None else self._progress()
        if progress is not None and progress.step > steps[-1]:
            self._warn(f"checkpoint {self._path(progress.step)} is gone; an older one is taken")
        for path in map(self._path, reversed(steps) if step is None else [step]):
            try:
                return read(path)
            except DamagedError as error:
                self._warn(f"checkpoint {path} is damaged and left out: {error}")
        raise UserError(f"{self.folder} has no checkpoint that can be read: {START_AGAIN}")

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
            _sync(self.folder)
            save_progress(self._run, step, about["totals"])
        except Exception as error:
            self._remove_drafts()
            raise UserError(f"cannot save a checkpoint in {self.folder}: {first_line(error)}") from error
        for old in self.steps()[: -self._keep]:
            shutil.rmtree(self._path(old), ignore_errors=True)

    def _remove_drafts(self) -> None:
        for path in self.folder.glob(f"*{DRAFT}"):
            shutil.rmtree(path, ignore_errors=True)


def _free(path: Path) -> Path:
    """The path, or with the first number behind it that nothing has."""
    number, found = 1, path
    while found.exists() or found.is_symlink():
        number += 1
        found = path.with_name(f"{path.name}-{number}")
    return found


def _sync(folder: Path) -> None:
    """Force the names in a folder onto the disk, where the system can do that."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _read_state(path: Path, abstract: TrainState) -> tuple[TrainState, Totals]:
    about = read_about(path)
    if about["format"] != FORMAT:
        raise UserError(f"{path} was written in format {about['format']}: only its players load")
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
