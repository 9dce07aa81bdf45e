"""Games of the arena that are kept as records."""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

RECORDS = (".json", ".sgf", ".pgn", ".mat", ".html")
"""Forms that hold many games."""


def keeper(kept: list[Any], opening_plies: int) -> Callable[[Any, tuple[str, ...]], None]:
    """What the arena gives its games to, so that `kept` has their records."""
    from jaxplay.records import record_of

    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    opening = f", random to move {opening_plies}" if opening_plies else ""
    tags = {"date": today, "event": f"jaxplay arena{opening}"}
    return lambda episode, names: kept.append(record_of(episode, names, tags=tags))


def save_kept(path: Path | None, kept: list[Any]) -> None:
    """Write them, if a file was named.

    Raises:
        UserError: they cannot be written there.
    """
    from jaxplay.records import save

    if path is not None:
        save(path, kept)
