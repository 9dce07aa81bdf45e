"""A card table as text and as a picture: what the poker games show."""

from collections.abc import Sequence
from typing import NamedTuple

from jaxplay.games import _svg
from jaxplay.games._hidden import LETTERS

FELT = "#2f7d5b"
CARD = 56, 80
"""Pixels: width and height of a card."""
SEAT = 130, 190
"""Pixels: width and height of a seat."""
HIDDEN = "?"
"""A card that lies face down."""
RANKS = "A23456789TJQK"
"""Names of the ranks, the ace low; a small deck has the highest of them."""


class Seat(NamedTuple):
    """What lies before a player.

    Attributes:
        card: its name, `HIDDEN`, or empty where there is none.
        notes: what else there is to say, such as the chips: a line each.
        active: whether it is the player's turn.
    """

    card: str
    notes: Sequence[str]
    active: bool


def chips(count: int) -> str:
    """Such as `2 chips`."""
    return f"{count} chip" if count == 1 else f"{count} chips"


def as_text(seats: Sequence[Seat], lines: Sequence[str]) -> str:
    """A line for each seat, then `lines`."""
    width = max(len(seat.card or "-") for seat in seats)
    rows = [
        f"{LETTERS[i]}  {(s.card or '-').ljust(width)}  {', '.join(s.notes)}" for i, s in enumerate(seats)
    ]
    return "\n".join([*map(str.rstrip, rows), *lines])


def as_svg(seats: Sequence[Seat], lines: Sequence[str], public: str | None = None) -> str:
    """The seats side by side on green felt, the public card (None: the game has none) right of them."""
    columns = len(seats) + (public is not None)
    width, height = columns * SEAT[0] + 20, SEAT[1] + 22 * len(lines) + 16
    shapes = [_svg.rect(0, 0, width, height, FELT, radius=16)]
    for i, seat in enumerate(seats):
        middle = 10 + (i + 0.5) * SEAT[0]
        shapes.append(_svg.circle(middle, 26, 15, _svg.YELLOW if seat.active else _svg.PAPER))
        shapes.append(_svg.text(middle, 26, LETTERS[i], size=16, fill=_svg.INK))
        shapes.append(card(middle, 92, seat.card))
        for row, note in enumerate(seat.notes):
            shapes.append(_svg.text(middle, 148 + 18 * row, note, size=13, fill=_svg.PAPER))
    if public is not None:
        middle = 10 + (columns - 0.5) * SEAT[0]
        shapes.append(_svg.text(middle, 26, "table", fill=_svg.PAPER))
        shapes.append(card(middle, 92, public))
    for row, line in enumerate(lines):
        shapes.append(_svg.text(width / 2, SEAT[1] + 14 + 22 * row, line, fill=_svg.PAPER))
    return _svg.document(width, height, *shapes)


def card(x: float, y: float, name: str, *, scale: float = 1) -> str:
    """A card centred on `(x, y)`: face up, face down, or the place where one will lie."""
    width, height, edge = scale * CARD[0], scale * CARD[1], scale * 6
    left, top = x - width / 2, y - height / 2
    if not name:
        return _svg.rect(left, top, width, height, "#0002", radius=edge)
    if name == HIDDEN:
        inner = _svg.rect(
            left + edge, top + edge, width - 2 * edge, height - 2 * edge, "#6d8fc9", radius=edge / 2
        )
        return _svg.rect(left, top, width, height, _svg.BLUE, radius=edge) + inner
    colour = _svg.RED if name[-1] in "♥♦" else _svg.INK
    return _svg.rect(left, top, width, height, _svg.PAPER, radius=edge) + _svg.text(
        x, y, name, size=26 * scale, fill=colour
    )
