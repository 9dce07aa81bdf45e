"""A run while it trains, seen from another terminal: its newest figures, its sample games played through."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxplay.agent import game_of_run
from jaxplay.checkpoint import read_config
from jaxplay.errors import UserError
from jaxplay.game import CHANCE, Game
from jaxplay.play.colours import paint
from jaxplay.records.model import GameRecord, Ply
from jaxplay.records.scribe import replay
from jaxplay.rollout.host import HostEpisode
from jaxplay.run.display import learning, span, speed, strength
from jaxplay.run.log import GAMES, METRICS
from jaxplay.run.records import Record, read

if TYPE_CHECKING:
    from rich.console import Group

STALE = 60.0
"""Seconds without news after which a run is said to be silent."""


class Watched:
    """What a run's folder says now.

    Args:
        folder: of the run.
        game: where the run may not name it.

    Raises:
        UserError: it is no run.
    """

    def __init__(self, folder: Path, game: Game[Any] | None = None) -> None:
        self.folder = folder
        self.config = read_config(folder)
        self.game = game_of_run(folder, self.config.training, game)
        self._episode: tuple[str, HostEpisode] | None = None

    def figures(self) -> dict[str, str]:
        """The newest figures by what they are about; as the run's own display tells them."""
        records = read(self.folder / METRICS)
        training = _newest(records, "evaluation", wanted=False)
        rows: dict[str, str] = {}
        if training is not None:
            so_far = f"step {training['step']:,}, {span(training.get('seconds', 0.0))} so far"
            rows["training"] = ", ".join([so_far, *speed(training)])
            rows["learning"] = ", ".join(learning(training))
        measured = _newest(records, "evaluation", wanted=True)
        if measured is not None:
            rows["strength"] = f"{strength(measured)}, at step {measured['step']:,}"
        return rows or {"training": "no figures yet"}

    def silence(self) -> float:
        """Seconds since the run has written figures."""
        try:
            return max(time.time() - (self.folder / METRICS).stat().st_mtime, 0.0)
        except OSError:
            return 0.0

    def newest_game(self) -> tuple[str, HostEpisode] | None:
        """What the last sample game is called, and the game; None where none can be replayed."""
        facts = _last_game(self.folder / GAMES / f"{GAMES}.jsonl")
        if facts is None:
            return None
        name = f"a game of step {facts.get('step', 0):,}: {' - '.join(map(str, facts.get('players', [])))}"
        if self._episode is None or self._episode[0] != name:
            try:
                plies = tuple(Ply(int(action), str(action)) for action in facts["actions"])
                self._episode = (name, replay(GameRecord(self.game, plies)))
            except (UserError, KeyError, TypeError, ValueError):
                return None
        return self._episode


def _newest(records: list[Record], kind: str, *, wanted: bool) -> Record | None:
    found = [record for record in records if (record.get("kind") == kind) is wanted]
    return found[-1] if found else None


def _last_game(path: Path) -> Record | None:
    """The last line that is whole."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return None
    for line in reversed(lines):
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            return found
    return None


def shown_states(episode: HostEpisode) -> list[int]:
    """The positions of a game that are shown: those in which somebody decides, and the end."""
    states = episode.states
    return [i for i, s in enumerate(states) if int(s.current_player) != CHANCE or bool(s.terminated)]


def position(episode: HostEpisode, number: int, *, colours: bool) -> str:
    """A position of a game as text, with the move that led to it."""
    shown = shown_states(episode)
    at = shown[number % len(shown)]
    names = episode.before(at).names()
    text = episode.game.render(episode.states[at])
    if colours:
        before = shown[number % len(shown) - 1] if number % len(shown) else None
        text = paint(text, None if before is None else episode.game.render(episode.states[before]))
    decisions = int(np.sum([event.player != CHANCE for event in episode.events[:at]]))
    told = f"move {decisions}: {names[-1]}" if names else "the first position"
    return f"{told}\n{text}"


def picture(watched: Watched, number: int, *, colours: bool = True) -> "Group":
    """All that is shown, for `rich`: figures, and position `number` of the newest game."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    rows = Table.grid(padding=(0, 2, 0, 0))
    rows.add_row(Text("run"), Text(f"{watched.folder}, {watched.config.training.game}"))
    for name, text in watched.figures().items():
        rows.add_row(Text(name), Text(text))
    if watched.silence() > STALE:
        rows.add_row(Text("silent"), Text(f"for {span(watched.silence())}: it may have ended"))
    newest = watched.newest_game()
    if newest is None:
        return Group(rows, Text("\nno sample games yet"))
    name, episode = newest
    return Group(rows, Text(f"\n{name}"), Text.from_ansi(position(episode, number, colours=colours)))
