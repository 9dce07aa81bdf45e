"""What a person sees of a run: a live table in a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from jaxplay.checkpoint import FrozenPlayer, LeagueTable
from jaxplay.run.records import Record
from jaxplay.run.standing import league_line, league_map

SHOWN = {
    "games_per_second": "games/s",
    "positions_per_second": "positions/s",
    "policy_loss": "policy loss",
    "value_loss": "value loss",
    "search_depth": "search depth",
    "win_rate": "win rate",
}
"""Metrics of a training record, and what they are called."""


class Display:
    """Shows nothing: the base of those that do."""

    def say(self, text: str) -> None:
        """A line that stays."""

    def training(self, record: Record, done: float | None) -> None:
        """A record of metrics, and the share of the run that is done (None: nobody knows)."""

    def close(self) -> None:
        """Leave the terminal as it was."""

    def warn(self, text: str) -> None:
        """A line about something that went wrong and does not stop the run."""
        self.say(f"warning: {text}")

    def evaluation(self, record: Record) -> None:
        """The result of an evaluation."""
        self.say(f"step {record['step']:,}: {strength(record)}")

    @contextmanager
    def phase(self, text: str) -> Iterator[None]:
        """Something that takes a while, and then how long it took."""
        self.status(f"{text} ...")
        began = time.monotonic()
        yield
        self.say(f"{text}: {time.monotonic() - began:.1f} s")

    def league(self, table: LeagueTable, facts: Mapping[str, FrozenPlayer]) -> None:
        """How the players of a league stand now; `facts` are about frozen ones, by name."""

    def status(self, text: str) -> None:
        """What goes on now."""


class Lines(Display):
    """Plain lines, for files and pipes."""

    def __init__(self, console: Any) -> None:
        self._console, self._players = console, ()

    def say(self, text: str) -> None:
        """Print a line at once."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)
        self._console.file.flush()

    def training(self, record: Record, done: float | None) -> None:
        """One line with the metrics that matter."""
        share = "" if done is None else f" ({done:.0%})"
        self.say(f"step {record['step']:,}{share}, {clock(record['seconds'])}: {', '.join(figures(record))}")

    def league(self, table: LeagueTable, facts: Mapping[str, FrozenPlayer]) -> None:
        """One line, whenever there are other players."""
        if table.names != self._players:
            self._players = table.names
            self.say(f"step {table.step:,}: {league_line(table)}")


class Live(Display):
    """A bar and a row of figures that change in place, in a terminal."""

    def __init__(self, console: Any) -> None:
        from rich.live import Live as RichLive

        self._console, self._text, self._strength, self._done = console, "", "", None
        self._league: Any = None
        self._live = RichLive(self._picture(), console=console, refresh_per_second=4)
        self._live.start()

    def say(self, text: str) -> None:
        """Print above the live part."""
        self._console.print(text, markup=False, highlight=False)

    def status(self, text: str) -> None:
        """Show it in the live part."""
        self._text = text
        self._live.update(self._picture(), refresh=True)

    def training(self, record: Record, done: float | None) -> None:
        """Show the newest figures."""
        self._done = done
        self.status(f"step {record['step']:,}  {clock(record['seconds'])}\n" + "   ".join(figures(record)))

    def evaluation(self, record: Record) -> None:
        """Keep it above, and in sight."""
        super().evaluation(record)
        self._strength = strength(record)

    def league(self, table: LeagueTable, facts: Mapping[str, FrozenPlayer]) -> None:
        """Show it below the figures."""
        self._league = league_map(table, facts, self._console.width)

    def close(self) -> None:
        """Remove the live part, but for the league's table, which stays."""
        if self._league is not None:
            self._console.print(self._league)
        self._text, self._done, self._strength, self._league = "", None, "", None
        self._live.update(self._picture(), refresh=True)
        self._live.stop()

    def _picture(self) -> Any:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        rows = Table.grid()
        if self._done is not None:
            rows.add_row(ProgressBar(total=1.0, completed=min(1.0, self._done), width=60))
        for text in filter(None, (self._text, self._strength)):
            rows.add_row(Text(text))
        if self._league is not None:
            rows.add_row(self._league)
        return rows


def make_display(*, progress: bool) -> Display:
    """The display that suits standard output; without `progress` one that shows nothing."""
    from rich.console import Console

    if not progress:
        return Display()
    console = Console()
    return Live(console) if console.is_terminal else Lines(console)


def figures(record: Record) -> list[str]:
    """The metrics that matter, as far as there are any."""
    found = [f"{label} {_number(record[name])}" for name, label in SHOWN.items() if name in record]
    return found if "policy_loss" in record else [*found, "filling the replay memory"]


def strength(record: Record) -> str:
    """An evaluation in one line."""
    parts = [f"{name} {value:.3g}" for name, value in record.get("scores", {}).items()]
    parts += [f"{name.replace('_', ' ')} {value:.3f}" for name, value in record.get("probes", {}).items()]
    text = f"score against {', '.join(parts)}" if parts else "nothing to measure"
    if "rating" not in record:
        return text
    low, high = record["rating_low"], record["rating_high"]
    return f"rating {record['rating']:.0f} ({low:.0f} to {high:.0f}), {text}"


def clock(seconds: float) -> str:
    """Hours, minutes and seconds."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
