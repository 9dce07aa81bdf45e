"""Go on with a run from its newest checkpoint, as if it had never stopped."""

import argparse

from jaxplay.cli import inputs
from jaxplay.cli.cache import add_cache, use_cache
from jaxplay.cli.clock import STARTED
from jaxplay.cli.devices import add_devices, make_cpu_devices, recorded_devices
from jaxplay.cli.hosts import add_hosts, join
from jaxplay.cli.parser import Parser
from jaxplay.cli.train import add_goal

EXAMPLE = "jaxplay resume runs/c4 --minutes 30"


def add_arguments(parser: Parser) -> None:
    """The options of this command."""
    parser.add_argument("run_folder", type=inputs.path, metavar="RUN", help="Folder of the run.")
    add_goal(parser, "With neither it goes on to the run's first goal.")
    parser.add_argument(
        "--game", type=inputs.word, metavar="GAME", help="The run's game, if it is one of your own."
    )
    parser.add_argument(
        "--accept-config",
        action="store_true",
        help="Take a config.json that was changed by hand, from now on.",
    )
    add_devices(parser)
    add_cache(parser)
    add_hosts(parser)


def run(args: argparse.Namespace) -> None:
    """Train on, or solve on; a run without minutes or steps until its first goal."""
    use_cache(args)
    from jaxplay.solving import is_solution

    if is_solution(args.run_folder):
        from jaxplay.cli import solve

        solve.resume(args.run_folder, args)
    else:
        _resume(args)


def _resume(args: argparse.Namespace) -> None:
    """Train on in a run."""
    from jaxplay.cli.named import make_game, split_game
    from jaxplay.run import resume

    processes = join(args)
    asked = args.devices or recorded_devices(args.run_folder, processes)
    make_cpu_devices(asked, processes)

    game = None
    if args.game is not None:
        make_game(args.game)
        game, _ = split_game(args.game)
    resume(
        args.run_folder,
        minutes=args.minutes,
        steps=args.steps,
        game=game,
        devices=args.devices,
        accept_config=args.accept_config,
        started=STARTED,
    )
