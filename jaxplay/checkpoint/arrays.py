"""The files of one checkpoint: arrays, written by orbax, and `about.json` with a checksum of each file."""

import json
import logging
import os
import sys
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jax

from jaxplay.checkpoint.files import DamagedError, first_line, seal, unseal
from jaxplay.checkpoint.formats import OLDEST
from jaxplay.checkpoint.progress import as_totals

ABOUT = "about.json"
SUMS = "crc32"
FORMAT_1 = {"shapes", "totals", SUMS}
"""What `about.json` told in format 1, which had no checksum of itself."""


def write_checkpoint(folder: Path, items: Mapping[str, Mapping[str, Any]], about: Mapping[str, Any]) -> None:
    """Write each item, named arrays, to its part of `folder`, then `about` with the checksums of all files.

    Raises:
        OSError: the disk is full, or the folder cannot be written. Orbax raises errors of its own too.
    """
    import orbax.checkpoint as ocp

    quiet_orbax()
    reserve(folder, sum(_room(array.nbytes) for arrays in items.values() for array in arrays.values()))
    for name, arrays in items.items():
        with _checkpointer() as writer:
            writer.save(folder / name, args=ocp.args.StandardSave(dict(arrays)))
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    sums = {str(path.relative_to(folder)): _checksum(path, sync=True) for path in files}
    with (folder / ABOUT).open("x") as file:
        file.write(seal({**about, SUMS: sums}))
        file.flush()
        os.fsync(file.fileno())


def _checkpointer() -> Any:
    """Orbax's, for this process by itself: the others of a run do not take part, and it waits for none."""
    import orbax.checkpoint as ocp

    if jax.process_count() == 1:
        return ocp.Checkpointer(ocp.StandardCheckpointHandler())
    own = jax.process_index()
    alone = ocp.options.MultiprocessingOptions(own, {own}, f"jaxplay-{own}")
    handler = ocp.StandardCheckpointHandler(multiprocessing_options=alone)
    return ocp.Checkpointer(handler, multiprocessing_options=alone)


def _room(size: int) -> int:
    """Bytes that orbax may take, for a while, for an array of `size`: it writes it twice, and what it is."""
    return 2 * size + 4096


def reserve(folder: Path, size: int) -> None:
    """Raise `OSError` unless `folder` has room for `size` bytes, where the system can tell."""
    path = folder / "room"
    if hasattr(os, "posix_fallocate") and size > 0:
        with path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
        path.unlink()


def read_about(folder: Path) -> dict[str, Any]:
    """What `about.json` says of the checkpoint in `folder`.

    Raises:
        DamagedError: it cannot be read, or is not what was written.
    """
    try:
        text = (folder / ABOUT).read_text()
        plain = json.loads(text)
        old = isinstance(plain, dict) and plain.keys() == FORMAT_1
        about = {"format": OLDEST, **plain} if old else unseal(text)
        as_totals(about["totals"])
        if not (isinstance(about["shapes"], dict) and isinstance(about[SUMS], dict) and about["format"]):
            raise DamagedError("it does not tell shapes and checksums")
        return about
    except (OSError, ValueError, KeyError, RecursionError, DamagedError) as error:
        raise DamagedError(f"{ABOUT}: {first_line(error)}") from error


def read_arrays(folder: Path, item: str, about: Mapping[str, Any]) -> dict[str, Any]:
    """The arrays of an item, after the checksums of its files were compared.

    Raises:
        DamagedError: a file is not what was written.
    """
    import orbax.checkpoint as ocp

    quiet_orbax()
    for name, crc in about[SUMS].items():
        if name.startswith(f"{item}/"):
            _check(folder / name, crc, name)
    try:
        with _checkpointer() as reader:
            return reader.restore(folder / item, args=ocp.args.StandardRestore())
    except Exception as error:
        raise DamagedError(first_line(error)) from error


def _check(path: Path, crc: int, name: str) -> None:
    try:
        right = _checksum(path) == crc
    except OSError as error:
        raise DamagedError(f"{name}: {first_line(error)}") from error
    if not right:
        raise DamagedError(f"{name} is not what was written")


def _checksum(path: Path, *, sync: bool = False) -> int:
    """The checksum of a file, which is forced onto the disk if `sync`."""
    with path.open("rb") as file:
        if sync:
            os.fsync(file.fileno())
        return zlib.crc32(file.read())


def quiet_orbax() -> None:
    """Drop what orbax logs and prints of a failure that it also raises. May be called again."""
    if not isinstance(sys.unraisablehook, _Quiet):
        sys.unraisablehook = _Quiet(sys.unraisablehook)
    for name in ("absl", "asyncio"):
        logger = logging.getLogger(name)
        if _not_from_orbax not in logger.filters:
            logger.addFilter(_not_from_orbax)


def _not_from_orbax(record: logging.LogRecord) -> bool:
    return "orbax" not in record.pathname and "orbax" not in record.getMessage()


class _Quiet:
    """Drops what a thread of tensorstore says when a write ends after orbax gave it up, as on a full disk."""

    def __init__(self, hook: Callable[[Any], Any]) -> None:
        self._hook = hook

    def __call__(self, raised: Any) -> None:
        if not (raised.exc_type is RuntimeError and str(raised.exc_value) == "Event loop is closed"):
            self._hook(raised)
