"""Play Go and Hex through GTP, the Go Text Protocol, for GoGui, Sabaki, HexGui and other programs.

A run plays on the board that it was trained for; mcts:N and random play on any. The command speaks on
standard input and output: name it as the engine in the program that shows the board.
"""

import argparse
import sys

from jaxplay.cli import inputs
from jaxplay.cli.cache import add_cache, use_cache
from jaxplay.cli.contenders import PLAYER_HELP, add_game, add_sims, find_one

EXAMPLE = "jaxplay gtp mcts:400 --game go,size=9"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("player", type=inputs.player, metavar="PLAYER", help=PLAYER_HELP)
    add_game(parser)
    add_sims(parser, "the run's own number")
    parser.add_argument(
        "--think",
        type=inputs.SECONDS,
        metavar="SECONDS",
        help="Seconds for each move. (default: what the clock allows, or a number of simulations)",
    )
    parser.add_argument("--seed", type=inputs.SEED, default=0, metavar="INT", help="Seed of all searches.")
    add_cache(parser)


def run(args: argparse.Namespace) -> None:
    """Obey commands until `quit`, or until there are no more."""
    use_cache(args)
    import jax

    from jaxplay.errors import UserError
    from jaxplay.games.go import Go
    from jaxplay.games.hex import Hex
    from jaxplay.players import make_players
    from jaxplay.protocols.gtp_commands import obey
    from jaxplay.protocols.gtp_session import GtpSession, Sitter

    game, first = find_one(args.player, args.game, args.sims)
    if not isinstance(game, Go | Hex):
        raise UserError(f"GTP is for go and hex; {args.player} plays {game}")

    def find(other: object) -> Sitter:
        _, (contender,) = make_players([args.player], other, args.sims or 0)  # pyright: ignore
        return Sitter(contender.on_host(), contender.agent)

    first.on_host()
    session = GtpSession(game, find, jax.random.key(args.seed), args.think or 0.0)
    for line in sys.stdin:
        answer = obey(session, line)
        if answer is not None:
            print(answer, flush=True)
        if session.closed:
            return
