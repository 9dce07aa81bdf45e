"""Let players meet: each opening is played from every seat, and the score has its interval.

Two players play one match, more a round robin with Elo ratings. In a game for three or more, all combinations
meet, with the share of games won and the mean return of each. In a game for one, each plays alone.
"""

import argparse
import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jaxplay.cli import inputs
from jaxplay.cli.cache import add_cache, use_cache
from jaxplay.cli.contenders import PLAYER_HELP, add_game, add_sims, find_players, most_simulations
from jaxplay.cli.kept import RECORDS, keeper, save_kept
from jaxplay.cli.output import add_json, console, show_rows, show_table, working
from jaxplay.errors import UserError

if TYPE_CHECKING:
    from jaxplay.arena.active import Ranking
    from jaxplay.arena.result import ArenaResult
    from jaxplay.arena.tournament import Tournament

EXAMPLE = "jaxplay arena runs/c4 runs/c4@2000 mcts:1000 --games 200 --picture scores.svg"

AT_ONCE = 1024
"""Games that the arena plays side by side, at most."""
GAMES = 100
"""Games of a match, where nobody says; more where they must be a multiple of the players."""
FEW = 6
"""Of more players, a table of all matches would be too long; the map of scores tells them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    several = "RUN:all stands for all learners and frozen players of a run."
    parser.add_argument(
        "players", nargs="+", type=inputs.player, metavar="PLAYER", help=f"{PLAYER_HELP} {several}"
    )
    add_game(parser)
    parser.add_argument(
        "--games",
        type=inputs.GAMES,
        metavar="INT",
        help="Games of each match, a multiple of its players (default: 100, or the next such number).",
    )
    parser.add_argument(
        "--budget",
        type=inputs.GAMES,
        metavar="INT",
        help="Find the order of the players with so many games in all: neighbours in doubt meet, --games of"
        " which are a match (default there: 32).",
    )
    add_sims(parser, "each run's own number")
    parser.add_argument(
        "--seed", type=inputs.SEED, default=0, metavar="INT", help="Seed of openings and all luck."
    )
    add_openings(parser, "1 to 4, by the length of the game")
    parser.add_argument(
        "--matrix",
        type=inputs.NewFile((".json",)),
        metavar="FILE.json",
        help="Write scores, games by seat, ratings, Nash averaging and alpha-rank to a file.",
    )
    parser.add_argument(
        "--picture",
        type=inputs.NewFile((".svg",)),
        metavar="FILE.svg",
        help="Write a map of scores in colours to a file.",
    )
    parser.add_argument(
        "--records",
        type=inputs.NewFile(RECORDS),
        metavar="FILE",
        help="Keep all games in a file (see convert). They are then played one after the other.",
    )
    add_cache(parser)
    add_json(parser)


def add_openings(parser: argparse.ArgumentParser, default: str) -> None:
    """Add `--opening-plies`."""
    parser.add_argument(
        "--opening-plies",
        type=inputs.PLIES,
        metavar="INT",
        help=f"Random moves of each game before the players take over. (default: {default})",
    )


def run(args: argparse.Namespace) -> None:
    """Play, and print the matches, then scores and ratings."""
    use_cache(args)
    import jax

    from jaxplay.arena.strength import opening_plies
    from jaxplay.cli.memory import refuse_players
    from jaxplay.rollout.sides import side_of_seats

    game, contenders = find_players(args.players, args.game, args.sims)
    players = [contender.player for contender in contenders]
    plies = args.opening_plies
    if plies is None:
        plies = opening_plies(game) if game.num_players > 1 else 0
    num_sides = int(side_of_seats(game).max()) + 1
    args.games = args.games or (32 if args.budget else -(-GAMES // num_sides) * num_sides)
    refuse_players(game, min(args.games, AT_ONCE), most_simulations(contenders))
    settings = {"num_games": args.games, "key": jax.random.key(args.seed), "opening_plies": plies}
    about = {"opening_plies": plies, "seed": args.seed}
    if num_sides != 2 and (args.matrix or args.picture):
        size = "one player" if game.num_players == 1 else f"{game.num_players} players"
        raise UserError(f"--matrix and --picture tell who beats whom of two; this game is for {size}")
    if args.budget:
        refuse_with_budget(args, num_sides)
        _show_order(game, players, args, settings)
        return
    kept: list[Any] = []
    if args.records:
        settings["keep"] = keeper(kept, plies)
    if game.num_players == 1:
        with working(f"playing {args.games} games of each player", quiet=args.json):
            rows = _alone(game, players, settings)
        save_kept(args.records, kept)
        show_rows(_known(rows), as_json=args.json)
        return
    found = _meet(game, players, settings)
    save_kept(args.records, kept)
    if num_sides != 2:
        _show_many(found, about, as_json=args.json)
        return
    _write_files(args, str(game), found, about)
    if args.json:
        print(json.dumps(_as_json(found) | about, indent=1))
    else:
        _show(found)


def refuse_with_budget(args: argparse.Namespace, num_sides: int) -> None:
    """Refuse what an order by few games cannot give.

    Raises:
        UserError: another kind of game, or a table that needs all matches.
    """
    if num_sides != 2:
        raise UserError("--budget finds an order by strength, in games for two; leave it out for this game")
    if args.matrix or args.picture or args.records:
        raise UserError("--matrix, --picture and --records need all matches; leave out --budget")


def _show_order(game: Any, players: list[Any], args: argparse.Namespace, settings: dict[str, Any]) -> None:
    """Play while the order is in doubt, and print it."""
    from jaxplay.arena import rank

    done = 0

    def report(first: str, second: str, score: float) -> None:
        nonlocal done
        done += args.games
        tell(f"{done:,} of {args.budget:,} games at most: {first} - {second}: {100 * score:.1f} %")

    settings = {name: settings[name] for name in ("key", "opening_plies")}
    with working(f"playing {args.budget:,} games at most", quiet=args.json) as tell:
        found = rank(game, players, max_games=args.budget, batch=args.games, report=report, **settings)
    rows = order_rows(found)
    if args.json:
        about = {"games": int(found.order.num_games.sum()) // 2, "seed": args.seed}
        print(json.dumps({"order": rows, "opening_plies": settings["opening_plies"]} | about, indent=1))
        return
    show_rows(rows, as_json=False)


def order_rows(found: "Ranking") -> list[dict[str, Any]]:
    """A row for each player, the best first: Elo, games, and the probability that the next one is better."""
    order = found.order
    doubts = [*(round(100 * float(doubt), 1) for doubt in order.doubts), ""]
    return [
        {
            "player": found.names[i],
            "elo": round(float(order.ratings.elo[i])),
            "error": round(float(order.ratings.error[i])),
            "games": int(order.num_games[i].sum()),
            "next_is_better_%": doubt,
        }
        for i, doubt in zip(order.players, doubts, strict=True)
    ]


def _meet(game: Any, players: list[Any], settings: dict[str, Any]) -> "Tournament":
    from jaxplay.arena.tournament import round_robin
    from jaxplay.rollout.sides import side_of_seats

    num_sides = int(side_of_seats(game).max()) + 1
    if num_sides == 2 and len(players) < 2:
        raise UserError("a match needs two players or more, such as: jaxplay arena runs/c4 mcts:100")
    matches, done = math.comb(len(players), num_sides), 0

    def report(match: "ArenaResult") -> None:
        nonlocal done
        done += 1
        score = f"{' - '.join(match.names)}: {_scores(match)}"
        if matches > 1:
            tell(f"match {done} of {matches}, {100 * done // matches} %: {score}")

    what = f"{settings['num_games']:,} games" if matches == 1 else f"{matches} matches"
    with working(f"playing {what}; the first takes longer, because it is compiled") as tell:
        return round_robin(game, players, report=report, **settings)


def _scores(match: "ArenaResult") -> str:
    """The score of the first of two, the scores of all of several, or the mean return."""
    if match.num_sides == 1:
        return f"{match.mean_return:.3g}"
    scores = match.scores[: 1 if match.second else None]
    return "-".join(f"{100 * score:.1f}" for score in scores) + " %"


def _alone(game: Any, players: list[Any], settings: dict[str, Any]) -> list[dict[str, Any]]:
    from jaxplay.arena import match

    return [_row_alone(match(game, [player], **settings)) for player in players]


def _row_alone(result: "ArenaResult") -> dict[str, Any]:
    """What is shown of a player by itself: its mean return with a 95 % interval."""
    low, high = result.return_interval()
    return {
        "player": result.first,
        "games": result.num_games,
        "mean_return": result.mean_return,
        "low": low,
        "high": high,
        "error": result.return_error,
        "plies": result.mean_plies,
    }


def _show_many(found: "Tournament", about: dict[str, Any], *, as_json: bool) -> None:
    """Of games for more than two: how each player did, the best first."""
    standings = sorted(found.standings(), key=lambda standing: -standing.mean_return)
    if as_json:
        rows = {"matches": [_row_of_many(match) for match in found.matches]}
        rows |= {"standings": [standing._asdict() for standing in standings]}
        print(json.dumps(_known(rows | about), indent=1))
        return
    of_one_team = any(math.isnan(standing.score) for standing in standings)
    show_table(
        [
            {
                "player": standing.name,
                "games": standing.num_games,
                "won_%": "-" if of_one_team else f"{100 * standing.score:.1f}",
                "95_%": "-" if of_one_team else _ends([100 * end for end in standing.interval]),
                "mean_return": f"{standing.mean_return:.3g}",
                "95_%_of_it": _ends(standing.return_interval),
            }
            for standing in standings
        ]
    )


def _ends(interval: Sequence[float]) -> str:
    low, high = interval
    return f"{low:.3g} to {high:.3g}"


def _known(value: Any) -> Any:
    """Plain data in which numbers that are not known are None, since JSON has no nan."""
    if isinstance(value, dict):
        return {name: _known(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_known(part) for part in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def _row_of_many(match: "ArenaResult") -> dict[str, Any]:
    """A match as data: what each player won and earned, also on each seat."""
    return {
        "players": list(match.names),
        "games": match.num_games,
        "scores": match.scores.tolist(),
        "mean_returns": match.mean_returns.tolist(),
        "mean_returns_by_seat": match.seat_returns.tolist(),
        "truncated": match.truncated,
        "mean_plies": match.mean_plies,
    }


def _write_files(args: argparse.Namespace, game: str, found: "Tournament", about: dict[str, Any]) -> None:
    from jaxplay.arena.heatmap import heat_map
    from jaxplay.arena.matrix import matrix
    from jaxplay.arena.picture import picture

    if args.matrix:
        whole = {"game": game} | about | matrix(found.table, found.ratings)
        inputs.write(args.matrix, json.dumps(whole) + "\n")
    if args.picture:
        title = f"{game}, {args.games} games of each two; {_first_move(found)}"
        inputs.write(args.picture, picture(heat_map(found.table, found.ratings), title) + "\n")


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
