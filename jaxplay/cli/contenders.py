"""Players as they are named on the command line, and the game that they meet in."""

import argparse
from collections.abc import Sequence
from typing import Any

from jaxplay.cli.named import GAME_HELP, make_game, split_game

PLAYER_HELP = "random, mcts:N (playouts), solver (exact, small games), or RUN[@STEP][:PLAYER][,sims=N]"


def add_game(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Add `--game`."""
    parser.add_argument(
        "--game", metavar="GAME", help=f"where no run tells it, or its game is your own: {GAME_HELP}"
    )


def find_players(texts: Sequence[str], game: str | None, num_simulations: int = 0) -> tuple[Any, list[Any]]:
    """The game, and a `jaxplay.players.Contender` for each of `texts`.

    Args:
        texts: names of players.
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


def count(text: str) -> int:
    """A whole number from 1, as the type of an option."""
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)
