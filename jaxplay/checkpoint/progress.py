"""How far a run has come, beside its checkpoints: so that it knows of one that is gone."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from jaxplay.checkpoint.files import DamagedError, first_line, seal, unseal, write_whole

PROGRESS_FILE = "progress.json"


class Progress(NamedTuple):
    """What a run notes of itself when it saves, and when it ends.

    Attributes:
        step: of the newest checkpoint.
        totals: of the run, such as its seconds.
    """

    step: int
    totals: dict[str, float]


def save_progress(folder: Path, step: int, totals: Mapping[str, float]) -> None:
    """Write the progress of the run in `folder`. Raises `OSError` if it cannot be written."""
    write_whole(folder / PROGRESS_FILE, seal({"step": step, "totals": dict(totals)}) + "\n")


def read_progress(folder: Path) -> Progress | None:
    """The progress of the run in `folder`; None if it never saved anything.

    Raises:
        DamagedError: the file cannot be read, or is not what was written.
    """
    path = folder / PROGRESS_FILE
    if not path.exists() and not path.is_symlink():
        return None
    try:
        data: dict[str, Any] = unseal(path.read_text())
        return Progress(int(data["step"]), as_totals(data["totals"]))
    except (OSError, ValueError, KeyError, TypeError, DamagedError) as error:
        raise DamagedError(first_line(error)) from error


def as_totals(data: Any) -> dict[str, float]:
    """Totals as they are read from a file.

    Raises:
        DamagedError: they are not numbers by name.
    """
    if not (isinstance(data, dict) and all(_is_number(value) for value in data.values())):
        raise DamagedError("its totals are not numbers by name")
    return data


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
