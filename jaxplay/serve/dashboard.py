"""A run as it trains, as JSON: metrics, the players of its league and who beats whom, its last games."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np

from jaxplay.checkpoint import list_players, read_config, read_payoff
from jaxplay.errors import UserError
from jaxplay.run import records
from jaxplay.run.log import GAMES, METRICS
from jaxplay.run.standing import league_ratings
from jaxplay.training import make_game

MOST_POINTS = 1500
"""Of a curve; a longer run is thinned."""
MOST_GAMES = 12
MOST_PLAYERS = 24
SECONDS = 1.0
"""Between two looks at the folder."""
PATIENCE = 15.0
"""Seconds after which a stream says that it lives."""


class Dashboard:
    """The folder of a run.

    Args:
        folder: of the run.

    Raises:
        UserError: it is not a run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = read_config(folder)
        options = dict(self.config.training.game_options)
        self.game = ",".join([self.config.training.game, *(f"{k}={v}" for k, v in options.items())])
        self.is_open = make_game(self.config.training).perfect_information

    def facts(self) -> dict[str, Any]:
        """What is trained."""
        training = self.config.training
        return {"run": self.folder.name, "game": self.game, "open": self.is_open, "seed": training.seed}

    def metrics(self) -> dict[str, list[float | None]]:
        """Curves by name, thinned: `step` and every number that a record has."""
        found = records.read(self.folder / METRICS)
        stride = -(-len(found) // MOST_POINTS) or 1
        kept = found[::-1][::stride][::-1]
        rows = [_flat(record) for record in kept]
        names = sorted({name for row in rows for name in row})
        return {name: [row.get(name) for row in rows] for name in names}

    def league(self) -> dict[str, Any] | None:
        """The players, best first, and the score of each against each; None without a league."""
        try:
            table = read_payoff(self.folder)
            facts = {player.name: player for player in list_players(self.folder)}
        except (UserError, OSError, ValueError):
            return None
        ratings = league_ratings(table)
        strength = np.zeros(len(table.names)) if ratings is None else ratings.elo
        order = np.argsort(-strength, kind="stable")[:MOST_PLAYERS]
        known = table.games > 0
        return {
            "step": table.step,
            "players": [
                {
                    "name": table.names[i],
                    "kind": facts[table.names[i]].kind if table.names[i] in facts else "learner",
                    "games": float(table.games[i].sum()),
                    "elo": None if ratings is None else float(ratings.elo[i]),
                    "margin": None if ratings is None else float(1.96 * ratings.error[i]),
                }
                for i in order
            ],
            "score": [
                [float(table.score[i, j]) if known[i, j] and i != j else None for j in order] for i in order
            ],
        }

    def games(self) -> list[dict[str, Any]]:
        """The last games, newest first."""
        found = records.read(self.folder / GAMES / f"{GAMES}.jsonl")[-MOST_GAMES:]
        return [
            {name: record.get(name) for name in ("step", "players", "moves", "returns")}
            for record in reversed(found)
        ]

    def whole(self) -> dict[str, Any]:
        """All of it."""
        return {
            "facts": self.facts(),
            "metrics": self.metrics(),
            "league": self.league(),
            "games": self.games(),
        }

    def stamp(self) -> tuple[tuple[int, int], ...]:
        """Changes whenever the files do."""
        files = (METRICS, f"{GAMES}/{GAMES}.jsonl", "players/payoff.json")
        return tuple(_stamp(self.folder / file) for file in files)

    async def events(self) -> AsyncIterator[str]:
        """Server-sent events: the whole now, and again whenever it has changed."""
        seen, quiet = None, 0.0
        while True:
            stamp = self.stamp()
            if stamp != seen:
                seen, quiet = stamp, 0.0
                yield f"data: {json.dumps(await asyncio.to_thread(self.whole), allow_nan=False)}\n\n"
            elif quiet >= PATIENCE:
                quiet = 0.0
                yield ": still here\n\n"
            await asyncio.sleep(SECONDS)
            quiet += SECONDS


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _flat(record: records.Record, head: str = "") -> dict[str, float]:
    """The finite numbers of a record, those inside by names with a point."""
    found: dict[str, float] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{head}{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(value):
            found[f"{head}{name}"] = float(value)
    return found
