"""Measure speed on this machine: medians of interleaved repeats, compilation apart."""

import argparse
import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jaxplay.cli.output import add_json, show_rows
from jaxplay.errors import UserError

EXAMPLE = "jaxplay bench env --games connect_four --peers"

BENCHMARKS = {
    "env": "random play of games, in plies a second",
    "machine": "arithmetic and memory traffic, which bound all else",
    "search": "tree searches, in simulations a second",
    "train": "the compiled step and its parts, in positions a second",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    listed = "; ".join(f"{name}: {what}" for name, what in BENCHMARKS.items())
    parser.add_argument("names", nargs="+", metavar="NAME", choices=BENCHMARKS, help=listed)
    parser.add_argument("--games", default="", metavar="NAME,...", help="games to measure (default: all)")
    parser.add_argument("--peers", action="store_true", help="measure other libraries too, side by side")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that everything runs")
    parser.add_argument("--repeats", type=int, default=7, metavar="INT", help="timings of each case")
    parser.add_argument("--seconds", type=float, default=0.5, metavar="FLOAT", help="least time of a timing")
    parser.add_argument("--out", type=Path, metavar="FILE", help="append a JSON line for each case")
    add_json(parser)


def run(args: argparse.Namespace) -> None:
    """Measure each suite, and print a row for each case."""
    from jaxplay.benchmarks.harness import Options, measure
    from jaxplay.benchmarks.machine import describe

    if args.repeats < 1:
        raise UserError(f"repeats is {args.repeats}; allowed: 1 or more")
    options = Options(tuple(filter(None, args.games.split(","))), peers=args.peers, quick=args.quick)
    machine = describe()
    records: list[dict[str, Any]] = []
    for name in args.names:
        for cases in importlib.import_module(f"jaxplay.benchmarks.{name}").suites(options):
            print(f"measuring {', '.join(case.name for case in cases)}", file=sys.stderr)
            results = measure(cases, repeats=args.repeats, seconds=0.0 if args.quick else args.seconds)
            records += [{"benchmark": name, **asdict(result), "machine": machine} for result in results]
    if args.out:
        append(args.out, records)
    show_rows(records if args.json else [row(record) for record in records], as_json=args.json)
    if not args.json:
        print(f"{machine['device']}, {machine['processor']}, {machine['cores']} cores")


def row(record: dict[str, Any]) -> dict[str, Any]:
    """What the table shows of a record."""
    of_limit = record["of_limit"]
    return {
        "case": record["name"],
        "unit": record["unit"] + "/s",
        "median": record["rate"],
        "slowest": record["rate_min"],
        "fastest": record["rate_max"],
        "iqr_%": 100 * record["rate_iqr"] / record["rate"],
        "of_limit_%": "" if of_limit is None else f"{100 * of_limit:.0f}",
        "compile_s": record["compile_seconds"],
        "state_bytes": record["sizes"].get("state_bytes", ""),
    }


def append(path: Path, records: list[dict[str, Any]]) -> None:
    """Add a JSON line for each record."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)
