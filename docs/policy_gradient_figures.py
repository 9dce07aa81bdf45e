"""Draws `docs/policy_gradient.svg`: `python docs/policy_gradient_figures.py RESULTS.jsonl`.

The results are those of `jaxplay bench policy_gradient`. Lines are medians over seeds, shades go from the
least to the greatest. Needs matplotlib (`pip install -e '.[dev]'`).
"""

import json
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

OUT = Path(__file__).parent / "policy_gradient.svg"


def main(results: Path) -> None:
    """A panel for each game."""
    rows = [json.loads(line) for line in results.read_text().splitlines()]
    rows = [row for row in rows if row["benchmark"] == "policy_gradient"]
    games, settings = (list(dict.fromkeys(row[name] for row in rows)) for name in ("game", "setting"))
    figure, axes = plt.subplots(
        1, len(games), figsize=(4.2 * len(games), 3.6), layout="constrained", squeeze=False
    )
    for axis, game in zip(axes[0], games, strict=True):
        for number, setting in enumerate(settings):
            curves = [row["curve"] for row in rows if (row["game"], row["setting"]) == (game, setting)]
            if not curves:
                continue
            values, steps = np.array([curve["exploitability"] for curve in curves]), curves[0]["updates"]
            axis.plot(steps, np.median(values, axis=0), color=f"C{number}", label=setting.replace("_", " "))
            axis.fill_between(
                steps, values.min(0), values.max(0), color=f"C{number}", alpha=0.15, linewidth=0
            )
        axis.set(title=game, xlabel="gradient steps", yscale="log")
        axis.spines[["top", "right"]].set_visible(False)
    axes[0, 0].set(ylabel="exploitability of the averaged policy")
    axes[0, -1].legend(frameon=False, fontsize="small")
    figure.savefig(OUT)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
