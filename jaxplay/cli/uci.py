"""Play chess through UCI, the Universal Chess Interface, for any program that shows a board.

The command speaks on standard input and output: name it as the engine. Scores are centipawns that stand for
the same share of points as in Lichess; `nodes` are simulations.
"""

import argparse
import sys

from jaxplay.cli import inputs
from jaxplay.cli.cache import add_cache, use_cache
from jaxplay.cli.contenders import PLAYER_HELP, add_sims, find_one

EXAMPLE = "jaxplay uci mcts:400"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("player", type=inputs.player, metavar="PLAYER", help=PLAYER_HELP)
    add_sims(parser, "the run's own number")
    parser.add_argument("--seed", type=inputs.SEED, default=0, metavar="INT", help="Seed of all searches.")
    add_cache(parser)


def run(args: argparse.Namespace) -> None:
    """Obey commands until `quit`, or until there are no more."""
    use_cache(args)
    import jax

    from jaxplay.protocols.gtp_session import Sitter
    from jaxplay.protocols.inbox import Inbox
    from jaxplay.protocols.uci import serve
    from jaxplay.protocols.uci_session import UciSession

    _, contender = find_one(args.player, "chess", args.sims)
    session = UciSession(Sitter(contender.on_host(), contender.agent), jax.random.key(args.seed))
    serve(session, Inbox(sys.stdin), lambda line: print(line, flush=True))
