"""Let players meet: each opening is played twice with seats swapped, and the score has its interval.

Two players play one match, more a round robin with Elo ratings. In a game for one, each plays alone.
"""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from jaxplay.cli.cache import add_cache, use_cache
from jaxplay.cli.contenders import PLAYER_HELP, add_game, count, find_players
from jaxplay.cli.output import add_json, show_rows, show_table
from jaxplay.errors import UserError

if TYPE_CHECKING:
    from jaxplay.evaluate.result import ArenaResult
    from jaxplay.evaluate.tournament import Tournament

EXAMPLE = "jaxplay arena runs/c4 runs/c4@2000 mcts:1000 --games 200"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("players", nargs="+", metavar="PLAYER", help=PLAYER_HELP)
    add_game(parser)
    parser.add_argument("--games", type=count, default=100, metavar="INT", help="of each two players, even")
    parser.add_argument(
        "--sims", type=count, default=0, metavar="INT", help="simulations of runs; 0: each run's choice"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="INT", help="of openings and all luck")
    parser.add_argument(
        "--opening-plies",
        type=int,
        metavar="INT",
        help="random moves before the players take over (default: 1 to 4, by the length of the game)",
    )
    add_cache(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> None:
    """Play, and print a row for each match, then the ratings."""
    use_cache(args)
    import jax

    from jaxplay.evaluate.strength import opening_plies

    game, contenders = find_players(args.players, args.game, args.sims)
    players = [contender.player for contender in contenders]
    plies = args.opening_plies
    if plies is None:
        plies = opening_plies(game) if game.num_players > 1 else 0
    if plies < 0:
        raise UserError(f"opening-plies is {plies}; allowed: 0 or more")
    settings = {"num_games": args.games, "key": jax.random.key(args.seed), "opening_plies": plies}
    if game.num_players == 1:
        show_rows(_alone(game, players, settings), as_json=args.json)
        return
    found = _meet(game, players, settings)
    rows = {"matches": [row(match, as_json=args.json) for match in found.matches]}
    if len(players) > 2:
        rows["ratings"] = rating_rows(found)
    if args.json:
        print(json.dumps(rows | {"opening_plies": plies, "seed": args.seed}, indent=1))
        return
    for part in rows.values():
        show_table(part)


def _meet(game: Any, players: list[Any], settings: dict[str, Any]) -> "Tournament":
    from jaxplay.evaluate.tournament import round_robin

    if len(players) < 2:
        raise UserError("a match needs two players or more, such as: jaxplay arena runs/c4 mcts:100")

    def report(match: "ArenaResult") -> None:
        if len(players) > 2:
            print(f"{match.first} - {match.second}: {100 * match.score:.1f} %", file=sys.stderr)

    return round_robin(game, players, report=report, **settings)


def _alone(game: Any, players: list[Any], settings: dict[str, Any]) -> list[dict[str, Any]]:
    from jaxplay.evaluate.arena import arena

    results = [arena(game, player, **settings) for player in players]
    return [
        {
            "player": result.first,
            "games": result.num_games,
            "mean_return": result.mean_return,
            "error": result.return_error,
            "plies": result.mean_plies,
        }
        for result in results
    ]


def row(match: "ArenaResult", *, as_json: bool) -> dict[str, Any]:
    """What is shown of a match: the score of the first player in points, and of each of its seats."""
    low, high = match.interval()
    counts = list(zip(match.wins, match.draws, match.losses, strict=True))
    if as_json:
        return {
            "first": match.first,
            "second": match.second,
            "games": match.num_games,
            "score": match.score,
            "interval": [low, high],
            "wins_draws_losses_by_seat": counts,
            "truncated": match.truncated,
            "mean_plies": match.mean_plies,
        }
    return {
        "first": match.first,
        "second": match.second,
        "games": match.num_games,
        "score_%": f"{100 * match.score:.1f}",
        "95_%_interval": f"{100 * low:.1f} to {100 * high:.1f}",
        "won-drawn-lost": "-".join(str(sum(seats)) for seats in zip(*counts, strict=True)),
        "moving_first": "-".join(map(str, counts[0])),
        "moving_second": "-".join(map(str, counts[1])),
        "plies": match.mean_plies,
    }


def rating_rows(found: "Tournament") -> list[dict[str, Any]]:
    """Elo ratings, best first, around a mean of zero; with 95 % intervals."""
    elo, (low, high) = found.ratings.elo, found.ratings.interval()
    rows = [
        {"player": name, "elo": round(float(elo[i])), "low": round(low[i]), "high": round(high[i])}
        for i, name in enumerate(found.table.names)
    ]
    return sorted(rows, key=lambda entry: -entry["elo"])
