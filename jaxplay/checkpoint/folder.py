"""The folder of a run and its `config.json`: what was asked for, and the versions it ran on."""

import hashlib
import json
import platform
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from jaxplay.checkpoint.files import first_line, write_whole
from jaxplay.checkpoint.formats import FORMAT, OLDEST, upgrade
from jaxplay.config import RunConfig, from_json, to_json
from jaxplay.errors import UserError, nearest

CONFIG_FILE = "config.json"
CHECKSUM_FILE = "config.sha256"
"""Holds the checksum of `config.json`, as `sha256sum -c` reads it."""
FIELDS = ("format", "goal", "versions", "config")
"""What `config.json` tells."""
LIBRARIES = (
    *("jaxplay", "jax", "jaxlib", "flax", "optax", "orbax-checkpoint", "safetensors", "numpy", "pgx"),
)


@dataclass(frozen=True)
class Goal:
    """When a run stops; None: not for this reason.

    Attributes:
        minutes: of wall clock.
        steps: of the run.
        games: that were finished.
    """

    minutes: float | None = None
    steps: int | None = None
    games: int | None = None


FOR_EVER = Goal()


def versions() -> dict[str, str]:
    """The versions of what is installed that training rests on, and of Python, by name."""
    return {name: metadata.version(name) for name in LIBRARIES} | {"python": platform.python_version()}


def create_run(folder: Path, config: RunConfig, goal: Goal = FOR_EVER) -> None:
    """Make `folder` a run. Nothing that is there already is touched.

    Raises:
        UserError: the folder holds a run or other files, or cannot be written.
    """
    about = {"format": FORMAT, "goal": asdict(goal), "versions": versions(), "config": to_json(config)}
    try:
        _refuse_occupied(folder)
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(about, indent=1) + "\n"
        write_whole(folder / CHECKSUM_FILE, _checksum_line(text.encode()))
        write_whole(folder / CONFIG_FILE, text)
    except OSError as error:
        raise UserError(f"cannot write {folder}: {first_line(error)}") from error


def _refuse_occupied(folder: Path) -> None:
    if (folder / CONFIG_FILE).exists():
        raise UserError(f"{folder} holds another run; `jaxplay resume {folder}` continues it")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} is not an empty folder; name another")


def read_config(folder: Path, *, accept_config: bool = False) -> RunConfig:
    """The configuration of the run in `folder`.

    Args:
        folder: of the run.
        accept_config: take a configuration that was changed after the run had written it.

    Raises:
        UserError: not a run, one that this version cannot read, or a configuration that was changed.
    """
    about = _read(folder, accept_config=accept_config)
    return from_json(RunConfig, about["config"], f"config of {folder}")


def read_goal(folder: Path) -> Goal:
    """When the run in `folder` was to stop, whether its configuration was changed or not.

    Raises:
        UserError: see `read_config`.
    """
    goal = from_json(Goal, _read(folder, accept_config=True).get("goal", {}), f"goal of {folder}")
    for name, value in asdict(goal).items():
        if value is not None and not value > 0:
            raise UserError(f"goal of {folder}.{name} is {value}; allowed: above 0")
    return goal


def accept_config(folder: Path) -> None:
    """Write the checksum of the configuration as it is now, so that it counts as the run's own.

    Raises:
        UserError: it cannot be written.
    """
    try:
        write_whole(folder / CHECKSUM_FILE, _checksum_line((folder / CONFIG_FILE).read_bytes()))
    except OSError as error:
        raise UserError(f"cannot write {folder / CHECKSUM_FILE}: {first_line(error)}") from error


def refuse_old(folder: Path) -> None:
    """Refuse to train on with a run of an older format.

    Raises:
        UserError: it is one; and see `read_config`.
    """
    version = _read(folder, accept_config=True)["format"]
    if version != FORMAT:
        raise UserError(
            f"{folder} has format {version}, of an older jaxplay: its players load, but training goes on in"
            f" format {FORMAT} only: start again with `jaxplay train`"
        )


def _read(folder: Path, *, accept_config: bool) -> dict[str, Any]:
    """What `config.json` tells, in the words of this version."""
    path = folder / CONFIG_FILE
    if not path.is_file():
        raise UserError(f"{folder} is not a run: it has no {CONFIG_FILE}")
    try:
        data = path.read_bytes()
        about = json.loads(data)
        version, _ = about["format"], about["config"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(f"{path} is damaged: {first_line(error)}") from error
    if version not in (FORMAT, OLDEST):
        known = f"{OLDEST} and {FORMAT}"
        raise UserError(f"{path} has format {version!r:.20}; this version of jaxplay reads {known}")
    if version == FORMAT and not accept_config:
        _refuse_changed(folder, data)
    unknown = sorted(set(about) - set(FIELDS))
    if unknown:
        raise UserError(f"{path} has no field {unknown[0]!r}{nearest(unknown[0], FIELDS)}")
    return upgrade(about)


def _refuse_changed(folder: Path, data: bytes) -> None:
    try:
        kept = (folder / CHECKSUM_FILE).read_text()
    except (OSError, UnicodeDecodeError):
        kept = ""
    if kept != _checksum_line(data):
        raise UserError(
            f"{folder / CONFIG_FILE} was changed since the run wrote it, or {CHECKSUM_FILE} was; "
            f"`jaxplay resume {folder} --accept-config` takes it as it is"
        )


def _checksum_line(data: bytes) -> str:
    return f"{hashlib.sha256(data).hexdigest()}  {CONFIG_FILE}\n"
