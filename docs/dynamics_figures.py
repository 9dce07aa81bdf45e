"""Draws `docs/dynamics/*.svg`: `python docs/dynamics_figures.py RESULTS.jsonl`.

The results are those of `jaxplay bench dynamics`. Lines are medians over seeds, shades go from the least to
the greatest. Needs matplotlib (`pip install -e '.[dev]'`).
"""

import json
import sys
from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np

OUT = Path(__file__).parent / "dynamics"


class Figure(NamedTuple):
    """A picture: which settings, what of them, and what the axes say."""

    settings: tuple[str, ...]
    measure: str
    across: str
    up: str


FIGURES = {
    "bandit": Figure(
        ("balanced_kuhn", "adaptive_kuhn", "balanced_liars_dice", "balanced_leduc"),
        "average",
        "episodes",
        "exploitability of the average",
    ),
    "noise": Figure(
        ("noise_separated", "noise_separated_opt_da", "noise_equal"),
        "last",
        "rounds",
        "squared distance from the equilibrium",
    ),
    "delay": Figure(
        ("delay_1_to_64_plain", "delay_1_to_64_optimistic", "delay_1_to_64_banker"),
        "regret",
        "rounds",
        "largest regret of a player, a round",
    ),
    "preferences": Figure(("spo_3", "spo_5"), "average", "rounds", "exploitability of the average"),
    "correlated": Figure(
        ("hedge_chicken", "hedge_shapley", "hedge_three_players_0"),
        "regret",
        "rounds",
        "largest regret of a player, a round",
    ),
}


def main(results: Path) -> None:
    """Every figure of which there are results."""
    rows = [json.loads(line) for line in results.read_text().splitlines()]
    rows = [row for row in rows if row["benchmark"] == "dynamics"]
    plt.rcParams["svg.hashsalt"] = "dynamics"
    for name, figure in FIGURES.items():
        drawn, axis = plt.subplots(figsize=(6, 3.6), layout="constrained")
        for number, setting in enumerate(figure.settings):
            curves = [row["curve"] for row in rows if row["setting"] == setting]
            if curves:
                line(axis, setting.replace("_", " "), f"C{number}", curves, figure.measure)
        axis.set(xlabel=figure.across, ylabel=figure.up, xscale="log", yscale="log")
        axis.spines[["top", "right"]].set_visible(False)
        if axis.lines:
            axis.legend(frameon=False, fontsize="small")
            drawn.savefig(OUT / f"{name}.svg", metadata={"Date": None})
        plt.close(drawn)


def line(axis: plt.Axes, label: str, color: str, curves: list[dict], measure: str) -> None:
    """The median of curves, and what lies between the least and the greatest."""
    values = np.maximum(np.array([curve[measure] for curve in curves], float), 1e-40)
    axis.plot(curves[0]["rounds"], np.median(values, axis=0), color=color, label=label)
    axis.fill_between(curves[0]["rounds"], values.min(0), values.max(0), color=color, alpha=0.15, linewidth=0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
