"""Let players meet: each opening is played twice with seats swapped, and the score has its interval.

Two players play one match, more a round robin with Elo ratings. In a game for one, each plays alone.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaxplay.cli.cache import add_cache, use_cache
from jaxplay.cli.contenders import PLAYER_HELP, add_game, count, find_players
from jaxplay.cli.output import add_json, console, show_rows, show_table
from jaxplay.errors import UserError

if TYPE_CHECKING:
    from jaxplay.arena.result import ArenaResult
    from jaxplay.arena.tournament import Tournament

EXAMPLE = "jaxplay arena runs/c4 runs/c4@2000 mcts:1000 --games 200 --picture scores.svg"

FEW = 6
"""Of more players, a table of all matches would be too long; the map of scores tells them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    several = "RUN:all stands for all learners and frozen players of a run"
    parser.add_argument("players", nargs="+", metavar="PLAYER", help=f"{PLAYER_HELP}; {several}")
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
    parser.add_argument(
        "--matrix",
        type=file_type(".json"),
        metavar="FILE.json",
        help="write scores, games by seat, ratings, Nash averaging and alpha-rank",
    )
    parser.add_argument(
        "--picture", type=file_type(".svg"), metavar="FILE.svg", help="write a map of scores in colours"
    )
    add_cache(parser)
    add_json(parser)


def file_type(suffix: str) -> Callable[[str], Path]:
    """The type of an option: a file to write, with this suffix, in a folder that is there."""

    def parse(text: str) -> Path:
        path = Path(text)
        if path.suffix != suffix or path.is_dir():
            raise argparse.ArgumentTypeError(f"{text!r} is not the name of a {suffix} file")
        if not path.parent.is_dir():
            raise argparse.ArgumentTypeError(f"there is no folder {str(path.parent)!r} for {text!r}")
        return path

    return parse


def run(args: argparse.Namespace) -> None:
    """Play, and print the matches, then scores and ratings."""
    use_cache(args)
    import jax

    from jaxplay.arena.strength import opening_plies

    game, contenders = find_players(args.players, args.game, args.sims)
    players = [contender.player for contender in contenders]
    plies = args.opening_plies
    if plies is None:
        plies = opening_plies(game) if game.num_players > 1 else 0
    if plies < 0:
        raise UserError(f"opening-plies is {plies}; allowed: 0 or more")
    settings = {"num_games": args.games, "key": jax.random.key(args.seed), "opening_plies": plies}
    if game.num_players == 1:
        if args.matrix or args.picture:
            raise UserError("--matrix and --picture tell who beats whom; this game is for one player")
        show_rows(_alone(game, players, settings), as_json=args.json)
        return
    found = _meet(game, players, settings)
    about = {"opening_plies": plies, "seed": args.seed}
    _write_files(args, str(game), found, about)
    if args.json:
        print(json.dumps(_as_json(found) | about, indent=1))
    else:
        _show(found)


def _meet(game: Any, players: list[Any], settings: dict[str, Any]) -> "Tournament":
    from jaxplay.arena.tournament import round_robin

    if len(players) < 2:
        raise UserError("a match needs two players or more, such as: jaxplay arena runs/c4 mcts:100")

    def report(match: "ArenaResult") -> None:
        if len(players) > 2:
            print(f"{match.first} - {match.second}: {100 * match.score:.1f} %", file=sys.stderr)

    return round_robin(game, players, report=report, **settings)


def _alone(game: Any, players: list[Any], settings: dict[str, Any]) -> list[dict[str, Any]]:
    from jaxplay.arena.arena import arena

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


def _write_files(args: argparse.Namespace, game: str, found: "Tournament", about: dict[str, Any]) -> None:
    from jaxplay.arena.heatmap import heat_map
    from jaxplay.arena.matrix import matrix
    from jaxplay.arena.picture import picture

    if args.matrix:
        whole = {"game": game} | about | matrix(found)
        _write(args.matrix, json.dumps(whole) + "\n")
    if args.picture:
        title = f"{game}, {args.games} games of each two; {_first_move(found)}"
        _write(args.picture, picture(heat_map(found.table, found.ratings), title) + "\n")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}") from error


def _as_json(found: "Tournament") -> dict[str, Any]:
    rows: dict[str, Any] = {"matches": [row(match, as_json=True) for match in found.matches]}
    if len(found.table.names) > 2:
        rows["ratings"] = rating_rows(found)
    return rows


def _show(found: "Tournament") -> None:
    """Matches of few players; the scores and ratings of more than two."""
    from jaxplay.arena.heatmap import heat_map, num_shown, terminal_map

    size = len(found.table.names)
    if size <= FEW:
        show_table([row(match, as_json=False) for match in found.matches])
    if size == 2:
        return
    scores, screen = heat_map(found.table, found.ratings), console()
    screen.print(terminal_map(scores, screen.width))
    left_out = size - num_shown(scores, screen.width)
    if left_out:
        print(f"{left_out} players do not fit; --picture shows all")
    print("scores of rows against columns in %, ratings with 95 % intervals")
    print(f"{_first_move(found)}; {_draws(found)}")
    show_table(rating_rows(found))


def _first_move(found: "Tournament") -> str:
    low, high = found.ratings.advantage_interval()
    return f"moving first is worth {found.ratings.advantage:.0f} Elo ({low:.0f} to {high:.0f})"


def _draws(found: "Tournament") -> str:
    if found.ratings.margin == 0.0:
        return "nothing was drawn"
    low, high = found.ratings.margin_interval()
    return f"draws have a margin of {found.ratings.margin:.0f} Elo ({low:.0f} to {high:.0f})"


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
    """Elo ratings, best first, around a mean of zero, with 95 % intervals; shares of Nash and alpha-rank."""
    from jaxplay.arena.population import alpha_rank, nash_average

    elo, (low, high), payoff = found.ratings.elo, found.ratings.interval(), found.table.payoff
    nash, alpha = nash_average(payoff).mixture, alpha_rank(payoff)
    rows = [
        {
            "player": name,
            "elo": round(float(elo[i])),
            "low": round(low[i]),
            "high": round(high[i]),
            "nash_%": round(100 * float(nash[i]), 1),
            "alpha_rank_%": round(100 * float(alpha[i]), 1),
        }
        for i, name in enumerate(found.table.names)
    ]
    return sorted(rows, key=lambda entry: -entry["elo"])
