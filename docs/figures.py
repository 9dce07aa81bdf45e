"""Draws the README's picture from a run: `python docs/figures.py RUN` writes `docs/connect_four.svg`.

Needs matplotlib (`pip install -e '.[dev]'`).
"""

import json
import sys
from pathlib import Path

import matplotlib.pyplot as plt

OUT = Path(__file__).parent / "connect_four.svg"


def main(run: Path) -> None:
    """Plot what each evaluation of the run found."""
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    rows = [line for line in lines if line["kind"] == "evaluation" and "probes" in line]
    minutes = [row["seconds"] / 60 for row in rows]
    figure, axis = plt.subplots(figsize=(7, 3.2), layout="constrained")
    kept = [100 * row["probes"]["outcome_kept"] for row in rows]
    axis.plot(minutes, kept, "o-", label="agent with 64 simulations")
    axis.axhline(37, color="grey", linewidth=1, linestyle=":", label="random legal moves")
    axis.set(xlabel="minutes on 2 CPU cores, compilation included", ylabel="outcome-keeping moves, %")
    axis.set(ylim=(30, 100), xlim=(0, None))
    axis.legend(loc="center right", frameon=False)
    axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(OUT)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
