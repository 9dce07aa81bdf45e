"""Tables for people, JSON for programs, and what goes on meanwhile."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

PLAIN: Any = {"highlight": False, "markup": False, "emoji": False}
"""Names are printed as they are."""
WIDE = 200
"""Columns where nobody looks at a terminal."""


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json`, which `show_rows` obeys."""
    parser.add_argument("--json", action="store_true", help="Write JSON instead of a table.")


def show_rows(rows: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print rows, which share their keys, as a table or as a JSON array."""
    if as_json:
        print(json.dumps(list(rows), indent=1))
    else:
        show_table(rows)


def show_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows as a table; where it is wider than the terminal, each row as a list of its fields.

    Nothing is cut. Numbers stand to the right.
    """
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, value in (rows[0] if rows else {}).items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        table.add_column(_title(name), justify="right" if number else "left", no_wrap=True)
    cells = [[_cell(value) for value in row.values()] for row in rows]
    for row in cells:
        table.add_row(*row)
    screen = console()
    natural = screen.measure(table, options=screen.options.update(width=10_000)).maximum
    if natural <= screen.width:
        screen.print(table)
    else:
        show_lists([dict(zip(row, line, strict=True)) for row, line in zip(rows, cells, strict=True)])


def show_lists(rows: Sequence[Mapping[str, str]]) -> None:
    """Print each row as a list of its fields, one a line."""
    for row in rows:
        width = max(map(len, row))
        lines = [f"{_title(name):>{width}}  {value}".rstrip() for name, value in row.items() if value]
        print("\n".join(lines), end="\n\n" if row is not rows[-1] else "\n")


def console() -> "Console":
    """Where tables are printed: the terminal, or wide enough where there is none."""
    from rich.console import Console

    terminal = Console(**PLAIN)
    return terminal if terminal.is_terminal else Console(**PLAIN, width=WIDE)


def _title(name: str) -> str:
    return name.replace("_", " ")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


Tell = Callable[[str], None]
"""Is told what goes on now."""


@contextmanager
def working(text: str, *, quiet: bool = False) -> Iterator[Tell]:
    """Show on standard error what goes on, and for how long, until it is over; gives what changes the text.

    In a terminal the line stays in its place and vanishes at the end. Elsewhere each text but the first is a
    line of its own.
    """
    from rich.console import Console

    screen = Console(**PLAIN, stderr=True)
    if quiet:
        yield lambda text: None
    elif screen.is_terminal:
        yield from _turning(screen, text)
    else:
        yield _line


def _line(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _turning(screen: "Console", text: str) -> Iterator[Tell]:
    from rich.live import Live
    from rich.spinner import Spinner
    from rich.text import Text

    began, shown, spinner = time.monotonic(), text, Spinner("dots")

    def picture() -> Spinner:
        spinner.update(text=Text(f"{shown}  {time.monotonic() - began:.0f} s"))
        return spinner

    def tell(text: str) -> None:
        nonlocal shown
        shown = text

    with Live(get_renderable=picture, console=screen, refresh_per_second=4, transient=True):
        yield tell
