"""Train a league: main agents, exploiters that look for their weaknesses, and frozen copies of all.

All of it is kept in a folder, as by `jaxplay train`, and every frozen player too. In a terminal a table shows
the players, their kinds, ages and ratings, and who scores how much against whom. `jaxplay resume` goes on.
Afterwards `RUN:main` is the main agent, `RUN:main-3` its third frozen copy, `RUN:nash` the mixture of frozen
players that no other exploits, `RUN:all` everybody. Settings that are not given follow from the preset:
`jaxplay config GAME --league` prints them, with what is allowed, as a file for `--config`.
"""

import argparse

from jaxplay.cli import inputs
from jaxplay.cli.parser import Parser
from jaxplay.cli.settings import INLINE
from jaxplay.cli.train import add_new_run, start

EXAMPLE = "jaxplay league connect_four --minutes 15 --out runs/league --league.main-exploiters.count 2"

LEFT_OUT = ("game", "game_options", "league", "exploiter", "exploiter.")
"""Settings that GAME or the command tells."""


def add_arguments(parser: Parser) -> None:
    """The options of this command."""
    from jaxplay.cli.options import add_options
    from jaxplay.cli.shown import LEAGUE
    from jaxplay.config import RunConfig
    from jaxplay.presets import MAIN_SHARE, with_league

    add_new_run(parser)
    parser.add_argument(
        "--main-share",
        type=inputs.Number(0, 1),
        default=MAIN_SHARE,
        metavar="FLOAT",
        help="Least share of the work that is the main agent's; exploiters and referees act less often.",
    )
    base = with_league(RunConfig())
    add_options(parser, base, inline=(INLINE,), leave_out=LEFT_OUT, shown=LEAGUE)


def run(args: argparse.Namespace) -> None:
    """Train until the goal, or until somebody stops it."""
    from jaxplay.presets import with_league

    start(args, lambda config: with_league(config, args.main_share), league=True)
