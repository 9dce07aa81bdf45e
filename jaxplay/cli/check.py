"""Hold a game against the laws of `jaxplay.game` by random play; the first that it breaks is an error."""

import argparse
import dataclasses

from jaxplay.cli.named import GAME_HELP, make_game
from jaxplay.cli.output import add_json, show_rows

EXAMPLE = "jaxplay check my_module:MyGame --num-plies 20000"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("game", metavar="GAME", help=GAME_HELP)
    parser.add_argument("--num-plies", type=int, default=4096, metavar="INT", help="moves to play, about")
    parser.add_argument("--seed", type=int, default=0, metavar="INT", help="where the random games begin")
    parser.add_argument(
        "--may-be-cut", action="store_true", help="games have no natural end, and may outlast max_plies"
    )
    parser.add_argument(
        "--may-forget",
        action="store_true",
        help="observations of hidden information are no information states: players forget",
    )
    add_json(parser)


def run(args: argparse.Namespace) -> None:
    """Check, and print what was seen."""
    from jaxplay.testing import check_game

    report = check_game(
        make_game(args.game),
        num_plies=args.num_plies,
        seed=args.seed,
        may_be_cut=args.may_be_cut,
        may_forget=args.may_forget,
    )
    show_rows([{"game": args.game, "keeps_the_laws": True} | dataclasses.asdict(report)], as_json=args.json)
