"""Games by name: those of this package, of Pgx, of a user's module, and registered ones."""

import importlib
import pkgutil
from typing import Any, NamedTuple

from jaxplay.errors import UserError, nearest, quoted
from jaxplay.game._factory import Factory, as_factory, build
from jaxplay.game._options import read_options
from jaxplay.game._protocol import Game
from jaxplay.game._user import load

PGX = "pgx:"
"""What the names of Pgx's games begin with."""

_registered: dict[str, Any] = {}


class Summary(NamedTuple):
    """What a game of this package is, in a few words.

    Attributes:
        title: its name as people write it, such as `Connect Four`.
        text: the game in one line.
        group: the kind of game that it is, such as `board games`.
    """

    title: str
    text: str
    group: str


def register(name: str, factory: Any) -> None:
    """Make `factory(**options)` known to `make` as `name`.

    Raises:
        UserError: the name is taken by another factory, or could not be written on a command line.
    """
    if not name.replace("-", "_").isidentifier():
        raise UserError(f"{quoted(name)} cannot name a game; allowed: letters, digits, _ and -")
    if name in _built_in() or _registered.get(name, factory) is not factory:
        raise UserError(f"game {name!r} is registered already")
    _registered[name] = factory


def names() -> tuple[str, ...]:
    """All names that `make` knows, sorted. Pgx games (`pgx:NAME`) are not listed."""
    return tuple(sorted((*_built_in(), *_registered)))


def make(name: str, /, **options: Any) -> Game[Any]:
    """The game called `name`.

    Args:
        name: a built-in or registered name, `pgx:ENV_ID`, or `module:attribute` of one's own: a class of
            games, a game, or a function whose annotation says that it returns a game.
        **options: the game's own, such as a board size; text is read, `"5"` or `"off"`, as on a command line.

    Raises:
        UserError: no such game, no such option, or a value that it does not allow.
    """
    return build(name, _find(name), options)


def parse_game(text: str) -> tuple[str, dict[str, Any]]:
    """The name and the options of a game as a command line has them: `hex,size=5`.

    Raises:
        UserError: an option is not `NAME=VALUE`, is given twice, or is none of the game's with such a value.
    """
    name, *parts = text.split(",")
    given: dict[str, str] = {}
    for part in parts:
        option, _, value = (word.strip() for word in part.partition("="))
        if not option or not value:
            raise UserError(f"{quoted(part)} in {quoted(text)} is no option; allowed: NAME=VALUE")
        if option in given:
            raise UserError(f"{quoted(text)} gives {quoted(option)} twice; allowed: once")
        given[option] = value
    return name, read_options(name, _find(name).options, given) if given else {}


def summary(name: str) -> Summary:
    """What a game of this package is: the first line of its file, `TITLE: TEXT.`, and its `GROUP`.

    Raises:
        UserError: this package has no such game.
    """
    if name not in _built_in():
        raise UserError(f"no game {quoted(name)} in this package{nearest(name, _built_in())}")
    module = importlib.import_module(f"jaxplay.games.{name}")
    title, _, text = (module.__doc__ or "").partition("\n")[0].rstrip(".").partition(": ")
    return Summary(title, text[:1].upper() + text[1:], module.GROUP)


def _built_in() -> tuple[str, ...]:
    package = importlib.import_module("jaxplay.games")
    return tuple(m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_"))


def _find(name: str) -> Factory:
    """What makes the games called `name`."""
    if name in _registered:
        return as_factory(name, _registered[name], registered=True)
    if name.startswith(PGX):
        game = importlib.import_module("jaxplay.game.pgx").PgxGame
        return as_factory(name, game, fixed={"env_id": name.removeprefix(PGX)})
    if ":" in name:
        return as_factory(name, load(name))
    if name not in _built_in():
        raise UserError(f"no game {quoted(name)}{nearest(name, names())}")
    return as_factory(name, importlib.import_module(f"jaxplay.games.{name}").GAME)
