"""Configurations of older formats, in the words of this version."""

from typing import Any

FORMAT = 2
"""Version of a run's folder: of `config.json`, checkpoints and players."""
OLDEST = 1
"""The format before. Its players load, but its runs do not go on."""

RENAMED: dict[str, str] = {}
"""Fields of format 1 that have another name since, wherever they stand."""
REMOVED: frozenset[str] = frozenset()
"""Fields of format 1 that mean nothing any more, wherever they stood."""


def upgrade(about: dict[str, Any]) -> dict[str, Any]:
    """What `config.json` tells, with the fields of this version; data of this version stay as they are."""
    return about if about["format"] != OLDEST else about | {"config": _renamed(about["config"])}


def _renamed(data: Any) -> Any:
    if isinstance(data, list):
        return [_renamed(item) for item in data]
    if not isinstance(data, dict):
        return data
    return {RENAMED.get(name, name): _renamed(item) for name, item in data.items() if name not in REMOVED}
