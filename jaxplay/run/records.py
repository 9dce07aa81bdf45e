"""Files of JSON records, one a line, each with a `step`. Training never depends on what they hold."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jaxplay.checkpoint import append_line, write_whole

Record = dict[str, Any]

SET_ASIDE = ".unreadable"
"""Appended to the name of a file, for the file that keeps its lines that are no records."""


def append(path: Path, record: Record) -> None:
    """Write one more record. Raises `OSError` if it cannot be written, or if `path` is a symbolic link."""
    append_line(path, json.dumps(record))


def read(path: Path) -> list[Record]:
    """All records of a file. Lines that cannot be read are left out; a missing file has none."""
    try:
        return _split(path.read_bytes())[0]
    except OSError:
        return []


def cut_after(path: Path, step: int, warn: Callable[[str], None]) -> None:
    """Keep the records up to `step` only. Lines that cannot be read move to a file beside, with one warning.

    Raises:
        OSError: the file cannot be read or written.
    """
    if not path.exists():
        return
    records, broken = _split(path.read_bytes())
    if broken:
        aside = path.with_name(path.name + SET_ASIDE)
        warn(f"{path}: lines that cannot be read: {len(broken)}; they are in {aside.name} now")
        write_whole(aside, b"\n".join(broken) + b"\n")
    kept = [record for record in records if record["step"] <= step]
    write_whole(path, "".join(json.dumps(record) + "\n" for record in kept))


def _split(data: bytes) -> tuple[list[Record], list[bytes]]:
    """The records of a file, and the lines that are none."""
    records, broken = [], []
    for line in filter(None, data.split(b"\n")):
        record = _parse(line)
        if record is None:
            broken.append(line)
        else:
            records.append(record)
    return records, broken


def _parse(line: bytes) -> Record | None:
    """The record of a line; None if it is none."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    step = record.get("step") if isinstance(record, dict) else None
    return record if isinstance(step, int) and not isinstance(step, bool) else None
