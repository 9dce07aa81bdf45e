"""The newest value of everything that was measured of a run, from its records."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from jaxplay.run.records import Record

LABELS = {
    "exploitability": "exact exploitability of the policy",
    "rating": "rating, Elo above random play",
    "scores.return": "mean return",
    "score": "share of the points in training",
    "win_rate": "share of games won in training",
}
LEARNING = ("score", "win_rate")
"""What records of training tell of an exploiter."""
BOUNDS = ("rating_low", "rating_high")


class Value(NamedTuple):
    """One number.

    Attributes:
        value: the number.
        told: as people read it.
        games: behind it; None: it is not of games.
        step: at which it was measured.
        minutes: of the run at that time.
    """

    value: float
    told: str
    games: int | None
    step: int
    minutes: float


class Measured:
    """What is known of a run. Records may come from a file, so what is no number in them is left out.

    Attributes:
        values: by name, such as `scores.random`.
        left_out: parts for which the newest evaluation had no time.
    """

    def __init__(self) -> None:
        self.values: dict[str, Value] = {}
        self.left_out: tuple[str, ...] = ()

    def note(self, record: Record) -> None:
        """Take a record of training or of an evaluation."""
        if record.get("kind") == "training":
            self._note_training(record)
        elif record.get("kind") == "evaluation":
            self._note_evaluation(record)

    def keep(self, name: str, found: Value) -> None:
        """Take one more number; what has no label of its own is told by its name."""
        self.values[name] = found

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Measure, value, games, step and minute."""
        for name, found in self.values.items():
            games = "" if found.games is None else f"{found.games:,}"
            yield _label(name), found.told, games, f"{found.step:,}", f"{found.minutes:.1f}"

    def _note_training(self, record: Record) -> None:
        for name in LEARNING:
            value = _number(record.get(name))
            if value is not None:
                self._keep(record, name, value, f"{value:.3f}", None)

    def _note_evaluation(self, record: Record) -> None:
        games = _number(record.get("num_games"))
        number = None if games is None else int(games)
        for name, value in _measures(record):
            played = number if name.startswith("scores.") or name == "rating" else None
            self._keep(record, name, value, _told(record, name, value), played)
        left = record.get("left_out", ())
        self.left_out = tuple(map(str, left)) if isinstance(left, list) else ()

    def _keep(self, record: Record, name: str, value: float, told: str, games: int | None) -> None:
        seconds = _number(record.get("seconds")) or 0.0
        self.keep(name, Value(value, told, games, record["step"], seconds / 60.0))


def _measures(record: Record) -> Iterator[tuple[str, float]]:
    """Name and number of what an evaluation measured of the player."""
    parts = [(name, record.get(name)) for name in ("exploitability", "rating")]
    for group in ("scores", "probes"):
        inner = record.get(group)
        if isinstance(inner, Mapping):
            parts += [(f"{group}.{name}", value) for name, value in inner.items()]
    for name, value in parts:
        number = _number(value)
        if number is not None:
            yield name, number


def _told(record: Record, name: str, value: float) -> str:
    if name == "exploitability":
        return f"{value:.6g}"
    if name != "rating":
        return f"{value:.3f}"
    low, high = (_number(record.get(name)) for name in BOUNDS)
    interval = "" if low is None or high is None else f" (95 %: {low:+.0f} to {high:+.0f})"
    return f"{value:+.0f}{interval}"


def _label(name: str) -> str:
    group, _, rest = name.partition(".")
    if name in LABELS:
        return LABELS[name]
    return f"share of the points against `{rest}`" if group == "scores" else (rest or name).replace("_", " ")


def _number(value: Any) -> float | None:
    """A finite number; None for anything else."""
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if known and abs(value) <= sys.float_info.max else None
