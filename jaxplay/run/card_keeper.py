"""Keeps the card of a run up to date."""

import os
import platform
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jax

from jaxplay.checkpoint import LeagueTable, read_payoff, versions
from jaxplay.config import RunConfig
from jaxplay.errors import UserError
from jaxplay.game import Game, summary
from jaxplay.run import records
from jaxplay.run.card import About, Moment, card_text
from jaxplay.run.card_changes import changes_of
from jaxplay.run.card_measured import Measured, Value
from jaxplay.run.log import METRICS
from jaxplay.run.records import Record
from jaxplay.training import make_game

FACTS = (
    *("num_players", "num_actions", "num_chance_outcomes", "max_plies", "perfect_information"),
    *("zero_sum", "min_return", "max_return", "teams"),
)
"""Properties of a game that a card tells."""
GOES_ON, DONE, STOPPED = "was going on", "had reached the goal of its session", "had been asked to stop"
"""What a run did when its card was written."""


class CardKeeper:
    """Writes a run's card.

    Args:
        folder: of the run; what its earlier sessions measured is read from its metrics.
        config: of the run.
        keep: is given the card's text to write it.
    """

    def __init__(self, folder: Path, config: RunConfig, keep: Callable[[str], Any]) -> None:
        self._folder, self._keep = folder, keep
        self._about = about(config)
        self._measured = Measured()
        for record in records.read(folder / METRICS):
            self._measured.note(record)

    def note(self, record: Record) -> None:
        """Remember what a record of metrics tells."""
        self._measured.note(record)

    def tell(self, name: str, found: Value) -> None:
        """Remember a number that is in no record of metrics."""
        self._measured.keep(name, found)

    def write(self, step: int, totals: Mapping[str, float], standing: str) -> None:
        """Write the card as of now."""
        moment = Moment(now(), standing, step, totals, self._measured, self._table())
        self._keep(card_text(self._about, moment))

    def _table(self) -> LeagueTable | None:
        if self._about.config.training.league is None:
            return None
        try:
            return read_payoff(self._folder)
        except UserError:
            return None


def about(config: RunConfig) -> About:
    """What stays the same while a run goes on."""
    game = make_game(config.training)
    return About(
        config=config,
        game=game_in_a_line(config.training.game, game),
        facts=game_facts(game),
        hardware=hardware(),
        versions=versions(),
        changes=changes_of(config),
    )


def now() -> str:
    """Date and time."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def game_facts(game: Game[Any]) -> dict[str, Any]:
    """The properties of a game that a card tells, by name."""
    return {name: getattr(game, name) for name in FACTS}


def game_in_a_line(name: str, game: Game[Any]) -> str:
    """What a game is: as its list has it, or as its class says."""
    try:
        found = summary(name)
        return f"{found.title}: {found.text}."
    except UserError:
        return (type(game).__doc__ or "").strip().partition("\n")[0]


def hardware() -> str:
    """The devices and the host of this process."""
    devices = jax.devices()
    host = f"{os.cpu_count()} CPU cores, {platform.system()} on {platform.machine()}"
    return f"{len(devices)} x {devices[0].device_kind} ({devices[0].platform}); {host}"
