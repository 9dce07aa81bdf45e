"""What a run writes of itself while it goes: metrics, events for TensorBoard, sample games, its card."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jaxplay.arena.records import Record as GameRecord
from jaxplay.checkpoint import write_whole
from jaxplay.run import records
from jaxplay.run.events import Events
from jaxplay.run.records import Record

METRICS = "metrics.jsonl"
GAMES = "games"
EVENTS = "tensorboard"
CARD = "card.md"


class Log:
    """The files of a run that grow. A file that cannot be written costs a warning, not the run.

    Args:
        folder: Folder of the run.
        step: Step from which the run goes on; what was written of later steps is taken back.
        warn: Is given one line about a file that cannot be written, once for each file.
        on_metrics: Is given every record of metrics.
    """

    def __init__(
        self,
        folder: Path,
        step: int,
        warn: Callable[[str], None],
        on_metrics: Callable[[Record], Any] | None = None,
    ) -> None:
        self._folder, self._warn, self._on_metrics = folder, warn, on_metrics
        self._failed: set[str] = set()
        for path in (folder / METRICS, folder / GAMES / f"{GAMES}.jsonl"):
            self._try(str(path), lambda path=path: records.cut_after(path, step, warn))
        self._events = _open_events(folder / EVENTS, step)

    def write(self, record: Record) -> None:
        """Write a record of metrics, and hand it on."""
        path = self._folder / METRICS
        self._try(str(path), lambda: records.append(path, record))
        events = self._events
        if events is not None and not self._try(EVENTS, lambda: events.write(record)):
            self._events = None  # half an event would hide those behind it
        if self._on_metrics is not None:
            self._on_metrics(record)

    def write_games(self, step: int, games: Sequence[GameRecord], players: Sequence[str]) -> None:
        """Write each game as a text and as a JSON record."""
        folder = self._folder / GAMES
        self._try(str(folder), lambda: _write_games(folder, step, games, players))

    def write_card(self, text: str) -> None:
        """Write the card of the run, over the one that was there."""
        path = self._folder / CARD
        self._try(str(path), lambda: write_whole(path, text))

    def close(self) -> None:
        """Write what waits to be written."""
        if self._events is not None:
            self._try(EVENTS, self._events.close)

    def _try(self, name: str, act: Callable[[], None]) -> bool:
        """Do something that may fail; tell whether it did not."""
        try:
            act()
        except OSError as error:
            if name not in self._failed:
                self._warn(f"cannot write {name}: {error.strerror}")
            self._failed.add(name)
            return False
        return True


def _open_events(folder: Path, step: int) -> Events | None:
    try:
        return Events(folder, step)
    except (ImportError, OSError):
        return None


def _write_games(folder: Path, step: int, games: Sequence[GameRecord], players: Sequence[str]) -> None:
    folder.mkdir(exist_ok=True)
    for number, game in enumerate(games, start=1):
        write_whole(folder / f"{step:09d}-{number}.txt", game_text(game, players, step))
        records.append(folder / f"{GAMES}.jsonl", game_facts(game, players, step))


def game_facts(record: GameRecord, players: Sequence[str], step: int) -> Record:
    """A game for programs, as a JSON record has it."""
    facts = {"step": step, "players": list(players), "actions": record.actions, "moves": record.moves}
    return facts | {"returns": record.returns, "terminated": record.terminated}


def game_text(record: GameRecord, players: Sequence[str], step: int) -> str:
    """A game for people: who played, the moves, the last position and the result."""
    result = ", ".join(f"player {i} {value:+g}" for i, value in enumerate(record.returns))
    return "\n".join(
        [
            f"players: {', '.join(players)}",
            f"step: {step}",
            f"moves: {' '.join(record.moves)}",
            f"result: {result}" + ("" if record.terminated else " (cut short)"),
            "",
            record.final,
            "",
        ]
    )
