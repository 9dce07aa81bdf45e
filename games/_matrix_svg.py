"""Pictures of a matrix game: the table of payoffs, and who chose what."""

from collections.abc import Sequence

import numpy as np

from jaxplay.games import _svg
from jaxplay.games._hidden import LETTERS

WIDTH, HEIGHT = 104, 40
"""Pixels: a cell."""
LEFT = 130
"""Pixels: the names of the rows."""
PALE = "#e9ecef"


def payoffs(table: np.ndarray, names: Sequence[str], last: Sequence[int] | None) -> list[str]:
    """The payoffs of two players, `(A0, A1, 2)`, rows by the first; the outcome `last` is marked."""
    rows, columns, _ = table.shape
    shapes = [_label(0.5 * LEFT, (i + 1.5) * HEIGHT, f"A: {names[i]}") for i in range(rows)]
    shapes += [_label(LEFT + (j + 0.5) * WIDTH, HEIGHT / 2, f"B: {names[j]}") for j in range(columns)]
    for i, j in np.ndindex(rows, columns):
        marked = last is not None and tuple(last) == (i, j)
        told = ", ".join(f"{number:g}" for number in table[i, j])
        shapes.append(_cell(j, i + 1, told, _svg.YELLOW if marked else PALE))
    return shapes


def choices(rounds: Sequence[Sequence[str]], top: float) -> list[str]:
    """Who chose what, a column for each round, from row `top` (a fraction leaves a gap) on."""
    shapes = []
    for i in range(len(rounds[0]) if rounds else 0):
        shapes.append(_svg.text(LEFT / 2, (top + i + 0.5) * HEIGHT, LETTERS[i], size=18, fill=_svg.INK))
        shapes += [_cell(j, top + i, names[i], _svg.PAPER) for j, names in enumerate(rounds)]
    return shapes


def document(rows: float, columns: int, shapes: Sequence[str], lines: Sequence[str]) -> str:
    """A document of `rows` and `columns` of cells with lines of text below."""
    width, height = LEFT + WIDTH * columns + 10, HEIGHT * rows + 24 * len(lines) + 16
    texts = [
        _svg.text(width / 2, HEIGHT * rows + 20 + 24 * i, line, size=16, fill=_svg.INK)
        for i, line in enumerate(lines)
    ]
    return _svg.document(width, height, _svg.rect(0, 0, width, height, "#dfe7ef", radius=12), *shapes, *texts)


def _label(x: float, y: float, content: str) -> str:
    return _svg.text(x, y, content, fill=_svg.INK)


def _cell(column: int, row: float, content: str, fill: str) -> str:
    x, y = LEFT + column * WIDTH, row * HEIGHT
    box = _svg.rect(x + 2, y + 2, WIDTH - 4, HEIGHT - 4, fill, radius=6)
    return box + _label(x + WIDTH / 2, y + HEIGHT / 2, content)
