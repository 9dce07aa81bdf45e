"""Train a league: main agents, exploiters that look for their weaknesses, and frozen copies of all.

All of it is kept in a folder, as by `jaxplay train`, and every frozen player too. In a terminal a table shows
the players, their kinds, ages and ratings, and who scores how much against whom. `jaxplay resume` goes on.
Afterwards `RUN:main` is the main agent, `RUN:main-3` its third frozen copy, `RUN:nash` the mixture of frozen
players that no other exploits, `RUN:all` everybody. Sizes that are not given follow from the preset.
"""

import argparse
from pathlib import Path

from jaxplay.cli.cache import add_cache, use_cache
from jaxplay.cli.clock import STARTED
from jaxplay.cli.named import GAME_HELP
from jaxplay.cli.parser import Parser
from jaxplay.cli.train import INLINE, add_goal

EXAMPLE = "jaxplay league connect_four --minutes 15 --out runs/league --league.main-exploiters.count 2"

LEFT_OUT = ("game", "game_options", "league", "exploiter", "exploiter.")
"""Settings that GAME or the command tells."""


def add_arguments(parser: Parser) -> None:
    """The options of this command."""
    from jaxplay.cli.options import add_options
    from jaxplay.config import RunConfig
    from jaxplay.presets import with_league

    parser.add_argument("game", metavar="GAME", help=GAME_HELP)
    parser.add_argument("--preset", default="cpu", metavar="NAME", help="cpu, gpu, demo or quick")
    add_goal(parser)
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="new folder (default: runs/GAME)")
    add_cache(parser)
    add_options(parser, with_league(RunConfig()), inline=INLINE, leave_out=LEFT_OUT)


def run(args: argparse.Namespace) -> None:
    """Train until the goal, or until somebody stops it."""
    use_cache(args)
    from jaxplay.cli.named import make_game, split_game
    from jaxplay.cli.options import override
    from jaxplay.presets import preset, with_league
    from jaxplay.run import train

    make_game(args.game)
    name, options = split_game(args.game)
    config = override(with_league(preset(name, args.preset, options)), args.overrides, inline=INLINE)
    train(config=config, minutes=args.minutes, steps=args.steps, out=args.out, started=STARTED)
