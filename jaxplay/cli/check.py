"""Hold a game against the laws of `jaxplay.game` by random play; the first that it breaks is an error."""

import argparse
import dataclasses
import sys
from typing import TYPE_CHECKING

from jaxplay.cli import inputs
from jaxplay.cli.named import GAME_HELP, make_game
from jaxplay.cli.output import add_json, show_rows, working

if TYPE_CHECKING:
    from jaxplay.testing import Report, Statistics

EXAMPLE = "jaxplay check my_module:MyGame --num-plies 20000"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("game", type=inputs.word, metavar="GAME", help=GAME_HELP)
    parser.add_argument(
        "--num-plies",
        type=inputs.Whole(1, 100_000_000),
        default=4096,
        metavar="INT",
        help="Random moves to play, about.",
    )
    parser.add_argument(
        "--seed", type=inputs.SEED, default=0, metavar="INT", help="Seed of the random games."
    )
    parser.add_argument(
        "--may-be-cut",
        action="store_true",
        help="Accept games that have no natural end, and may outlast max_plies.",
    )
    parser.add_argument(
        "--may-forget",
        action="store_true",
        help="Accept observations of hidden information that forget what their player has seen.",
    )
    add_json(parser)


def run(args: argparse.Namespace) -> None:
    """Check, and print what was seen."""
    from jaxplay.cli.memory import Need, refuse
    from jaxplay.presets import measure
    from jaxplay.testing import check_game

    game = make_game(args.game)
    what = f"checking {args.game}"
    with working(what, quiet=args.json or not sys.stderr.isatty()) as tell:
        size = 2 * args.num_plies * measure(game).state_bytes
        refuse([Need(f"positions before and after each move (--num-plies {args.num_plies:,})", size)])
        report = check_game(
            game,
            num_plies=args.num_plies,
            seed=args.seed,
            may_be_cut=args.may_be_cut,
            may_forget=args.may_forget,
            tell=lambda part: tell(f"{what}: {part}"),
        )
    show(args.game, report, as_json=args.json)


def show(name: str, report: "Report", *, as_json: bool) -> None:
    """Print what was seen of a game: a table, who won, what is odd, and a game in words."""
    told = {"game": name, "keeps_the_laws": True} | dataclasses.asdict(report)
    seen, oddities, example = (told.pop(part) for part in ("seen", "oddities", "example"))
    if as_json:
        seen = None if seen is None else seen._asdict()
        show_rows([told | {"seen": seen, "oddities": oddities, "example": example}], as_json=True)
        return
    show_rows([{field: value for field, value in told.items() if value is not None}], as_json=False)
    print("\n".join(described(report)))


def described(report: "Report") -> list[str]:
    """What was seen, in lines."""
    lines = [] if report.seen is None else _measured(report.seen)
    lines += [f"look at this: {oddity}" for oddity in report.oddities]
    if report.example:
        lines += ["", "a random game: did the right player win?", report.example]
    return lines


def _measured(seen: "Statistics") -> list[str]:
    """How long and wide games were, and who won; what was earned where nobody wins."""
    length = f"decisions in a game: {seen.mean_plies:.1f}, at most {seen.most_plies}"
    if seen.unfinished > seen.games:
        length += f" in {seen.games} games that ended ({seen.unfinished} did not: --num-plies plays more)"
    result = ", ".join(f"player {player} won {share:.0%}" for player, share in enumerate(seen.wins))
    result += f", drawn {seen.draws:.0%}"
    if not any(seen.wins):
        means = ", ".join(f"player {player} {mean:,.1f}" for player, mean in enumerate(seen.mean_returns))
        result = f"earned on average: {means}; {seen.least_return:,.1f} to {seen.greatest_return:,.1f}"
    return [f"{length}; legal actions at each: {seen.branching:.1f}", result]
