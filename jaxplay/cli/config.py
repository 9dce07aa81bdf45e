"""Print the settings of a preset or of a run as a TOML file, with what each means and what is allowed.

Change what you like and train with it: `jaxplay train --config FILE`. A file may leave settings out; they are
then those of the preset. GAME with `--league` gives the settings of `jaxplay league`; RUN those of a run.
"""

import argparse
from pathlib import Path

from jaxplay.cli import inputs, toml
from jaxplay.cli.named import GAME_HELP
from jaxplay.cli.settings import INLINE
from jaxplay.cli.train import add_preset

EXAMPLE = "jaxplay config connect_four --preset cpu > c4.toml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument(
        "source", type=inputs.player, metavar="GAME|RUN", help=f"{GAME_HELP} Or the folder of a run."
    )
    add_preset(parser)
    parser.add_argument("--league", action="store_true", help="Print the settings of a league.")
    parser.add_argument(
        "--out", type=inputs.NewFile((".toml",)), metavar="FILE", help="Write a file instead of printing."
    )


def run(args: argparse.Namespace) -> None:
    """Print, or write."""
    text = settings_of(args.source, args.preset, league=args.league)
    if args.out is None:
        print(text, end="")
    else:
        inputs.write(args.out, text)


def settings_of(source: str, preset_name: str | None, *, league: bool) -> str:
    """The file of a game's preset, or of a run.

    Raises:
        UserError: No such game, run or preset; or an option that a run does not take.
    """
    from jaxplay.checkpoint import CONFIG_FILE, read_config
    from jaxplay.cli.named import make_game, split_game
    from jaxplay.errors import UserError
    from jaxplay.presets import preset, with_league

    if (Path(source) / CONFIG_FILE).is_file():
        if preset_name is not None or league:
            raise UserError(f"{source} is a run, which has its own settings: leave out --preset and --league")
        return toml.write(read_config(Path(source)), inline=INLINE, head=f"Settings of the run in {source}.")
    name = preset_name or "cpu"
    make_game(source)
    game, options = split_game(source)
    config = preset(game, name, options)
    command = "league" if league else "train"
    head = f"Settings of `jaxplay {command} {source} --preset {name}`; `--config` with this file takes them."
    return toml.write(with_league(config) if league else config, inline=INLINE, head=head)
