"""Train an agent for a game. All of it is kept in a folder: settings, checkpoints, metrics, sample games.

The minutes begin with the process. Ctrl-C ends the step, saves and leaves; a second one leaves at once.
Settings that are not given are those of the preset for the game, which may differ from the defaults below.
"""

import argparse
from pathlib import Path

from jaxplay.cli.cache import add_cache, use_cache
from jaxplay.cli.clock import STARTED
from jaxplay.cli.named import GAME_HELP
from jaxplay.cli.parser import Parser

EXAMPLE = "jaxplay train connect_four --preset cpu --minutes 15 --out runs/c4 --search.num-simulations 48"

LEFT_OUT = ("game", "game_options", "league", "league.", "exploiter", "exploiter.")
"""Settings that GAME tells, or that are of another command."""
INLINE = ("training",)


def add_arguments(parser: Parser) -> None:
    """The options of this command."""
    from jaxplay.cli.options import add_options
    from jaxplay.config import RunConfig

    parser.add_argument("game", metavar="GAME", help=GAME_HELP)
    parser.add_argument("--preset", default="cpu", metavar="NAME", help="cpu, gpu, demo or quick")
    add_goal(parser)
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="new folder (default: runs/GAME)")
    add_cache(parser)
    add_options(parser, RunConfig(), inline=INLINE, leave_out=LEFT_OUT)


def add_goal(parser: argparse.ArgumentParser) -> None:
    """Add `--minutes` and `--steps`."""
    parser.add_argument("--minutes", type=float, metavar="FLOAT", help="stop after so much wall clock")
    parser.add_argument("--steps", type=int, metavar="INT", help="stop after so many steps of the run")


def run(args: argparse.Namespace) -> None:
    """Train until the goal, or until somebody stops it."""
    use_cache(args)
    from jaxplay.cli.named import make_game, split_game
    from jaxplay.cli.options import override
    from jaxplay.presets import preset
    from jaxplay.run import train

    make_game(args.game)
    name, options = split_game(args.game)
    config = override(preset(name, args.preset, options), args.overrides, inline=INLINE)
    train(config=config, minutes=args.minutes, steps=args.steps, out=args.out, started=STARTED)
