"""Analyse positions in JSON, a line a query, with the fields of KataGo's analysis engine.

A query such as {"id": "1", "moves": [["B", "D4"]], "maxVisits": 100} is answered by a line with `moveInfos`
(visits, win rate, prior, principal variation of each move) and `rootInfo`. Win rates are those of player 0.
"""

import argparse
import sys

from jaxplay.cli import inputs
from jaxplay.cli.cache import add_cache, use_cache
from jaxplay.cli.contenders import PLAYER_HELP, add_game, add_sims, find_one

EXAMPLE = "jaxplay analyse mcts:400 --game go < queries.jsonl"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("player", type=inputs.player, metavar="PLAYER", help=PLAYER_HELP)
    add_game(parser)
    add_sims(parser, "the run's own number")
    parser.add_argument("--seed", type=inputs.SEED, default=0, metavar="INT", help="Seed of all searches.")
    add_cache(parser)


def run(args: argparse.Namespace) -> None:
    """Answer queries until there are no more."""
    use_cache(args)
    import jax

    from jaxplay.errors import UserError
    from jaxplay.players import make_players
    from jaxplay.protocols.analysis import Analyst, serve
    from jaxplay.protocols.gtp_session import Sitter

    game, _ = find_one(args.player, args.game, args.sims)
    if game.num_players != 2 or not game.zero_sum or not game.perfect_information or game.num_chance_outcomes:
        raise UserError(f"analysis is for games of two without chance and hidden information, not {game}")

    def find(other: object) -> Sitter:
        _, (contender,) = make_players([args.player], other, args.sims or 0)  # pyright: ignore
        return Sitter(contender.on_host(), contender.agent)

    analyst = Analyst(game, find, jax.random.key(args.seed))
    serve(analyst, sys.stdin, lambda line: print(line, flush=True))
