"""Metrics of a run as a plot.

A run writes a JSON object a line to `metrics.jsonl`; `Run.metrics` reads them.
Run: python examples/plot_metrics.py (needs `pip install matplotlib`)
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl

import jaxplay
from jaxplay.presets import preset

mpl.use("Agg")
from matplotlib import pyplot as plt


def main(picture: str = "metrics.svg", *, num_steps: int = 60) -> None:
    """Train tic-tac-toe for some steps, and draw two of its metrics."""
    with tempfile.TemporaryDirectory() as folder:
        config = replace(preset("tic_tac_toe", "quick"), evaluate_games=0, log_seconds=0.0)
        run = jaxplay.train(config=config, steps=num_steps, out=Path(folder) / "run", progress=False)
        lines = run.metrics()
    figure, axes = plt.subplots(2, sharex=True)
    for axis, name in zip(axes, ("policy_loss", "value_loss"), strict=True):
        known = [(line["step"], line[name]) for line in lines if line.get(name) is not None]
        axis.plot(*zip(*known, strict=True))
        axis.set_ylabel(name)
    axes[-1].set_xlabel("step")
    figure.savefig(picture)
    plt.close(figure)
    print(f"{picture}: {len(lines)} lines of metrics")


if __name__ == "__main__":
    main(*sys.argv[1:2])
