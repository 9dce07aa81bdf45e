"""The files of one checkpoint: arrays by orbax, and `about.json` with a checksum of each file."""

import json
import logging
import os
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ABOUT = "about.json"
SUMS = "crc32"
DRAFT = ".draft"
"""Put behind the name of what is not finished."""


class DamagedError(Exception):
    """A checkpoint that is complete by name and cannot be read."""


def write_checkpoint(folder: Path, items: Mapping[str, Mapping[str, Any]], about: Mapping[str, Any]) -> None:
    """Write each item, named arrays, to its part of `folder`, then `about` with the sums of all files."""
    import orbax.checkpoint as ocp

    quiet_orbax()
    reserve(folder, sum(array.nbytes for arrays in items.values() for array in arrays.values()))
    for name, arrays in items.items():
        with ocp.Checkpointer(ocp.StandardCheckpointHandler()) as writer:
            writer.save(folder / name, args=ocp.args.StandardSave(dict(arrays)))
    sums = {str(path.relative_to(folder)): _sum(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    (folder / ABOUT).write_text(json.dumps({**about, SUMS: sums}))


@contextmanager
def drafted(path: Path) -> Iterator[Path]:
    """The name to write a file under; it gets its own, over one that has it, when it is finished."""
    draft = path.with_name(path.name + DRAFT)
    try:
        path.parent.mkdir(exist_ok=True)
        yield draft
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def reserve(folder: Path, size: int) -> None:
    """Raise `OSError` unless `folder` has room for `size` bytes, where the system can tell."""
    path = folder / "room"
    if hasattr(os, "posix_fallocate"):
        with path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
        path.unlink()


def read_about(folder: Path) -> dict[str, Any]:
    """What `about.json` says.

    Raises:
        DamagedError: it cannot be read.
    """
    try:
        about = json.loads((folder / ABOUT).read_text())
        return {name: about[name] for name in ("shapes", "totals", SUMS)}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedError(f"{ABOUT}: {first_line(error)}") from error


def read_arrays(folder: Path, item: str, about: Mapping[str, Any]) -> dict[str, Any]:
    """The arrays of an item, after a look at the sums of its files.

    Raises:
        DamagedError: a file is not what was written.
    """
    import orbax.checkpoint as ocp

    quiet_orbax()
    for name, crc in about[SUMS].items():
        if name.startswith(f"{item}/"):
            _check(folder / name, crc, name)
    try:
        with ocp.Checkpointer(ocp.StandardCheckpointHandler()) as reader:
            return reader.restore(folder / item, args=ocp.args.StandardRestore())
    except Exception as error:
        raise DamagedError(first_line(error)) from error


def _check(path: Path, crc: int, name: str) -> None:
    try:
        right = _sum(path) == crc
    except OSError as error:
        raise DamagedError(f"{name}: {first_line(error)}") from error
    if not right:
        raise DamagedError(f"{name} is not what was written")


def _sum(path: Path) -> int:
    return zlib.crc32(path.read_bytes())


def first_line(error: BaseException) -> str:
    """What the operating system said, where that is part of a longer message; else the first line."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = str(error) or type(error).__name__
    found = re.search(r"([^:]+) \[os_error_code=", text)
    return found.group(1).strip() if found else text.splitlines()[0][:200]


def quiet_orbax() -> None:
    """Drop what orbax logs: it tells a failure that it also raises many times. May be called again."""
    for name in ("absl", "asyncio"):
        logger = logging.getLogger(name)
        if _not_from_orbax not in logger.filters:
            logger.addFilter(_not_from_orbax)


def _not_from_orbax(record: logging.LogRecord) -> bool:
    return "orbax" not in record.pathname and "orbax" not in record.getMessage()
