"""Draw how runs went: losses, ratings with 95 % intervals, and scores against other players, as SVG or PNG.

Needs matplotlib: `pip install 'jaxplay[plot]'`. A run's `metrics.jsonl` holds the same numbers; with
tensorboardX installed a run writes events too: `tensorboard --logdir RUN/tensorboard`.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jaxplay.cli import inputs
from jaxplay.errors import UserError

EXAMPLE = "jaxplay plot runs/c4 runs/c4-2 --out c4.svg --by minutes"

AXES = {"steps": "steps", "minutes": "minutes", "games": "games", "positions": "positions"}
HEIGHT, WIDTH = 3.0, 7.5
"""Inches of a panel."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("runs", nargs="+", type=inputs.path, metavar="RUN", help="Folders of runs.")
    parser.add_argument(
        "--out",
        type=inputs.NewFile((".svg", ".png")),
        default=Path("plot.svg"),
        metavar="FILE",
        help="Picture to write, .svg or .png.",
    )
    parser.add_argument(
        "--by",
        type=inputs.OneOf(tuple(AXES)),
        default="steps",
        metavar="NAME",
        help="What runs along the bottom: steps, minutes, games or positions.",
    )


def run(args: argparse.Namespace) -> None:
    """Draw, and say where."""
    curves = [curve for folder in args.runs for curve in read_curves(folder, args.by)]
    if not any(len(curve.x) for curve in curves):
        raise UserError(f"nothing to draw: {', '.join(map(str, args.runs))} has no metrics yet")
    draw(curves, args.by, args.out)
    print(f"{args.out}: {', '.join(dict.fromkeys(curve.panel for curve in curves))}")


class Curve(NamedTuple):
    """One line of a panel.

    Attributes:
        panel: Title of the panel.
        name: Name of the line in the legend.
        x: Places of its points on the axis below.
        y: Heights of its points.
        low: Lower ends of the intervals of its points; empty without intervals.
        high: Upper ends of the intervals of its points; empty without intervals.
    """

    panel: str
    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()


def read_curves(folder: Path, axis: str) -> list[Curve]:
    """What there is to draw of a run, by panels.

    Raises:
        UserError: It is no run.
    """
    from jaxplay.checkpoint import read_config
    from jaxplay.run.log import METRICS
    from jaxplay.run.records import read

    read_config(folder)
    lines = read(folder / METRICS)
    where = _places([line for line in lines if line["kind"] == "training"], axis)
    found = []
    for key in ("policy_loss", "value_loss"):
        points = [(where(line), line[key]) for line in lines if line["kind"] == "training" and key in line]
        found.append(_curve("losses", f"{folder.name} {key.replace('_', ' ')}", points))
    evaluations = [line for line in lines if line["kind"] == "evaluation"]
    rated = [line for line in evaluations if "rating" in line]
    ends = [[line[key] for line in rated] for key in ("rating_low", "rating_high")]
    points = [(where(line), line["rating"]) for line in rated]
    found.append(_curve("rating in Elo above random play", folder.name, points, *ends))
    for key in dict.fromkeys(name for line in evaluations for name in line.get("scores", {})):
        points = [(where(line), line["scores"][key]) for line in evaluations if key in line.get("scores", {})]
        title = "mean return" if key == "return" else "scores (share of the points)"
        found.append(_curve(title, f"{folder.name} against {key}", points))
    return [curve for curve in found if len(curve.x)]


def _places(training: list[dict[str, Any]], axis: str) -> Callable[[dict[str, Any]], float]:
    """Where a line stands on the axis; one without games and positions: where training was at its step."""

    def place(line: dict[str, Any]) -> float:
        if axis == "minutes":
            return line["seconds"] / 60.0
        if axis == "steps":
            return line["step"]
        return max((other[axis] for other in training if other["step"] <= line["step"]), default=0.0)

    return place


def _curve(
    panel: str,
    name: str,
    points: list[tuple[float, float]],
    low: Sequence[float] = (),
    high: Sequence[float] = (),
) -> Curve:
    return Curve(panel, name, [x for x, _ in points], [y for _, y in points], low, high)


def draw(curves: Sequence[Curve], axis: str, out: Path) -> None:
    """Draw the panels one above the other, and write them.

    Raises:
        UserError: matplotlib is not there, or the file cannot be written.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UserError("plot needs matplotlib: pip install 'jaxplay[plot]'") from error
    panels = list(dict.fromkeys(curve.panel for curve in curves))
    figure = Figure(figsize=(WIDTH, HEIGHT * len(panels)), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, panel in zip(figure.subplots(len(panels), squeeze=False)[:, 0], panels, strict=True):
        for curve in curves:
            if curve.panel == panel:
                _line(axes, curve)
        axes.set_title(panel)
        axes.legend(fontsize="small")
        axes.grid(alpha=0.3)
        axes.set_xlabel(AXES[axis])
    try:
        figure.savefig(out)
    except OSError as error:
        raise UserError(f"cannot write {out}: {error.strerror}") from error


def _line(axes: Any, curve: Curve) -> None:
    """One line; a name with dollar signs is no formula."""
    label = curve.name.replace("$", r"\$")
    (line,) = axes.plot(curve.x, curve.y, marker="." if len(curve.x) < 50 else "", label=label)
    if curve.low:
        axes.fill_between(curve.x, curve.low, curve.high, color=line.get_color(), alpha=0.2, linewidth=0)
