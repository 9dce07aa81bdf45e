"""The folder of a run and its `config.json`: what was asked for, and the versions it ran on."""

import json
import platform
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from jaxplay.config import RunConfig, from_json, to_json
from jaxplay.errors import UserError

CONFIG_FILE = "config.json"
FORMAT = 1
"""Version of the layout of a run's folder."""

LIBRARIES = ("jaxplay", "jax", "jaxlib", "flax", "optax", "orbax-checkpoint", "numpy", "pgx")


class Goal(NamedTuple):
    """When a run stops; None: not for this reason."""

    minutes: float | None = None
    steps: int | None = None
    games: int | None = None


FOR_EVER = Goal()


def create_run(folder: Path, config: RunConfig, goal: Goal = FOR_EVER) -> None:
    """Make `folder` a run. Nothing that is there already is touched.

    Raises:
        UserError: the folder holds a run or other files, or cannot be written.
    """
    try:
        _refuse_occupied(folder)
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(_about(config, goal), indent=1)
        draft = folder / f"{CONFIG_FILE}.tmp"
        draft.write_text(text + "\n")
        draft.replace(folder / CONFIG_FILE)
    except OSError as error:
        raise UserError(f"cannot write {folder}: {error.strerror}") from error


def _refuse_occupied(folder: Path) -> None:
    if (folder / CONFIG_FILE).exists():
        raise UserError(f"{folder} holds another run; `jaxplay resume {folder}` continues it")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} is not an empty folder; name another")


def _about(config: RunConfig, goal: Goal) -> dict[str, Any]:
    versions = {name: metadata.version(name) for name in LIBRARIES} | {"python": platform.python_version()}
    return {"format": FORMAT, "goal": goal._asdict(), "versions": versions, "config": to_json(config)}


def read_config(folder: Path) -> RunConfig:
    """The configuration of the run in `folder`.

    Raises:
        UserError: not a run, or one that this version cannot read.
    """
    return from_json(RunConfig, _read(folder)["config"], f"config of {folder}")


def read_goal(folder: Path) -> Goal:
    """When the run in `folder` was to stop. Raises like `read_config`."""
    return Goal(**_read(folder).get("goal", {}))


def _read(folder: Path) -> dict[str, Any]:
    path = folder / CONFIG_FILE
    if not path.is_file():
        raise UserError(f"{folder} is not a run: it has no {CONFIG_FILE}")
    try:
        about = json.loads(path.read_text())
        version, _ = about["format"], about["config"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} is damaged: {error}") from error
    if version != FORMAT:
        raise UserError(f"{path} has format {version}; this version of jaxplay reads {FORMAT}")
    return about
