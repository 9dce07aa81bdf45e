"""Draws what leagues are worth: `python docs/league_figures.py RESULTS.jsonl` writes `docs/league_*.svg`.

The results are those of `jaxplay bench league_games` and `jaxplay bench league_training`. Lines are medians
over seeds, shades go from the least to the greatest. Needs matplotlib (`pip install -e '.[dev]'`).
"""

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np

FOLDER = Path(__file__).parent
FLOOR = 1e-3
"""What is less exploitable is drawn here."""


class Line(NamedTuple):
    """A curve: which setting, what was measured of it, how it is drawn."""

    setting: str
    measure: str
    label: str
    color: str
    style: str = "-"


GAMES = (
    Line("self_play", "main", "self-play: the learner", "tab:red"),
    Line("self_play", "uniform", "self-play: uniform mixture of its copies", "tab:red", ":"),
    Line("alphastar", "main", "AlphaStar's league: the main agent", "tab:blue"),
    Line("alphastar", "nash", "the same: Nash mixture, exact payoffs", "tab:blue", "--"),
    Line("alphastar", "measured_nash", "the same: Nash mixture, measured payoffs", "tab:blue", ":"),
    Line("self_play_regularised", "main", "self-play with shrinking logits", "tab:green"),
)

TRAINING = (
    Line("self_play", "policy", "self-play", "tab:red"),
    Line("league", "policy", "league: the main agent", "tab:blue"),
    Line("self_play_openings", "policy", "self-play from random openings", "tab:green"),
    Line("self_play_puct", "policy", "self-play, PUCT", "tab:red", ":"),
    Line("league_puct", "policy", "league, PUCT", "tab:blue", ":"),
)


def main(results: Path) -> None:
    """Draw both figures, or the one whose results there are."""
    rows = [json.loads(line) for line in results.read_text().splitlines()]
    for name, lines in (("league_games", GAMES), ("league_training", TRAINING)):
        found = [row for row in rows if row["benchmark"] == name]
        if found:
            draw(found, lines, FOLDER / f"{name}.svg")


def draw(rows: list[dict[str, Any]], lines: tuple[Line, ...], path: Path) -> None:
    """A panel for each game, and the legend below or in the last place."""
    games = list(dict.fromkeys(row["game"] for row in rows))
    columns = min(len(games), 3)
    height = -(-len(games) // columns)
    figure, axes = plt.subplots(
        height, columns, figsize=(3.2 * columns, 2.5 * height + 0.8), sharey=True, squeeze=False
    )
    for axis, game in zip(axes.flat, games, strict=False):
        panel(axis, [row for row in rows if row["game"] == game], lines)
        axis.set(title=game.replace("_", " "), yscale="log", ylim=(FLOOR, 1.2), xlim=(0, None))
        axis.spines[["top", "right"]].set_visible(False)
    for axis in axes.flat[len(games) :]:
        axis.set_axis_off()
    for axis in axes[:, 0]:
        axis.set_ylabel("exploitability")
    handles, labels = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=2, frameon=False)
    figure.tight_layout(rect=(0, 0.06 + 0.16 / height, 1, 1))
    figure.savefig(path, metadata={"Date": None})


def panel(axis: Any, rows: list[dict[str, Any]], lines: tuple[Line, ...]) -> None:
    """The curves of one game."""
    for line in lines:
        curves = [row for row in rows if row["setting"] == line.setting]
        if not curves:
            continue
        values = np.maximum([row["curve"][line.measure] for row in curves], FLOOR)
        x = played(curves, values.shape[1])
        axis.plot(x, np.median(values, axis=0), line.style, color=line.color, label=line.label)
        axis.fill_between(x, values.min(axis=0), values.max(axis=0), color=line.color, alpha=0.1, linewidth=0)
    axis.set_xlabel("thousand games" if "games" in rows[0] else "thousand positions")


def played(curves: list[dict[str, Any]], looks: int) -> np.ndarray:
    """Thousands of games or positions at each measurement, in the mean."""
    if "games" in curves[0]:
        return np.linspace(1 / looks, 1, looks) * curves[0]["games"] / 1000
    return np.mean([row["curve"]["positions"] for row in curves], axis=0) / 1000


if __name__ == "__main__":
    main(Path(sys.argv[1]))
