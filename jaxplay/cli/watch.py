"""Watch a run from another terminal: its newest figures, and its newest sample game, played through.

Ctrl-C leaves; the run goes on. Where there is no terminal, one picture is printed.
"""

import argparse
import time

from jaxplay.cli import inputs
from jaxplay.cli.cache import add_cache, use_cache
from jaxplay.cli.output import console

EXAMPLE = "jaxplay watch runs/c4"
SECONDS = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("run_folder", type=inputs.path, metavar="RUN", help="Folder of a run.")
    parser.add_argument(
        "--game", type=inputs.word, metavar="GAME", help="The game, where it is one of your own: MODULE:GAME."
    )
    parser.add_argument(
        "--seconds",
        type=inputs.SECONDS,
        default=SECONDS,
        metavar="SECONDS",
        help="How long each position is seen.",
    )
    parser.add_argument("--once", action="store_true", help="Print one picture, and leave.")
    add_cache(parser)


def run(args: argparse.Namespace) -> None:
    """Show the run until Ctrl-C."""
    use_cache(args)
    from rich.live import Live

    from jaxplay.cli.named import make_game
    from jaxplay.play.watch import Watched, picture

    watched = Watched(args.run_folder, None if args.game is None else make_game(args.game))
    screen = console()
    if args.once or not screen.is_terminal:
        screen.print(picture(watched, -1, colours=screen.is_terminal))
        return
    with Live(console=screen, auto_refresh=False) as live:
        number = 0
        while True:
            live.update(picture(watched, number), refresh=True)
            number += 1
            time.sleep(args.seconds)
