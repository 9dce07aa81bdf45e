"""Players as they are named on the command line, and the game that they meet in."""

import argparse
from collections.abc import Sequence
from typing import Any

from jaxplay.cli.named import GAME_HELP, make_game, split_game
from jaxplay.errors import UserError

PLAYER_HELP = (
    "random, mcts:N (playouts), solver (exact, small games), scripted:NAME (tit_for_tat and others, in"
    " repeated matrix games), or RUN[@STEP][:PLAYER][,sims=N], where PLAYER is a learner, a frozen player"
    " such as main-12, or nash, the mixture of these"
)


MOST = 5
"""Players that an error names."""


def add_game(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Add `--game`."""
    parser.add_argument(
        "--game", metavar="GAME", help=f"where no run tells it, or its game is your own: {GAME_HELP}"
    )


def find_players(texts: Sequence[str], game: str | None, num_simulations: int = 0) -> tuple[Any, list[Any]]:
    """The game, and a `jaxplay.players.Contender` for each of `texts`.

    Args:
        texts: names of players; `RUN:all` names several.
        game: its name, if given; its options are those of the runs unless it has some of its own.
        num_simulations: of runs that do not say; 0: their own choice.

    Raises:
        UserError: see `jaxplay.players.make_players`; or no such game.
    """
    from jaxplay.players import make_players

    if game is None:
        return make_players(texts, None, num_simulations)
    named = make_game(game)
    return make_players(texts, named if split_game(game)[1] else game, num_simulations)


def find_one(text: str, game: str | None, num_simulations: int = 0) -> tuple[Any, Any]:
    """The game, and the one `jaxplay.players.Contender` that `text` names.

    Raises:
        UserError: see `find_players`; or it names several.
    """
    found, contenders = find_players([text], game, num_simulations)
    if len(contenders) > 1:
        names = [contender.player.name for contender in contenders]
        more = ", ..." if len(names) > MOST else ""
        raise UserError(f"{text} is {len(names)} players; name one of: {', '.join(names[:MOST])}{more}")
    return found, contenders[0]


def count(text: str) -> int:
    """A whole number from 1, as the type of an option."""
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)
