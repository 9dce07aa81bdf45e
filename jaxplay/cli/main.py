"""`jaxplay COMMAND`: finds the command's file, and turns what goes wrong into one line."""

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

from jaxplay import __version__
from jaxplay.cli.parser import Parser
from jaxplay.errors import UserError

COMMANDS = {
    "games": "list the games",
    "check": "hold a game against the laws",
    "train": "train an agent for a game",
    "league": "train a league with exploiters",
    "resume": "go on with a run",
    "demo": "train for a few minutes and show what was learned",
    "arena": "let players meet, and count",
    "exploit": "train an exploiter of a player: how much can be won from it",
    "play": "play against an agent in the terminal",
    "bench": "measure speed on this machine",
}
"""What each command does. `jaxplay.cli.NAME` has `EXAMPLE`, `add_arguments(parser)` and `run(args)`."""

INTERRUPTED = 130
USER_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (default: that of the process); returns the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        args = build_parser(arguments[0] if arguments else None).parse_args(arguments)
        args.run(args)
        sys.stdout.flush()
    except UserError as error:
        print(f"jaxplay: error: {error}", file=sys.stderr)
        return USER_ERROR
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on: say no more
        return 1
    return 0


def build_parser(chosen: str | None) -> Parser:
    """The parser of all commands; only the chosen one's file is imported, so that help is quick."""
    parser = Parser(prog="jaxplay", description="A self-play game engine in JAX.")
    parser.add_argument("--version", action="version", version=f"jaxplay {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    for name, summary in COMMANDS.items():
        command: Any = commands.add_parser(name, help=summary)
        if name == chosen:
            module = importlib.import_module(f"jaxplay.cli.{name}")
            command.description, command.epilog = module.__doc__, f"example:\n  {module.EXAMPLE}"
            command.set_defaults(run=module.run)
            module.add_arguments(command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
