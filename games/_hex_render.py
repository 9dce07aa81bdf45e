"""Pictures of a rhombus of hexagons."""

import math

import numpy as np

from jaxplay.games import _svg, _text

COLOURS = {"X": _svg.RED, "O": _svg.BLUE}
RADIUS = 22
"""Pixels from the middle of a hexagon to its corners."""


def text(letters: np.ndarray) -> list[str]:
    """Lines of text for letters `(rows, columns)`: the board, its columns sloping to the right."""
    return _text.board(letters, _text.numbers(len(letters)), slope=1)


def svg(letters: np.ndarray) -> str:
    """The hexagons, the edges in the colours of those who connect them, and stones for `X` and `O`."""
    rows, columns = letters.shape
    shapes = _frame(rows, columns)
    for (row, column), letter in np.ndenumerate(letters):
        x, y = place(row, column)
        shapes.append(_svg.polygon(_hexagon(x, y), _svg.PAPER, stroke=_svg.GREY, width=1))
        if letter in COLOURS:
            shapes.append(_svg.circle(x, y, 0.62 * RADIUS, COLOURS[letter]))
    along, down = math.sqrt(3) * RADIUS, 1.5 * RADIUS
    shapes += _svg.texts(_text.LETTERS[:columns], *place(-1.3, 0.65), right=along)
    shapes += _svg.texts(_text.numbers(rows), *place(0, -1.4), right=along / 2, down=down)
    width, height = place(rows, columns)
    return _svg.document(width + RADIUS, height + RADIUS, *shapes)


def _frame(rows: int, columns: int) -> list[str]:
    """The four edges, as triangles whose inner parts the hexagons will cover."""
    low, bottom, right = -0.9, rows - 0.1, columns - 0.1
    corners = [place(*at) for at in ((low, low), (low, right), (bottom, right), (bottom, low))]
    middle = place((rows - 1) / 2, (columns - 1) / 2)
    sides = [[corners[side], corners[(side + 1) % 4], middle] for side in range(4)]
    return [_svg.polygon(points, COLOURS["XO"[side % 2]]) for side, points in enumerate(sides)]


def place(row: float, column: float) -> tuple[float, float]:
    """The middle of a hexagon, in pixels; the top left one is at row 0, column 0."""
    return RADIUS * (4 + math.sqrt(3) * (column + row / 2)), RADIUS * (3 + 1.5 * row)


def _hexagon(x: float, y: float) -> list[tuple[float, float]]:
    """The corners of a hexagon around `(x, y)`."""
    angles = [math.pi / 6 + corner * math.pi / 3 for corner in range(6)]
    return [(x + RADIUS * math.cos(angle), y + RADIUS * math.sin(angle)) for angle in angles]
