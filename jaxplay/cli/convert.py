"""Convert records of games: JSON, SGF, PGN, FEN and .mat into each other, into a replay page, or a picture.

The ends of both names tell the forms: .json (every game), .sgf (Go, Hex, Othello, gomoku), .pgn and .fen
(chess), .mat (backgammon); .html is a page that steps through the games by itself, .svg an animated picture.
"""

import argparse
from typing import TYPE_CHECKING, Any

from jaxplay.cli import inputs
from jaxplay.cli.cache import add_cache, use_cache
from jaxplay.errors import UserError

if TYPE_CHECKING:
    from jaxplay.records import GameRecord

EXAMPLE = "jaxplay convert game.sgf game.html"
RECORDS = (".json", ".sgf", ".pgn", ".fen", ".mat", ".html", ".svg")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("file", type=inputs.path, metavar="FILE", help="Record to read.")
    parser.add_argument("out", type=inputs.NewFile(RECORDS), metavar="OUT", help="Record to write.")
    add_reading(parser)
    add_cache(parser)


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add what tells how a record is read."""
    parser.add_argument(
        "--game",
        type=inputs.word,
        metavar="GAME",
        help="The game, where it is one of your own or the file does not tell its options: hex,swap=off.",
    )
    parser.add_argument(
        "--number", type=inputs.GAMES, metavar="INT", help="Take one game of the file, counted from 1."
    )


def read_records(args: argparse.Namespace) -> "list[GameRecord]":
    """The games that a command is about.

    Raises:
        UserError: the file cannot be read, or has no such game.
    """
    from jaxplay.cli.named import make_game
    from jaxplay.records import load

    game: Any = None if args.game is None else make_game(args.game)
    records = load(args.file, game)
    if args.number is None:
        return records
    if args.number > len(records):
        raise UserError(f"--number is {args.number}; allowed: 1 to {len(records)}, the games of {args.file}")
    return [records[args.number - 1]]


def run(args: argparse.Namespace) -> None:
    """Read, and write."""
    use_cache(args)
    from jaxplay.records import save

    records = read_records(args)
    save(args.out, records)
    plies = sum(len(record.plies) for record in records)
    print(f"{len(records)} game{'s' if len(records) != 1 else ''} of {plies} moves written to {args.out}")
