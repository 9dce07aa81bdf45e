"""A game as an animated SVG: its positions one after the other, again and again.

Where pictures are not animated, the last position is seen.
"""

import re

from jaxplay.errors import UserError
from jaxplay.records.frames import frames
from jaxplay.records.model import GameRecord

SECONDS, LAST = 0.8, 3.0
"""How long each position is seen, and the last one."""
MOST = 600
"""Positions of a picture; larger ones open slowly."""


def write_picture(records: list[GameRecord]) -> str:
    """The picture of one game.

    Raises:
        UserError: there is not just one game, or it is too long.
    """
    if len(records) != 1:
        raise UserError(f"a picture shows one game, not {len(records)}: say which with --number")
    return animated([frame.svg for frame in frames(records[0])])


def animated(pictures: list[str]) -> str:
    """SVG documents one after the other.

    Raises:
        UserError: there are too many.
    """
    if len(pictures) > MOST:
        raise UserError(f"the game has {len(pictures)} positions; allowed: {MOST} in a picture")
    sizes = [_size(picture) for picture in pictures]
    width, height = (max(sides) for sides in zip(*sizes, strict=True))
    whole = SECONDS * (len(pictures) - 1) + LAST
    shown = "".join(_frame(i, picture, len(pictures), whole) for i, picture in enumerate(pictures))
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{shown}</svg>\n'


def _size(picture: str) -> tuple[float, float]:
    head = picture[: picture.index(">")]
    sides = [re.search(rf'\b{side}="([0-9.]+)', head) for side in ("width", "height")]
    width, height = (float(found[1]) if found else 400.0 for found in sides)
    return width, height


def _frame(index: int, picture: str, count: int, whole: float) -> str:
    """A picture that is seen in its time only; without animation the last one is."""
    if count == 1:
        return picture
    begin, end = index * SECONDS / whole, (index + 1) * SECONDS / whole
    if index == 0:
        values, times = "visible;hidden", f"0;{end:.5f}"
    elif index == count - 1:
        values, times = "hidden;visible", f"0;{begin:.5f}"
    else:
        values, times = "hidden;visible;hidden", f"0;{begin:.5f};{end:.5f}"
    animation = (
        f'<animate attributeName="visibility" dur="{whole:.2f}s" repeatCount="indefinite"'
        f' calcMode="discrete" values="{values}" keyTimes="{times}"/>'
    )
    still = "visible" if index == count - 1 else "hidden"
    return f'<g visibility="{still}">{animation}{picture}</g>'
