"""Train an agent for a game. All of it is kept in a folder: settings, checkpoints, metrics, sample games.

The minutes begin with the process. Ctrl-C ends the step, saves and leaves; a second one leaves at once.
Settings that are not given are those of the preset for the game, which may differ from the defaults below:
`jaxplay config GAME` prints them, with what is allowed, as a file for `--config`.
"""

import argparse
from collections.abc import Callable
from typing import Any

from jaxplay.cli import inputs
from jaxplay.cli.cache import add_cache, use_cache
from jaxplay.cli.clock import STARTED
from jaxplay.cli.devices import make_cpu_devices, share_cores
from jaxplay.cli.hosts import add_hosts, join
from jaxplay.cli.named import GAME_HELP
from jaxplay.cli.parser import Parser
from jaxplay.cli.settings import (
    INLINE,
    SettingsFile,
    add_config,
    configure,
    find_game,
    read_settings,
    refuse_kind,
)
from jaxplay.text import parse_int

EXAMPLE = "jaxplay train connect_four --preset cpu --minutes 15 --out runs/c4 --search.num-simulations 48"

LEFT_OUT = ("game", "game_options", "league", "league.", "exploiter", "exploiter.")
"""Settings that GAME tells, or that are of another command."""


def add_arguments(parser: Parser) -> None:
    """The options of this command."""
    from jaxplay.cli.options import add_options
    from jaxplay.cli.shown import TRAIN
    from jaxplay.config import RunConfig

    add_new_run(parser)
    add_options(parser, RunConfig(), inline=(INLINE,), leave_out=LEFT_OUT, shown=TRAIN)


def add_new_run(parser: Parser) -> None:
    """Add what commands that train from the beginning share."""
    parser.add_argument("game", nargs="?", type=inputs.word, metavar="GAME", help=GAME_HELP)
    add_preset(parser)
    add_config(parser)
    add_goal(parser)
    add_out(parser, "runs/GAME")
    add_cache(parser)
    add_hosts(parser)


def add_preset(parser: argparse.ArgumentParser, default: str = "cpu") -> None:
    """Add `--preset`, which is None where it is not given."""
    parser.add_argument(
        "--preset",
        type=inputs.OneOf(("cpu", "gpu", "demo", "quick")),
        metavar="NAME",
        help=(
            "Settings to begin with: cpu (a few cores, minutes to hours), gpu (an accelerator), demo (five"
            f" minutes), or quick (does it run?). (default: {default})"
        ),
    )


def add_goal(parser: argparse.ArgumentParser, neither: str = "With neither it goes on until Ctrl-C.") -> None:
    """Add `--minutes` and `--steps`; `neither` says what happens without them."""
    parser.add_argument(
        "--minutes", type=inputs.MINUTES, metavar="FLOAT", help="Stop after so many minutes of wall clock."
    )
    parser.add_argument(
        "--steps",
        type=inputs.STEPS,
        metavar="INT",
        help=f"Stop after so many steps of the run, counted from its first. {neither}",
    )


def add_out(parser: argparse.ArgumentParser, default: str) -> None:
    """Add `--out`."""
    parser.add_argument(
        "--out",
        type=inputs.path,
        metavar="FOLDER",
        help=f"Folder of the run, which must be new or empty. (default: {default}, numbered)",
    )


def run(args: argparse.Namespace) -> None:
    """Train until the goal, or until somebody stops it."""
    start(args, lambda config: config, league=False)


def _tell_learner(config: Any) -> None:
    """Say in one line who learns a game in which something is hidden."""
    from jaxplay.training import make_game

    training = config.training
    if not (training.learner.searches or make_game(training).perfect_information):
        told = f"learner {training.learner.kind}, which samples its moves and does not search"
        print(f"{training.game} has hidden information: {told}")


def start(args: argparse.Namespace, change: Callable[[Any], Any], *, league: bool) -> None:
    """Train with the settings of the preset as `change` leaves them, those of the file, and the options."""
    use_cache(args)
    from jaxplay.cli.memory import refuse_too_large
    from jaxplay.presets import preset
    from jaxplay.run import train
    from jaxplay.run.hosts import is_leader

    file = read_settings(args.config)
    make_cpu_devices(_asked_devices(args, file), join(args))
    name, options = find_game(args.game, file)
    config = configure(change(preset(name, args.preset or "cpu", options)), file, args.overrides)
    refuse_kind(config, file, league=league)
    config = share_cores(config)
    refuse_too_large(config)
    if is_leader():
        _tell_learner(config)
    train(config=config, minutes=args.minutes, steps=args.steps, out=args.out, started=STARTED)


def _asked_devices(args: argparse.Namespace, file: SettingsFile | None) -> int:
    """The devices that an option or the file asks for; 0: no number, or none that is allowed."""
    text = args.overrides.get("devices", None if file is None else file.data.get("devices"))
    return max(parse_int(str(text)) or 0, 0)
