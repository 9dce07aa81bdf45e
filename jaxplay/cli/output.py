"""Tables for people, JSON for programs."""

import argparse
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json`, which `show_rows` obeys."""
    parser.add_argument("--json", action="store_true", help="write JSON instead of a table")


def show_rows(rows: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print rows, which share their keys, as a table or as a JSON array."""
    if as_json:
        print(json.dumps(list(rows), indent=1))
    else:
        show_table(rows)


def show_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows as a table, wide where nobody looks at a terminal; numbers stand to the right."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, value in (rows[0] if rows else {}).items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        table.add_column(name.replace("_", " "), justify="right" if number else "left")
    for row in rows:
        table.add_row(*map(_cell, row.values()))
    console().print(table)


def console() -> "Console":
    """Where tables are printed: the terminal, or wide enough where there is none."""
    from rich.console import Console

    terminal = Console(highlight=False)
    return terminal if terminal.is_terminal else Console(highlight=False, width=200)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
