"""Files of JSON lines, each with a `step`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Line = dict[str, Any]


def append(path: Path, line: Line) -> None:
    """Write one more line."""
    with path.open("a") as file:
        file.write(json.dumps(line) + "\n")


def read(path: Path) -> list[Line]:
    """All lines; one that was cut off while it was written is left out."""
    return list(_read(path)) if path.is_file() else []


def _read(path: Path) -> Iterator[Line]:
    for text in path.read_text().splitlines():
        try:
            yield json.loads(text)
        except ValueError:
            continue


def cut_after(path: Path, step: int) -> None:
    """Keep the lines up to `step` only."""
    if path.is_file():
        kept = [line for line in read(path) if line["step"] <= step]
        draft = path.with_name(path.name + ".tmp")
        draft.write_text("".join(json.dumps(line) + "\n" for line in kept))
        draft.replace(path)
