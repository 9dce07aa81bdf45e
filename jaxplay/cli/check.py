"""Hold a game against the laws of `jaxplay.game` by random play; the first that it breaks is an error."""

import argparse
import dataclasses
import sys

from jaxplay.cli import inputs
from jaxplay.cli.named import GAME_HELP, make_game
from jaxplay.cli.output import add_json, show_rows, working

EXAMPLE = "jaxplay check my_module:MyGame --num-plies 20000"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("game", type=inputs.word, metavar="GAME", help=GAME_HELP)
    parser.add_argument(
        "--num-plies",
        type=inputs.Whole(1, 100_000_000),
        default=4096,
        metavar="INT",
        help="Random moves to play, about.",
    )
    parser.add_argument(
        "--seed", type=inputs.SEED, default=0, metavar="INT", help="Seed of the random games."
    )
    parser.add_argument(
        "--may-be-cut",
        action="store_true",
        help="Accept games that have no natural end, and may outlast max_plies.",
    )
    parser.add_argument(
        "--may-forget",
        action="store_true",
        help="Accept observations of hidden information that forget what their player has seen.",
    )
    add_json(parser)


def run(args: argparse.Namespace) -> None:
    """Check, and print what was seen."""
    from jaxplay.cli.memory import Need, refuse
    from jaxplay.presets import measure
    from jaxplay.testing import check_game

    game = make_game(args.game)
    what = f"checking {args.game}"
    with working(what, quiet=args.json or not sys.stderr.isatty()) as tell:
        size = 2 * args.num_plies * measure(game).state_bytes
        refuse([Need(f"positions before and after each move (--num-plies {args.num_plies:,})", size)])
        report = check_game(
            game,
            num_plies=args.num_plies,
            seed=args.seed,
            may_be_cut=args.may_be_cut,
            may_forget=args.may_forget,
            tell=lambda part: tell(f"{what}: {part}"),
        )
    show_rows([{"game": args.game, "keeps_the_laws": True} | dataclasses.asdict(report)], as_json=args.json)
