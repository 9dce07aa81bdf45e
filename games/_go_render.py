"""Go boards as text and as SVG."""

import numpy as np

from jaxplay.games import _svg

LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
"""Columns: there is no I."""
CELL = 40
"""Pixels between two lines."""
WOOD = "#e3b778"
STONES = {"X": ("#1b1b1e", "#1b1b1e"), "O": ("#fdfcf7", "#8a8578")}
"""Fill and rim."""


def text(letters: np.ndarray, status: str) -> str:
    """The board with its coordinates, stars on empty star points, and a line below it."""
    size = len(letters)
    stars = star_points(size)
    width = len(str(size))
    lines = [" " * width + " " + " ".join(LETTERS[:size])]
    for row, cells in enumerate(letters):
        marks = ["+" if cell == "." and (row, i) in stars else cell for i, cell in enumerate(cells)]
        lines.append(f"{size - row:{width}} {' '.join(marks)}")
    return "\n".join([*lines, status])


def svg(letters: np.ndarray, last: int | None, status: str) -> str:
    """The board with its coordinates, a ring on the stone on point `last`, and a line below it."""
    size = len(letters)
    width = (size + 1) * CELL
    shapes = [_svg.rect(0, 0, width, width, WOOD, radius=6), *_lines(size)]
    for (row, column), letter in np.ndenumerate(letters):
        x, y = (column + 1) * CELL, (row + 1) * CELL
        if letter in STONES:
            fill, rim = STONES[letter]
            shapes.append(_svg.circle(x, y, 0.47 * CELL, fill, stroke=rim, width=1))
        if row * size + column == last:
            shapes.append(
                _svg.circle(x, y, 0.22 * CELL, "none", stroke=STONES["OX"["XO".index(letter)]][0], width=2)
            )
    shapes.append(_svg.text(width / 2, width + 16, status))
    return _svg.document(width, width + 32, *shapes)


def _lines(size: int) -> list[str]:
    """The grid, its star points and its coordinates."""
    first, last, shapes = CELL, size * CELL, []
    for i in range(size):
        at = (i + 1) * CELL
        shapes += [_svg.line(at, first, at, last, _svg.INK), _svg.line(first, at, last, at, _svg.INK)]
        shapes.append(_svg.text(at, 0.3 * CELL, LETTERS[i], size=12, fill=_svg.INK))
        shapes.append(_svg.text(0.3 * CELL, at, str(size - i), size=12, fill=_svg.INK))
    for row, column in star_points(size):
        shapes.append(_svg.circle((column + 1) * CELL, (row + 1) * CELL, 3, _svg.INK))
    return shapes


def star_points(size: int) -> set[tuple[int, int]]:
    """Rows and columns of the points that are marked on a board: none below 7 by 7."""
    if size < 7:
        return set()
    edge = 2 if size < 13 else 3
    middle = [size // 2] if size % 2 else []
    sides = [edge, size - 1 - edge]
    corners = {(row, column) for row in sides for column in sides}
    if size < 13:
        return corners | {(row, row) for row in middle}
    lines = [*sides, *middle]
    return corners | {(row, column) for row in lines for column in lines}
