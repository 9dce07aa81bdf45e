"""A replay as one HTML file that needs nothing else: step through positions, read what is said of moves."""

import json
import re
from html import escape
from importlib.resources import files
from typing import Any

from jaxplay.records.frames import frames, move_data, result, title
from jaxplay.records.model import GameRecord

PAGE = "replay.html"
"""The page without its games, beside this file."""


def write_page(records: list[GameRecord]) -> str:
    """The page of some games."""
    parts: dict[str, int] = {}
    data = [_game(record, parts) for record in records]
    heading = data[0]["title"] if len(data) == 1 else f"{len(data)} games"
    # A `<` in data could end the script that holds it.
    text = json.dumps(
        {"games": data, "parts": list(parts)}, ensure_ascii=False, separators=(",", ":")
    ).replace("<", "\\u003c")
    page = files("jaxplay.records").joinpath(PAGE).read_text(encoding="utf-8")
    before, _, after = page.partition("@DATA@")
    return before.replace("@TITLE@", escape(heading)) + text + after


def _numbers(picture: str, parts: dict[str, int]) -> list[int]:
    """A picture as numbers of its elements, of which most are those of the picture before."""
    return [parts.setdefault(part, len(parts)) for part in re.findall(r"<[^<]*|^[^<]+", picture)]


def _game(record: GameRecord, parts: dict[str, int]) -> dict[str, Any]:
    shown, before, moves = frames(record), 0, []
    for frame in shown:
        moves.append({"name": frame.caption} | move_data(record, before, frame.num_plies))
        before = frame.num_plies
    players = [name or f"player {i + 1}" for i, name in enumerate(record.players)]
    return {
        "title": title(record),
        "players": players or [f"player {i + 1}" for i in range(record.game.num_players)],
        "result": result(record),
        "comment": record.comment,
        "tags": dict(record.tags),
        "scale": max(abs(record.game.min_return), abs(record.game.max_return)),
        "duel": record.game.num_players == 2 and record.game.zero_sum,
        "moves": moves,
        "frames": [_numbers(frame.svg, parts) for frame in shown],
    }
