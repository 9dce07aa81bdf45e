"""Boards in a terminal's colours: stones of both players, and what the last move changed."""

import re

RESET, BOLD, REVERSED = "\x1b[0m", "\x1b[1m", "\x1b[7m"
PLAYERS = {"X": "\x1b[31m", "O": "\x1b[34m"}
"""Red and blue, as in the pictures of boards."""
ALONE = re.compile(r"(?<![A-Za-z])[XO](?![A-Za-z])")
MOST_CHANGED = 0.2
"""Share of a drawing that a move may change and still be marked: beyond, the drawing is another."""


def paint(text: str, before: str | None = None) -> str:
    """A drawing with its stones in colour, and the cells that differ from the drawing before in reverse.

    Args:
        text: of several lines.
        before: the drawing before the last move; None: there is none.
    """
    lines = text.splitlines()
    changed = set() if before is None else _changed(lines, before.splitlines())
    return "\n".join(_line(line, row, changed) for row, line in enumerate(lines))


def _changed(lines: list[str], before: list[str]) -> set[tuple[int, int]]:
    """Rows and columns of signs that are others now, but for the last line, which tells whose turn it is."""
    if [len(line) for line in lines[:-1]] != [len(line) for line in before[:-1]]:
        return set()
    found = {
        (row, column)
        for row, (line, old) in enumerate(zip(lines[:-1], before[:-1], strict=True))
        for column, (sign, was) in enumerate(zip(line, old, strict=True))
        if sign != was
    }
    return found if len(found) <= MOST_CHANGED * sum(map(len, lines)) else set()


def _line(line: str, row: int, changed: set[tuple[int, int]]) -> str:
    stones = {found.start() for found in ALONE.finditer(line)}
    return "".join(
        _sign(sign, stone=column in stones, changed=(row, column) in changed)
        for column, sign in enumerate(line)
    )


def _sign(sign: str, *, stone: bool, changed: bool) -> str:
    style = (BOLD + PLAYERS[sign] if stone else "") + (REVERSED if changed else "")
    return f"{style}{sign}{RESET}" if style else sign
