"""Play in the browser: a local page with every game, levels, hints, analysis, and a run's dashboard.

Needs starlette and uvicorn: `pip install 'jaxplay[web]'`.
"""

import argparse
from pathlib import Path
from typing import Any

from jaxplay.cli import inputs
from jaxplay.cli.cache import add_cache, use_cache
from jaxplay.cli.contenders import PLAYER_HELP, add_game, add_sims, find_one, find_opponent, most_simulations
from jaxplay.cli.named import make_game
from jaxplay.errors import UserError

EXAMPLE = "jaxplay serve runs/c4"

GAME = "connect_four"
"""What is shown first where nothing else is asked for."""
PORT = inputs.Whole(0, 65535)
TOKEN = 8
"""Characters of a token, at least."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument(
        "player",
        nargs="?",
        type=inputs.player,
        metavar="PLAYER",
        help=f"{PLAYER_HELP} The name of a game stands for its agent that ships, or else for a search.",
    )
    add_game(parser)
    add_sims(parser, "the run's own number")
    parser.add_argument(
        "--run", dest="watch", type=inputs.path, metavar="RUN", help="Folder of a run to watch as it trains."
    )
    parser.add_argument("--port", type=PORT, default=8000, metavar="INT", help="Port; 0: one that is free.")
    parser.add_argument(
        "--host",
        type=inputs.word,
        default="127.0.0.1",
        metavar="HOST",
        help="Where to listen; elsewhere than on this machine, every request needs a token.",
    )
    parser.add_argument(
        "--token",
        type=inputs.word,
        metavar="TEXT",
        help=f"What requests must know, {TOKEN} characters or more. (default: none here, new elsewhere)",
    )
    add_cache(parser)


def run(args: argparse.Namespace) -> None:
    """Serve until Ctrl-C."""
    use_cache(args)
    if args.token is not None and not (len(args.token) >= TOKEN and args.token.isascii()):
        raise UserError(f"--token is {len(args.token)} characters; allowed: {TOKEN} or more, of ASCII")
    from jaxplay.serve.server import Address, Server

    name, game, contender, folder = _shown(args)
    address = Address(args.host, args.port, args.token or "")
    server = Server(name, game, contender, address, folder)
    print(f"open {server.url}\nCtrl-C ends it", flush=True)
    server.run()


def _shown(args: argparse.Namespace) -> tuple[str, Any, Any, Path | None]:
    """The name of the first game, the game, who plays it (None: the default player), a run to watch."""
    from jaxplay.cli.memory import refuse_players
    from jaxplay.players import parse_player
    from jaxplay.serve.players import name_of
    from jaxplay.serve.thinking import SIZES

    if args.player is None and args.watch is None:
        if args.sims is not None:
            inputs.refuse_idle("--sims", "runs that do not say sims=N", False, ["no player"])
        return args.game or GAME, make_game(args.game or GAME), None, None
    text, chosen = find_opponent(args.player or str(args.watch), args.game)
    game, contender = find_one(text, chosen, args.sims)
    refuse_players(game, SIZES[-1], most_simulations([contender]))
    spec = parse_player(text)
    watched = args.watch or (spec.run if spec.kind == "run" else None)
    return args.game or name_of(game), game, contender, watched
