"""`jaxplay COMMAND`: finds the command's file, and turns what goes wrong into one line."""

import importlib
import sys
from collections.abc import Sequence
from typing import Any

from jaxplay import __version__
from jaxplay.cli.failures import report
from jaxplay.cli.hosts import leave
from jaxplay.cli.parser import Parser

COMMANDS = {
    "games": "List the games, or show one.",
    "check": "Hold a game against the laws.",
    "train": "Train an agent for a game.",
    "league": "Train a league: main agents, exploiters, frozen selves.",
    "resume": "Go on with a run.",
    "config": "Print settings as a file, with comments.",
    "demo": "Train for a few minutes and show what was learned.",
    "agents": "List the agents that ship, show one, or make one of a run.",
    "arena": "Let players meet, and count.",
    "solve": "Solve a small game, with hidden information or without.",
    "exploit": "Train an exploiter of a player: how much does it win?",
    "play": "Play against an agent in the terminal.",
    "serve": "Play in the browser, and watch a run.",
    "watch": "Watch a run while it trains.",
    "gtp": "Play Go and Hex in other programs (GoGui, HexGui).",
    "uci": "Play chess in other programs.",
    "analyse": "Analyse positions in JSON, as KataGo does.",
    "annotate": "Let an agent judge the moves of a recorded game.",
    "convert": "Convert records of games; a page or a picture of one.",
    "export": "Write an agent for other programs: parameters, StableHLO, ONNX.",
    "plan": "Tell what a training takes: memory by part, what fits, how fast it is.",
    "plot": "Draw losses, ratings and scores of runs.",
    "bench": "Measure speed and strength on this machine.",
}
"""What each command does. `jaxplay.cli.NAME` has `EXAMPLE`, `add_arguments(parser)` and `run(args)`."""

FIRST = """\
jaxplay trains agents for games by letting them play against themselves. To begin with:

  jaxplay play tic_tac_toe                                 play against an agent that ships
  jaxplay serve                                            the same in the browser, every game
  jaxplay train tic_tac_toe --minutes 1 --out runs/first   train one, in a minute and a bit
  jaxplay play runs/first                                  play against it
  jaxplay games                                            see which games there are

`jaxplay --help` lists all commands; `jaxplay COMMAND --help` tells about one, with an example.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (default: that of the process); returns the exit status (`jaxplay.cli.failures`)."""
    if arguments is None:
        arguments = sys.argv[1:]
        for stream in (sys.stdout, sys.stderr):
            getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    try:
        args = build_parser(arguments[0] if arguments else None).parse_args(arguments)
        args.run(args)
        sys.stdout.flush()
        status = 0
    except BaseException as error:  # noqa: BLE001 whatever it is, it becomes one line
        status = report(error, verbose="--verbose" in arguments)
    leave(status)
    return status


def build_parser(chosen: str | None) -> Parser:
    """The parser of all commands; only the chosen one's file is imported, so that help is quick."""
    parser = Parser(prog="jaxplay", description="A self-play game engine in JAX.")
    parser.add_argument(
        "--version", action="version", version=f"jaxplay {__version__}", help="Show the version and leave."
    )
    parser.set_defaults(run=lambda args: print(FIRST, end=""))
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=Parser)
    for name, summary in COMMANDS.items():
        command: Any = commands.add_parser(name, help=summary)
        if name == chosen:
            module = importlib.import_module(f"jaxplay.cli.{name}")
            command.describe(module.__doc__, module.EXAMPLE)
            command.set_defaults(run=module.run)
            module.add_arguments(command)
            command.add_verbose()
    return parser


if __name__ == "__main__":
    sys.exit(main())
