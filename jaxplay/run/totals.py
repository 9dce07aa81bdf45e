"""Metrics of many steps as one record."""

import math
import time
from collections.abc import Mapping

from jaxplay.run.records import Record

SUMS = ("games", "positions", "truncated")
BY_GAME = ("first_player_score", "score", "win_rate")
"""Metrics whose means are over games: a step counts as often as it finished games."""


class Totals:
    """What a run has come to, and what it did since the last record.

    Args:
        start: When the seconds of this session began, as `time.monotonic` tells it.
        before: Totals of earlier sessions, as `so_far` gave them.

    Attributes:
        steps: Steps since the last record.
        games: Games of all sessions.
    """

    def __init__(self, start: float, before: Mapping[str, float] | None = None) -> None:
        self._start = start
        self.before = {"seconds": 0.0, "games": 0.0, "positions": 0.0} | dict(before or {})
        self.games, self._positions = self.before["games"], self.before["positions"]
        self._begin()

    def _begin(self) -> None:
        self._sums = dict.fromkeys(SUMS, 0.0)
        self._means: dict[str, list[tuple[float, float]]] = {}
        self._since, self.steps = time.monotonic(), 0

    def seconds(self) -> float:
        """Seconds of wall clock of all sessions."""
        return self.before["seconds"] + time.monotonic() - self._start

    def so_far(self) -> dict[str, float]:
        """Seconds, games and positions of all sessions, which a checkpoint keeps."""
        return {"seconds": self.seconds(), "games": self.games, "positions": self._positions}

    def of_session(self) -> tuple[float, float]:
        """Positions and games of this session."""
        return self._positions - self.before["positions"], self.games - self.before["games"]

    def leave_out(self, seconds: float) -> None:
        """Leave seconds that were not training out of the rates."""
        self._since += seconds

    def add(self, metrics: Mapping[str, float]) -> None:
        """Add the metrics of one step."""
        self.steps += 1
        self.games += metrics["games"]
        self._positions += metrics["positions"]
        for name, value in metrics.items():
            if name in SUMS:
                self._sums[name] += value
            elif math.isfinite(value):
                weight = metrics["games"] if name in BY_GAME else 1.0
                self._means.setdefault(name, []).append((value, weight))

    def elapsed(self) -> float:
        """Seconds of training since the last record."""
        return time.monotonic() - self._since

    def games_since(self) -> float:
        """Games since the last record."""
        return self._sums["games"]

    def record(self, step: int) -> Record:
        """The record of all that was added, up to `step`, without any nan; then begin anew."""
        spent = max(self.elapsed(), 1e-9)
        record: Record = {"kind": "training", "step": step, "seconds": round(self.seconds(), 3)}
        record |= {"games": self.games, "positions": self._positions}
        record |= {"games_per_second": self._sums["games"] / spent}
        record |= {"positions_per_second": self._sums["positions"] / spent}
        record |= {"steps_per_second": self.steps / spent, "truncated": self._sums["truncated"]}
        record |= {name: _mean(values) for name, values in self._means.items() if _weight(values) > 0}
        if self._sums["games"]:
            record["plies_per_game"] = self._sums["positions"] / self._sums["games"]
        if "updates" in self._means:
            record["updates"] = self._means["updates"][-1][0]
        self._begin()
        return record


def _weight(values: list[tuple[float, float]]) -> float:
    return sum(weight for _, weight in values)


def _mean(values: list[tuple[float, float]]) -> float:
    return sum(value * weight for value, weight in values) / _weight(values)
