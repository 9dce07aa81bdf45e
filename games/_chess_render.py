"""Chess boards as text and as SVG."""

import numpy as np

from jaxplay.games import _svg

CELL = 52
"""Width of a square in pixels."""
LIGHT, DARK, LAST = "#f0dfc0", "#b5835a", "#e8c84a"
WHITE, BLACK = "#fdfcf7", "#2b2d42"
UNIT = 45
"""Width of the box in which the shapes below lie."""
BASE = "M11 40 v-4 q11.5 -3 23 0 v4 z"
SHAPES = {
    "p": """
        M22.5 9 a5 5 0 0 1 3.5 8.6 q4.5 3 2 7 q0.5 6 6 10.4 h-23
        q5.5 -4.4 6 -10.4 q-2.5 -4 2 -7 a5 5 0 0 1 3.5 -8.6 z
    """,
    "n": """
        M14 36 q-1.5 -8 7 -14 q-4.5 0.5 -7.5 4 q-3 1.5 -4.5 -2 q-0.5 -2.5 3 -7.5 q1.5 -5 6 -7.5
        l1 -4 l3.5 3.5 q12 1.5 12 17 q0 5.5 -2 10.5 q-9.5 -2 -18.5 0 z
        M17 15.5 l1.6 0.4
    """,
    "b": """
        M22.5 8 q9 7 8 14 q-0.5 3.5 -4 5.5 l2.5 7.5 h-13 l2.5 -7.5 q-3.5 -2 -4 -5.5 q-1 -7 8 -14 z
        M22.5 8 a2 2 0 0 1 0 -4 a2 2 0 0 1 0 4 z
        M22.5 14 v7 M19 17.5 h7
    """,
    "r": """
        M12 8 h4.5 v3.5 h3.5 v-3.5 h5 v3.5 h3.5 v-3.5 h4.5 v8 l-4 3.5 v11 l3.5 4.5 h-20
        l3.5 -4.5 v-11 l-4 -3.5 z
    """,
    "q": """
        M10 35 l-4 -18 l7 7 l2.5 -13 l5.5 12 l1.5 -14 l1.5 14 l5.5 -12 l2.5 13 l7 -7 l-4 18 q-12.5 -3 -25 0 z
        M6 16 a1.8 1.8 0 0 1 0 -3.6 a1.8 1.8 0 0 1 0 3.6 z
        M39 16 a1.8 1.8 0 0 1 0 -3.6 a1.8 1.8 0 0 1 0 3.6 z
        M22.5 8.5 a1.8 1.8 0 0 1 0 -3.6 a1.8 1.8 0 0 1 0 3.6 z
    """,
    "k": """
        M22.5 18 q4 -6 9 -4.5 q8 2.5 4 12 q-1.5 3.5 -3.5 9.5 q-9.5 -2.5 -19 0 q-2 -6 -3.5 -9.5
        q-4 -9.5 4 -12 q5 -1.5 9 4.5 z
        M22.5 16 v-11 M18.5 8.5 h8 M22.5 18 v10
    """,
}
"""Outlines in SVG's language of paths."""


def text(squares: np.ndarray, status: str) -> str:
    """The board with its coordinates and a line below it; `squares` `(8, 8)`, the eighth rank first."""
    rows = [f"{8 - i} {' '.join(row)}" for i, row in enumerate(squares)]
    return "\n".join([*rows, "  a b c d e f g h", status])


def svg(squares: np.ndarray, last: set[tuple[int, int]], status: str) -> str:
    """The board as in a book; the squares of the last move, rows and columns, are coloured."""
    edge, side = 22, 8 * CELL
    width = side + 2 * edge
    shapes = [_svg.rect(0, 0, width, width + 24, _svg.PAPER, radius=6)]
    for i in range(8):
        at = edge + (i + 0.5) * CELL
        shapes += [_svg.text(edge / 2, at, str(8 - i)), _svg.text(at, width - edge / 2, "abcdefgh"[i])]
    for (row, column), letter in np.ndenumerate(squares):
        x, y = edge + column * CELL, edge + row * CELL
        plain = DARK if (row + column) % 2 else LIGHT
        shapes.append(_svg.rect(x, y, CELL, CELL, LAST if (row, column) in last else plain))
        if letter != ".":
            shapes.append(_piece(x, y, str(letter)))
    shapes.append(_svg.text(width / 2, width + 8, status))
    return _svg.document(width, width + 24, *shapes)


def _piece(x: float, y: float, letter: str) -> str:
    """A piece with its top left corner at `(x, y)`."""
    fill, line = (WHITE, BLACK) if letter.isupper() else (BLACK, WHITE)
    path = f'<path d="{BASE} {" ".join(SHAPES[letter.lower()].split())}"/>'
    style = f'fill="{fill}" stroke="{line}" stroke-width="1.6" stroke-linejoin="round" stroke-linecap="round"'
    return f'<g transform="translate({x:g} {y:g}) scale({CELL / UNIT:g})" {style}>{path}</g>'
