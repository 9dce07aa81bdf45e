"""Solve a small game: exactly, if all see everything; else by regrets or mirror descent, with a live curve.

A game of perfect information is enumerated, and its value said; the player `solver` plays it without error.
One that hides something is made into arrays, and a tabular algorithm iterates until the minutes, the
iterations or the exploitability that was asked for; Ctrl-C ends it sooner, and nothing is lost. The folder
then is a player that `jaxplay play`, `arena` and `exploit` take, and the same command goes on in it.
Exploitability is exact: what a perfect opponent wins a game, in a random seat.
"""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jaxplay.cli import inputs
from jaxplay.cli.cache import add_cache, cache_folder, use_cache
from jaxplay.cli.clock import STARTED
from jaxplay.cli.named import GAME_HELP, make_game, split_game
from jaxplay.cli.output import add_json, show_table, working
from jaxplay.errors import UserError

EXAMPLE = "jaxplay solve leduc_poker --minutes 1 --out runs/leduc"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    from jaxplay.solving.algorithms import ALGORITHMS, USUAL

    parser.add_argument("game", type=inputs.word, metavar="GAME", help=GAME_HELP)
    told = "; ".join(f"{name}: {algorithm.about}" for name, algorithm in ALGORITHMS.items())
    parser.add_argument(
        "--algorithm",
        type=inputs.OneOf(tuple(ALGORITHMS)),
        metavar="NAME",
        help=f"How a game of hidden information is solved. {told}. (default: {USUAL})",
    )
    parser.add_argument("--iterations", type=inputs.STEPS, metavar="INT", help="Stop after so many in all.")
    parser.add_argument(
        "--minutes", type=inputs.MINUTES, metavar="FLOAT", help="Stop after so many minutes of wall clock."
    )
    parser.add_argument(
        "--until", type=inputs.GAP, metavar="FLOAT", help="Stop at an exploitability of so much or less."
    )
    parser.add_argument(
        "--out",
        type=inputs.path,
        metavar="FOLDER",
        help="Keep states, curve and strategy there; goes on where the same was being solved there.",
    )
    add_cache(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> None:
    """Solve a game."""
    use_cache(args)
    game = make_game(args.game)
    if game.perfect_information:
        _refuse_idle(args)
        told = _solve_exactly(args, game)
    else:
        told = _solve_by_iterations(args, game)
    if args.json:
        print(json.dumps(told, indent=1))


def _refuse_idle(args: argparse.Namespace) -> None:
    """Options that a game of perfect information does not take."""
    given = {
        "--algorithm": args.algorithm,
        "--iterations": args.iterations,
        "--minutes": args.minutes,
        "--until": args.until,
        "--out": args.out,
    }
    for name, value in given.items():
        inputs.refuse_idle(name, "games that hide something", value is None, [args.game])


def _solve_exactly(args: argparse.Namespace, game: Any) -> dict[str, Any]:
    """Enumerate, and say the value."""
    from jaxplay.solve import solve

    with working(f"enumerating {args.game}", quiet=args.json):
        found = solve(game)
    values = [round(float(value), 9) for value in found.values[0]]
    told = {"game": args.game, "states": found.graph.num_states, "values": values}
    if not args.json:
        earned = ", ".join(f"player {i + 1} {value:+g}" for i, value in enumerate(values))
        print(f"{args.game}: {found.graph.num_states:,} positions; perfect play earns {earned}")
        print(f"`jaxplay play solver --game {args.game}` plays it without error")
    return told


def _solve_by_iterations(args: argparse.Namespace, game: Any) -> dict[str, Any]:
    """Iterate, show the curve, and say what came of it."""
    from jaxplay.solving import SolveConfig, Target, solve_game
    from jaxplay.solving.algorithms import USUAL

    name, options = split_game(args.game)
    config = SolveConfig(name, tuple(sorted(options.items())), args.algorithm or USUAL)
    target = Target(args.iterations, args.minutes, args.until)
    trees = None if args.no_cache else cache_folder().parent / "trees"
    found = solve_game(
        config,
        target=target,
        game=game,
        out=args.out,
        cache=trees,
        on_point=None if args.json else show_point,
        started=STARTED,
    )
    return report(args.game, found, as_json=args.json)


def show_point(point: Mapping[str, Any]) -> None:
    """A line of the curve."""
    gap, seconds = point["exploitability"], point["seconds"]
    print(f"{point['iteration']:>10,} iterations  {seconds:7.1f} s  exploitability {gap:.3g}", flush=True)


def report(game: str, found: Any, *, as_json: bool) -> dict[str, Any]:
    """What was found, as data; printed, unless `as_json`."""
    result = found.result
    told = {
        "game": game,
        "infosets": found.form.tree.num_infosets,
        "histories": found.form.tree.num_histories,
        "iterations": found.iterations,
        "exploitability": result.exploitability,
        "values": [float(value) for value in result.values],
        "best_responses": [float(value) for value in result.best_responses],
        "interrupted": found.interrupted,
        "folder": None if found.folder is None else str(found.folder),
    }
    if not as_json:
        rows = [
            {"player": number + 1, "earns": f"{value:+.6f}", "best response earns": f"{best:+.6f}"}
            for number, (value, best) in enumerate(zip(result.values, result.best_responses, strict=True))
        ]
        show_table(rows)
        print(f"exploitability {result.exploitability:.3g} after {found.iterations:,} iterations")
        if found.folder is not None:
            print(f"`jaxplay play {found.folder}` plays against it")
    return told


def resume(folder: Path, args: argparse.Namespace) -> None:
    """Go on in the folder of a solution; `jaxplay resume` calls this.

    Raises:
        UserError: an option that solutions do not take.
    """
    from jaxplay.solving import Target, read_config, resume_solving

    if args.minutes is None and args.steps is None:
        raise UserError("say how long: --minutes, or --steps for the iterations in all")
    config = read_config(folder)
    game = None if args.game is None else make_game(args.game)
    found = resume_solving(
        folder,
        target=Target(args.steps, args.minutes),
        game=game,
        cache=cache_folder().parent / "trees",
        on_point=show_point,
        started=STARTED,
    )
    report(config.game, found, as_json=False)
