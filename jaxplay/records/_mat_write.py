"""Matches of backgammon from records; each game is one of the match."""

from jaxplay.errors import UserError
from jaxplay.game import CHANCE
from jaxplay.games.backgammon import Backgammon
from jaxplay.records.model import GameRecord
from jaxplay.records.scribe import replay

WIDTH = 34
"""Columns of the left half, behind the number of a turn."""


def write(records: list[GameRecord]) -> str:
    """The text of a file.

    Raises:
        UserError: a game is not backgammon.
    """
    for record in records:
        if not isinstance(record.game, Backgammon):
            raise UserError("files of matches (.mat) hold games of backgammon; other games go to JSON")
    tags = records[0].tags if records else {}
    head = [
        f'; [{name.capitalize()} "{_clean(value)}"]'
        for name, value in tags.items()
        if name not in ("match_length", "score") and name.isidentifier()
    ]
    head.append(f" {tags.get('match_length', '0')} point match")
    return "\n".join([*head, "", *(_game(record, i + 1) for i, record in enumerate(records))])


def _game(record: GameRecord, number: int) -> str:
    first, _, second = record.tags.get("score", "0:0").partition(":")
    left, right = (_clean(name) for name in record.players or ("", ""))
    lines = [f" Game {number}", f" {left} : {first}".ljust(WIDTH + 6) + f"{right} : {second}"]
    cells = _turns(record)
    for turn in range(0, len(cells), 2):
        mover, *reply = cells[turn : turn + 2]
        lines.append(f"{turn // 2 + 1:3}) {mover.ljust(WIDTH)} {reply[0] if reply else ''}".rstrip())
    if record.returns is not None and record.returns[0] != 0:
        points, winner = abs(record.returns[0]), int(record.returns[0] < 0)
        told = f"Wins {points:g} point{'s' if points != 1 else ''}"
        lines.append(" " * (6 + winner * WIDTH) + told)
    return "\n".join(lines) + "\n"


def _turns(record: GameRecord) -> list[str]:
    """The rolls with their moves, one after the other."""
    cells: list[list[str]] = []
    for event, ply in zip(replay(record).events, record.plies, strict=True):
        if event.player == CHANCE:
            cells.append([ply.name.strip("()").replace("-", "") + ":"])
        elif ply.name != "pass":
            cells[-1].append(ply.name.partition("(")[0])
    return [" ".join(cell) for cell in cells]


def _clean(text: str) -> str:
    """A name without what would look like a column."""
    return " ".join(text.replace(":", " ").replace('"', "'").split())
