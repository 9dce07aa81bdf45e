"""A game as it is named on the command line: `hex`, `hex,size=5`, `pgx:go_9x9`, `my_module:MyGame`."""

import sys
from typing import Any

GAME_HELP = (
    "Name of a game, with its own options after commas (hex,size=5); pgx:ENV_ID; or MODULE:GAME of your own."
)


def split_game(text: str) -> tuple[str, dict[str, Any]]:
    """The name of a game, and its options, which have the types that the game says.

    A module of one's own is looked for in the working directory too.

    Raises:
        UserError: no such game, no such option, or a value that it does not allow.
    """
    from jaxplay.game import parse_game

    if "" not in sys.path:
        sys.path.insert(0, "")
    return parse_game(text)


def make_game(text: str) -> Any:
    """The game that `text` names.

    Raises:
        UserError: no such game, no such option, or a value that it does not allow.
    """
    from jaxplay.game import make

    name, options = split_game(text)
    return make(name, **options)
