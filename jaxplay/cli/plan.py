"""Tell what a training takes: bytes by part, how much fits, positions a second, hours to so many positions.

The bytes of the state are exact; what a step needs besides is estimated from its program, and set beside
what the compiler reports. Positions a second are measured by a run of `--seconds`, of which nothing is kept.
"""

import argparse
from typing import Any

from jaxplay.cli import inputs
from jaxplay.cli.cache import add_cache, use_cache
from jaxplay.cli.named import GAME_HELP
from jaxplay.cli.output import add_json, show_rows, working
from jaxplay.cli.parser import Parser
from jaxplay.cli.settings import INLINE, add_config, configure, find_game, read_settings

EXAMPLE = "jaxplay plan connect_four --preset cpu --selfplay.num-matches 4096"

LEFT_OUT = ("game", "game_options", "exploiter", "exploiter.", "league", "league.")


def add_arguments(parser: Parser) -> None:
    """The options of this command."""
    from jaxplay.cli.options import add_options
    from jaxplay.cli.shown import TRAIN
    from jaxplay.cli.train import add_preset
    from jaxplay.config import RunConfig

    parser.add_argument("game", nargs="?", type=inputs.word, metavar="GAME", help=GAME_HELP)
    add_preset(parser)
    add_config(parser)
    parser.add_argument("--league", action="store_true", help="Plan what `jaxplay league` trains.")
    parser.add_argument(
        "--seconds",
        type=inputs.Number(0, 86_400, "seconds"),
        default=20.0,
        metavar="FLOAT",
        help="Seconds to train for, once compiled; 0: compile and train nothing.",
    )
    parser.add_argument(
        "--positions",
        type=inputs.STEPS,
        default=10_000_000,
        metavar="INT",
        help="Positions to say the hours of.",
    )
    add_json(parser)
    add_cache(parser)
    add_options(parser, RunConfig(), inline=(INLINE,), leave_out=LEFT_OUT, shown=TRAIN)


def run(args: argparse.Namespace) -> None:
    """Plan, measure, and print; exit status 2 where it does not fit."""
    use_cache(args)
    from jaxplay.cli.memory import refuse_too_large
    from jaxplay.planning import make_plan
    from jaxplay.presets import preset, with_league

    file = read_settings(args.config)
    name, options = find_game(args.game, file)
    base = preset(name, args.preset or "cpu", options)
    config = configure(with_league(base) if args.league else base, file, args.overrides)
    refuse_too_large(config)
    plan = make_plan(config.training)
    rows = plan_rows(plan)
    found = _measured(args, config.training, plan)
    if args.json:
        show_rows([{"parts": rows, **found}], as_json=True)
        return
    show_rows(rows, as_json=False)
    print("\n".join(_lines(found)))


def plan_rows(plan: Any) -> list[dict[str, Any]]:
    """The table of a plan."""
    from jaxplay.planning import told

    rows = [("all the time", part) for part in plan.state] + [("in a step", part) for part in plan.besides]
    table = [
        {"what": part.what, "bytes": part.size, "size": told(part.size), "there": when, "by": part.settings}
        for when, part in rows
    ]
    whole = {
        "what": "together, at most",
        "bytes": plan.total,
        "size": told(plan.total),
        "there": "",
        "by": "",
    }
    return [*table, whole]


def _measured(args: argparse.Namespace, training: Any, plan: Any) -> dict[str, Any]:
    """What fits, and what a run of some seconds came to."""
    from jaxplay.planning import available, largest_matches, probe

    memory = available()
    most = None if memory is None else largest_matches(training, memory)
    found: dict[str, Any] = {"total": plan.total, "memory": memory, "largest_num_matches": most}
    if args.seconds > 0:
        with working("compiling and training", quiet=args.json):
            seen = probe(training, args.seconds)
        found |= seen._asdict() | {"positions": args.positions, "hours": seen.hours(args.positions)}
    return found


def _lines(found: dict[str, Any]) -> list[str]:
    from jaxplay.planning import told

    lines = []
    if found.get("compiled"):
        ratio = found["total"] / found["compiled"]
        lines.append(f"The compiler reports {told(found['compiled'])}; the plan is {ratio:.2f} times that.")
    if found["memory"] is not None:
        lines.append(f"There are {told(found['memory'])} of memory.")
    if found["largest_num_matches"]:
        lines.append(
            f"selfplay.num_matches {found['largest_num_matches']:,} would fit, all else being equal."
        )
    if "hours" in found:
        rate, steps = found["positions_per_second"], found["steps"]
        lines.append(f"{rate:,.0f} positions a second, the median of {steps} steps that learn.")
        lines.append(f"{found['positions']:,} positions take {found['hours']:,.3g} hours.")
    return lines
