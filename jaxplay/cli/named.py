"""A game as it is named on the command line: `hex`, `hex,size=5`, `pgx:go_9x9`, `my_module:MyGame`."""

import sys
from typing import Any

from jaxplay.cli.values import parse
from jaxplay.errors import UserError

GAME_HELP = (
    "name, with the game's own options after commas (hex,size=5); pgx:ENV_ID; or MODULE:GAME of your own"
)


def split_game(text: str) -> tuple[str, dict[str, Any]]:
    """The name and options of a game.

    Raises:
        UserError: an option is not `NAME=VALUE`.
    """
    name, *parts = text.split(",")
    options: dict[str, Any] = {}
    for part in parts:
        option, equals, value = part.partition("=")
        if not equals:
            raise UserError(f"{part!r} in {text!r} is no option; allowed: NAME=VALUE")
        options[option] = parse(value, int | float | bool | str, option)
    return name, options


def make_game(text: str) -> Any:
    """The game that `text` names; a module of one's own is looked for in the working directory too.

    Raises:
        UserError: no such game, or no such option.
    """
    from jaxplay.game import make

    if "" not in sys.path:
        sys.path.insert(0, "")
    name, options = split_game(text)
    return make(name, **options)
