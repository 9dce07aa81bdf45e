"""Train a Connect Four agent for a few minutes on this machine, and show by measurement what it learned."""

import argparse
from collections.abc import Sequence
from typing import Any

from jaxplay.cli import inputs
from jaxplay.cli.cache import add_cache, use_cache
from jaxplay.cli.clock import STARTED
from jaxplay.cli.devices import make_cpu_devices, share_cores
from jaxplay.cli.train import add_out, add_preset

EXAMPLE = "jaxplay demo --minutes 5"

WIDTH = 40
"""Characters of the longest bar."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument(
        "--minutes", type=inputs.MINUTES, default=5.0, metavar="FLOAT", help="Minutes of training."
    )
    add_preset(parser, "demo")
    add_out(parser, "runs/connect_four")
    add_cache(parser)


def run(args: argparse.Namespace) -> None:
    """Train, then show the curve, the last evaluation and a game."""
    use_cache(args)
    from jaxplay.arena.outcomes import load_positions, random_share
    from jaxplay.presets import preset
    from jaxplay.run import train

    make_cpu_devices(0)
    config = share_cores(preset("connect_four", args.preset or "demo"))
    finished = train(config=config, minutes=args.minutes, out=args.out, started=STARTED)
    evaluations = [line for line in finished.metrics("evaluation") if "probes" in line]
    if evaluations:
        measured = curve(evaluations, random_share(load_positions()))
        print("\n".join(["", *measured, "", *summary(evaluations[-1]), ""]))
    for path in sorted((finished.folder / "games").glob(f"{finished.step:09d}-1.txt")):
        print(f"A game of the agent against itself ({path}):\n\n{path.read_text()}")
    print(f"Play against it:\n  jaxplay play {finished.folder}")


def curve(evaluations: Sequence[dict[str, Any]], random_play: float) -> list[str]:
    """Each evaluation as a bar: how often its moves keep the outcome of perfect play."""
    rows = ["Share of positions in which the chosen move keeps the outcome of perfect play:", ""]
    rows.append(f"  {'random play':>11}  {bar(random_play)} {random_play:.1%}")
    for line in evaluations:
        share = line["probes"]["outcome_kept"]
        rows.append(f"  {line['seconds'] / 60:>7.1f} min  {bar(share)} {share:.1%}")
    return rows


def bar(share: float) -> str:
    """A bar for a number from 0 to 1."""
    filled = round(share * WIDTH)
    return "#" * filled + "." * (WIDTH - filled)


def summary(line: dict[str, Any]) -> list[str]:
    """The last evaluation in sentences."""
    told = [f"After {line['seconds'] / 60:.1f} minutes and {line['step']:,} steps:"]
    told += [f"  score against {name}: {score:.1%}" for name, score in line["scores"].items()]
    if "rating" in line:
        low, high = line["rating_low"], line["rating_high"]
        told.append(f"  rating: {line['rating']:.0f} Elo above random play (95 %: {low:.0f} to {high:.0f})")
    return told if len(told) > 1 else [*told, "  there was no time for games against others"]
