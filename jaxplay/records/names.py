"""Games by their names in files. A file names no code: only games that jaxplay knows are made."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from jaxplay.errors import UserError, nearest, quoted
from jaxplay.game import Game, make, names
from jaxplay.game._options import game_name
from jaxplay.game._registry import PGX


def name_of(game: Game[Any]) -> str:
    """The name of a game as files have it, such as `go` or `pgx:chess`."""
    env = getattr(game, "env_id", None)
    return f"{PGX}{env}" if isinstance(env, str) else game_name(type(game))


def options_of(game: Game[Any]) -> dict[str, Any]:
    """Its options: those whose values are plain data and not the default."""
    if not dataclasses.is_dataclass(game) or getattr(game, "env_id", None) is not None:
        return {}
    found = {}
    for option in dataclasses.fields(game):
        value = getattr(game, option.name)
        if option.init and value != option.default:
            found[option.name] = value
    return found


def game_of(name: str, options: Mapping[str, Any], given: Game[Any] | None = None) -> Game[Any]:
    """The game that a file names.

    Args:
        name: as the file has it.
        options: as it has them.
        given: a game that the reader knows, for those that are not built in.

    Raises:
        UserError: no such game or options, or a name that only its owner's module could explain.
    """
    if given is not None and name in (name_of(given), ""):
        return given
    if name not in names() and not name.startswith(PGX):
        hint = nearest(name, names()) if ":" not in name else "; it is not built in: name it with --game"
        raise UserError(f"no game {quoted(name)}{hint}")
    return make(name, **options)
