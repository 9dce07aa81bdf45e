"""What a person sees of a run: a live table in a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from jaxplay.checkpoint import FrozenPlayer, LeagueTable
from jaxplay.run.records import Record
from jaxplay.run.standing import league_line, league_map

SPEED = {"games_per_second": "games/s", "positions_per_second": "positions/s"}
LEARNING = {
    "policy_loss": "policy loss",
    "value_loss": "value loss",
    "search_depth": "search depth",
    "entropy": "entropy",
    "kl": "divergence",
    "win_rate": "win rate",
}
"""Metrics of a training record, and what they are called."""

BEATEN = 0.55
"""Share of the points from which a score reads "beats"; less is as likely to be luck."""


class Pace:
    """How long something takes that gets on evenly, by the shares that are done."""

    def __init__(self) -> None:
        self._first: tuple[float, float] | None = None
        self._end: float | None = None

    def see(self, done: float | None) -> None:
        """Note the share that is done now (None: nobody knows)."""
        now = time.monotonic()
        self._first = self._first or (None if done is None else (now, done))
        if done is None or self._first is None or done <= self._first[1]:
            self._end = None
            return
        began, before = self._first
        self._end = now + (now - began) * max(1.0 - done, 0.0) / (done - before)

    def left(self) -> float | None:
        """Seconds to the end; None where nobody knows."""
        return None if self._end is None else max(self._end - time.monotonic(), 0.0)


class Display:
    """Shows nothing: the base of those that do."""

    def say(self, text: str) -> None:
        """Say something in a line that stays."""

    def training(self, record: Record, done: float | None) -> None:
        """Show a record of metrics, and the share of the run that is done (None: nobody knows)."""

    def close(self) -> None:
        """Leave the terminal as it was."""

    def warn(self, text: str) -> None:
        """Say that something went wrong that does not stop the run."""
        self.say(f"warning: {text}")

    def evaluation(self, record: Record) -> None:
        """Say what an evaluation found."""
        self.say(f"step {record['step']:,}: {strength(record)}")

    @contextmanager
    def phase(self, text: str, doing: str = "") -> Iterator[None]:
        """Show that something takes a while, as `doing` where that is given; then say how long it took."""
        self.status(doing or text)
        began = time.monotonic()
        yield
        self.say(f"{text} took {time.monotonic() - began:.1f} s")
        self.status("")

    def league(self, table: LeagueTable, facts: Mapping[str, FrozenPlayer]) -> None:
        """Show how the players of a league stand now; `facts` are about frozen ones, by name."""

    def status(self, text: str) -> None:
        """Show what goes on now; an empty text stands for training."""


class Lines(Display):
    """Plain lines, for files and pipes."""

    def __init__(self, console: Any) -> None:
        self._console, self._players, self._pace = console, (), Pace()

    def say(self, text: str) -> None:
        """Print a line at once."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)
        self._console.file.flush()

    @contextmanager
    def phase(self, text: str, doing: str = "") -> Iterator[None]:
        """A line before, where it says more than that afterwards, which says how long it took."""
        if doing:
            self.say(doing)
        with super().phase(text):
            yield

    def training(self, record: Record, done: float | None) -> None:
        """One line with the metrics that matter."""
        self._pace.see(done)
        parts = [f"step {record['step']:,}", f"{span(record['seconds'])} so far", *progress(done, self._pace)]
        self.say(f"{', '.join(parts)}: {', '.join([*speed(record), *learning(record)])}")

    def league(self, table: LeagueTable, facts: Mapping[str, FrozenPlayer]) -> None:
        """One line, whenever there are other players."""
        if table.names != self._players:
            self._players = table.names
            self.say(f"step {table.step:,}: {league_line(table)}")


class Live(Display):
    """A bar and rows of figures that change in place, in a terminal; each row says what it is about."""

    def __init__(self, console: Any) -> None:
        from rich.live import Live as RichLive

        self._console, self._pace = console, Pace()
        self._phase: tuple[str, float] | None = None
        self._done: float | None = None
        self._rows: dict[str, str] = {}
        self._league: Any = None
        self._live = RichLive(get_renderable=self._picture, console=console, refresh_per_second=4)
        self._live.start()

    def say(self, text: str) -> None:
        """Print above the live part."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def status(self, text: str) -> None:
        """Show it in the live part, and for how long it has gone on."""
        self._phase = (text, time.monotonic()) if text else None
        self._live.refresh()

    def training(self, record: Record, done: float | None) -> None:
        """Show the newest figures."""
        self._done = done
        self._pace.see(done)
        so_far = f"step {record['step']:,}, {span(record['seconds'])} so far"
        self._rows |= {
            "training": ", ".join([so_far, *speed(record)]),
            "learning": ", ".join(learning(record)),
        }
        self.status("")

    def evaluation(self, record: Record) -> None:
        """Keep it above, and in sight."""
        super().evaluation(record)
        self._rows["strength"] = f"{strength(record)}, at step {record['step']:,}"
        self._live.refresh()

    def league(self, table: LeagueTable, facts: Mapping[str, FrozenPlayer]) -> None:
        """Show it below the figures."""
        self._league = league_map(table, facts, self._console.width)

    def close(self) -> None:
        """Remove the live part, but for the league's table, which stays."""
        if self._league is not None:
            self._console.print(self._league)
        self._phase, self._done, self._rows, self._league = None, None, {}, None
        self._live.refresh()
        self._live.stop()

    def _picture(self) -> Any:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        whole, rows = Table.grid(), Table.grid(padding=(0, 2, 0, 0))
        if self._done is not None:
            bar = ProgressBar(total=1.0, completed=min(1.0, self._done), width=40)
            progressed = Table.grid(padding=(0, 2, 0, 0))
            progressed.add_row(bar, Text("  ".join(progress(self._done, self._pace))))
            rows.add_row(Text("progress"), progressed)
        for name, text in self._rows.items():
            rows.add_row(Text(name), Text(text))
        if self._phase is not None:
            text, began = self._phase
            rows.add_row(Text("now"), Text(f"{text}, {span(time.monotonic() - began)} so far"))
        whole.add_row(rows)
        if self._league is not None:
            whole.add_row(self._league)
        return whole


def make_display(*, progress: bool) -> Display:
    """The display that suits standard output; without `progress` one that shows nothing."""
    from rich.console import Console

    if not progress:
        return Display()
    console = Console()
    console.on_broken_pipe = _nobody_reads  # rich would leave the process, before anything is saved
    return Live(console) if console.is_terminal else Lines(console)


def _nobody_reads() -> NoReturn:
    raise BrokenPipeError


def progress(done: float | None, pace: Pace) -> list[str]:
    """How far it is, and how long it takes, as far as anybody knows."""
    left = pace.left()
    share = [] if done is None else [f"{min(done, 1.0):.0%}".replace("%", " %")]
    return share if left is None else [*share, f"{span(left)} left"]


def speed(record: Record) -> list[str]:
    """What is played in a second."""
    return [f"{_number(record[name])} {label}" for name, label in SPEED.items() if name in record]


def learning(record: Record) -> list[str]:
    """The metrics that matter, as far as there are any."""
    found = [f"{label} {_number(record[name])}" for name, label in LEARNING.items() if record.get(name)]
    return found if "policy_loss" in record else [*found, "replay is filling, nothing is learned yet"]


def strength(record: Record) -> str:
    """An evaluation in one line."""
    parts = [against(name, value) for name, value in record.get("scores", {}).items()]
    probes = record.get("probes", {})
    parts += [f"{name.replace('_', ' ')} {100 * value:.0f} %" for name, value in probes.items()]
    if "exploitability" in record:
        parts = [f"exploitability {record['exploitability']:.4f}", *parts]
    if "rating" in record:
        low, high = record["rating_low"], record["rating_high"]
        parts = [f"rating {record['rating']:.0f} Elo above random play ({low:.0f} to {high:.0f})", *parts]
    return ", ".join(parts) or "nothing to measure"


def against(name: str, score: float) -> str:
    """A score in plain words; under the name `return` it is what a player alone earns in the mean."""
    if name == "return":
        return f"mean return {_number(score)}"
    percent = f"{100 * score:.0f} %"
    return f"beats {name} {percent}" if score >= BEATEN else f"scores {percent} against {name}"


def farewell(folder: Path, game: str, step: int, *, interrupted: bool) -> str:
    """What a session ends with: how to go on, to play, and to see the settings of a run; a command a line."""
    what, run = "stopped" if interrupted else "finished", f"{folder}{of_own(game)}"
    commands = {"go on": f"resume {run}", "play": f"play {run}", "settings": f"config {folder}"}
    return "\n".join(
        [f"{what} at step {step:,}", *(f"  {k + ':':9} jaxplay {v}" for k, v in commands.items())]
    )


def of_own(game: str) -> str:
    """The option that commands need for a run of a game of one's own; empty for other games."""
    return f" --game {game}" if ":" in game and not game.startswith("pgx:") else ""


def span(seconds: float) -> str:
    """Minutes and seconds, and hours where there are any."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
