"""Draws `docs/policy_gradient.svg`: `python docs/policy_gradient_figures.py RESULTS.jsonl`.

The results are those of `jaxplay bench policy_gradient`. Lines are medians over seeds, shades go from the
least to the greatest. Needs matplotlib (`pip install -e '.[dev]'`).
"""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

COLUMNS = 2
OUT = Path(__file__).parent / "policy_gradient.svg"


def main(results: Path) -> None:
    """A panel for each game."""
    rows = [json.loads(line) for line in results.read_text().splitlines()]
    rows = [row for row in rows if row["benchmark"] == "policy_gradient"]
    games, settings = (list(dict.fromkeys(row[name] for row in rows)) for name in ("game", "setting"))
    lines = -(-len(games) // COLUMNS)
    size = (4.4 * min(COLUMNS, len(games)), 3.2 * lines + 0.8)
    figure, axes = plt.subplots(
        lines, min(COLUMNS, len(games)), figsize=size, layout="constrained", squeeze=False
    )
    drawn: dict[str, Any] = {}
    for axis, game in zip(axes.flat, games, strict=False):
        for number, setting in enumerate(settings):
            curves = [row["curve"] for row in rows if (row["game"], row["setting"]) == (game, setting)]
            if not curves:
                continue
            values, steps = np.array([curve["exploitability"] for curve in curves]), curves[0]["updates"]
            (line,) = axis.plot(steps, np.median(values, axis=0), color=f"C{number % 10}", label=setting)
            drawn.setdefault(setting.replace("_", " "), line)
            axis.fill_between(
                steps, values.min(0), values.max(0), color=f"C{number % 10}", alpha=0.15, linewidth=0
            )
        axis.set(title=game, xlabel="gradient steps", yscale="log")
        axis.spines[["top", "right"]].set_visible(False)
    for axis in axes.flat[len(games) :]:
        axis.remove()
    figure.supylabel("exploitability of the averaged policy")
    figure.legend(drawn.values(), drawn, loc="outside lower center", ncols=4, frameon=False, fontsize="small")
    figure.savefig(OUT)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
