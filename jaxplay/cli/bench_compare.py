"""Say what got slower from one file of results to another, beyond the noise; exit status 1 if anything did.

Each case is judged by all its repeats: an estimate of how many times as fast it became, and an interval that
holds with the confidence for all cases together (a rank test, which assumes nothing of the noise but that it
is the same in both). Seven repeats can decide, eleven bear an outlier; files of older versions, which have no
repeats in them, decide only where the slowest before and the fastest after leave no doubt.
"""

import argparse
import sys
from typing import Any

from jaxplay.cli import inputs
from jaxplay.cli.failures import Done
from jaxplay.cli.output import add_json, show_rows
from jaxplay.cli.parser import Parser

SUMMARY = "what got slower from one file of results to another; exit status 1 if anything did"
EXAMPLE = "jaxplay bench compare before.jsonl after.jsonl"


def add_arguments(parser: Parser) -> None:
    """The options of this command."""
    for name, told in (("before", "What was measured first."), ("after", "What was measured then.")):
        text = f"{told} A file of `bench NAME --out`."
        parser.add_argument(name, type=inputs.path, metavar=f"{name.upper()}.jsonl", help=text)
    parser.add_argument(
        "--confidence",
        type=inputs.Number(0.5, 0.9999),
        default=0.95,
        metavar="FLOAT",
        help="How sure to be that nothing is called slower, or faster, which is not.",
    )
    parser.add_argument(
        "--least",
        type=inputs.Number(0, 100, "percent"),
        default=2.0,
        metavar="FLOAT",
        help="Percent of speed; smaller changes are not called so.",
    )
    add_json(parser)


def run(args: argparse.Namespace) -> None:
    """Print a row for each case; raise `Done(1)` where one got slower."""
    from jaxplay.benchmarks.compare import SLOWER, UNDECIDED, compare
    from jaxplay.benchmarks.records import read

    before, after = read(args.before), read(args.after)
    found = compare(before, after, confidence=args.confidence, least=args.least)
    show_rows([change._asdict() for change in found.changes], as_json=args.json)
    for line in _warnings(before, after, found.left_out):
        print(line, file=sys.stderr)
    slower = [change.name for change in found.changes if change.verdict == SLOWER]
    undecided = sum(change.verdict == UNDECIDED for change in found.changes)
    told = f", {undecided} undecided: too few repeats" if undecided else ""
    print(f"{len(slower)} of {len(found.changes)} cases slower{told}", file=sys.stderr)
    if slower:
        raise Done(1)


def _warnings(before: list[Any], after: list[Any], left_out: list[str]) -> list[str]:
    """What a reader must know before trusting the comparison."""
    found = [f"only in one file: {name}" for name in left_out]
    for what in ("processor", "device", "cores", "versions"):
        old, new = ([record.get("machine", {}).get(what) for record in part] for part in (before, after))
        if old[0] != new[0]:
            found.append(f"warning: not the same {what}: {old[0]} before, {new[0]} after")
    return found
