"""Files of results, as the report reads them: which file a figure is of, and what stands there."""

import statistics
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from jaxplay.benchmarks.records import read
from jaxplay.errors import UserError

FOLDER = Path(__file__).resolve().parent / "results"
SOURCES = {
    "commands": "2026-12-01-commands.jsonl",
    "search": "2026-11-21-search-idle.jsonl",
    "deep": "2026-11-30-deep.jsonl",
    "train": "2026-11-20-cpu.jsonl",
    "env": "2026-11-21-env.jsonl",
    "loops": "2026-11-30-loops.jsonl",
    "league": "2026-11-21-league.jsonl",
    "league_training": "2026-11-21-league-training.jsonl",
    "league_games": "2026-11-21-league-games.jsonl",
    "exploiters": "2026-11-21-exploiters.jsonl",
    "curves": "2026-12-01-curves.jsonl",
    "planted": "2026-12-01-planted.jsonl",
    "solve": "2026-11-30-solve.jsonl",
    "policy": "2026-11-30-policy.jsonl",
    "policy_gradient": "2026-11-30-policy-gradient.jsonl",
    "selfplay": "2026-11-30-selfplay.jsonl",
}
"""The file that each topic of the report is taken from: who measures anew changes it here.

`commands` are figures that commands printed before they wrote files; all others were written by benchmarks.
"""

Record = dict[str, Any]


class Results:
    """The files of a folder, each read when it is asked for.

    Args:
        folder: with files of `SOURCES`.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        self._read: dict[str, list[Record]] = {}

    def of(self, topic: str) -> list[Record]:
        """The records of a topic.

        Raises:
            UserError: there is no such file.
        """
        if topic not in self._read:
            self._read[topic] = read(self.folder / SOURCES[topic])
        return self._read[topic]

    def named(self, topic: str, name: str) -> Record:
        """The first record of a case: the one that was timed beside its peers.

        Raises:
            UserError: there is none.
        """
        for record in self.of(topic):
            if record.get("name") == name:
                return record
        raise UserError(f"{SOURCES[topic]} has no case {name!r}")

    def rate(self, topic: str, name: str) -> float:
        """The median rate of a case."""
        return float(self.named(topic, name)["rate"])

    def quotient(self, topic: str, own: str, peer: str) -> float:
        """How many times as fast a case is as a peer, which was timed in turn with it."""
        beside = self.named(topic, peer).get("beside", {}).get(own)
        return float(beside["rate"]) if beside else self.rate(topic, own) / self.rate(topic, peer)

    def median(self, topic: str, column: str, **where: Any) -> float | None:
        """The median over seeds of a column of the rows that are so; None where half never came there."""
        values = [row[column] for row in self.rows(topic, **where)]
        middle = statistics.median(float("inf") if value is None else value for value in values)
        return None if middle == float("inf") else middle

    def rows(self, topic: str, **where: Any) -> Iterator[Record]:
        """The rows in which columns have these values."""
        return (row for row in self.of(topic) if all(row.get(k) == v for k, v in where.items()))

    def printed(self, command: str, **where: Any) -> Record:
        """What a command printed; `where` are columns beside it that must be so."""
        return next(self.rows("commands", command=command, **where))["result"]

    @cached_property
    def pgx_games(self) -> list[str]:
        """Games that were timed beside Pgx."""
        names = (record["name"] for record in self.of("env"))
        return [name.removesuffix("/pgx") for name in names if name.endswith("/pgx")]
