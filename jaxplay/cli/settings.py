"""Settings of a command that trains: those of a preset or a run, changed by a file, changed by options."""

import argparse
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from jaxplay.cli import inputs, toml
from jaxplay.cli.options import override
from jaxplay.config import RunConfig, TrainingConfig, from_json
from jaxplay.config.data import field_types
from jaxplay.errors import UserError, nearest, quoted

INLINE = "training"
"""The field of `RunConfig` whose fields are options and keys without its name in front."""
MOST_BYTES = 1_000_000
"""Of a file; one with every setting of a league has 20,000."""


class SettingsFile(NamedTuple):
    """A file of settings that was read.

    Attributes:
        path: Path of the file.
        game: Name of the game; None where the file does not say.
        game_options: Options of the game.
        data: The other settings, as `jaxplay.config.from_json` takes them.
    """

    path: Path
    game: str | None
    game_options: dict[str, Any]
    data: dict[str, Any]


def add_config(parser: argparse.ArgumentParser) -> None:
    """Add `--config`."""
    parser.add_argument(
        "--config",
        type=inputs.path,
        metavar="FILE",
        help="Take settings from a TOML file, such as `jaxplay config` prints. Options override it.",
    )


def read_settings(path: Path | None) -> SettingsFile | None:
    """The settings of a file; None without one.

    Raises:
        UserError: It cannot be read, or holds what is no setting.
    """
    if path is None:
        return None
    found = toml.read(RunConfig, _nested(path, _load(path)))
    training = found[INLINE]
    game, options = training.pop("game", None), training.pop("game_options", [])
    if game is not None and not isinstance(game, str):
        raise UserError(f"{_told(path)}: game is {quoted(game)}; allowed: text")
    if not isinstance(options, list):
        raise UserError(f"{_told(path)}: game_options is {quoted(options)}; allowed: a table")
    return SettingsFile(path, game, dict(options), found)


def configure(base: RunConfig, file: SettingsFile | None, texts: dict[str, str]) -> RunConfig:
    """`base` with what a file and then options say.

    Args:
        base: Settings where neither says anything.
        file: As `read_settings` gives it; its game is left to the caller.
        texts: Texts of options by the names of their fields.

    Raises:
        UserError: A value that is not allowed; the message names the file and the key.
    """
    if file is not None:
        try:
            base = from_json(RunConfig, file.data, "", base)
        except UserError as error:
            raise UserError(f"{_told(file.path)}: {str(error).removeprefix(f'{INLINE}.')}") from None
    return override(base, texts, inline=(INLINE,))


def find_game(given: str | None, file: SettingsFile | None) -> tuple[str, dict[str, Any]]:
    """The name and the options of the game, by the command line or the file, which must agree.

    Raises:
        UserError: They do not, or neither names a game.
    """
    from jaxplay.cli.named import make_game, split_game
    from jaxplay.game import make

    if given is None and (file is None or file.game is None):
        raise UserError("name a GAME, or a --config FILE that does")
    if given is not None:
        make_game(given)
        found = split_game(given)
        if file is not None and file.game is not None and found != (file.game, file.game_options):
            raise UserError(f"{_told(file.path)} is for {_spelled(file)}, not {given}")
        return found
    assert file is not None
    assert file.game is not None
    make(file.game, **file.game_options)
    return file.game, file.game_options


def refuse_kind(config: RunConfig, file: SettingsFile | None, *, league: bool) -> None:
    """Refuse a file that is for another command.

    Raises:
        UserError: It has a league, or has none, against `league`; or an exploiter.
    """
    training = config.training
    if file is None:
        return
    if training.exploiter is not None:
        raise UserError(f"{_told(file.path)} has an exploiter: it is for `jaxplay exploit`")
    if (training.league is not None) != league:
        other = "train" if league else "league"
        raise UserError(
            f"{_told(file.path)} has {'no' if league else 'a'} league: it is for `jaxplay {other}`"
        )


def _load(path: Path) -> dict[str, Any]:
    """What a TOML file holds."""
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise UserError(f"{_told(path)} is larger than {MOST_BYTES:,} bytes, and no file of settings")
        return tomllib.loads(text.decode())
    except OSError as error:
        raise UserError(f"cannot read {_told(path)}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"{_told(path)} is no TOML file: {error}") from error


def _nested(path: Path, data: dict[str, Any]) -> dict[str, Any]:
    """The data with the fields of `INLINE` under its name."""
    whole, part = field_types(RunConfig), field_types(TrainingConfig)
    for name in data:
        if name == INLINE or name not in {**whole, **part}:
            raise UserError(f"{_told(path)} has no setting {quoted(name)}{nearest(name, [*part, *whole])}")
    nested = {name: value for name, value in data.items() if name in whole}
    return nested | {INLINE: {name: value for name, value in data.items() if name in part}}


def _told(path: Path) -> str:
    """A path as messages show it."""
    return str(path) if str(path).isprintable() else quoted(str(path))


def _spelled(file: SettingsFile) -> str:
    return ",".join([str(file.game), *(f"{name}={value}" for name, value in file.game_options.items())])
