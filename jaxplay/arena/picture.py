"""The map of scores as an SVG document, readable with two players or forty."""

from xml.sax.saxutils import escape

from jaxplay.arena.heatmap import Colour, HeatMap, colour, is_dark, percent

WIDTH = 880
"""Pixels that the cells of many players share."""
CELLS = (22, 56)
"""Pixels: the smallest and the largest cell."""
GAP = 12
INK, PALE = "#2b2d42", "#ffffff"
GLYPH = 0.6
"""Width of a letter, in units of its size, with room to spare."""
STEPS = 50
"""Rectangles of the scale of colours."""


def picture(found: HeatMap, title: str = "") -> str:
    """An SVG document: a cell for each pair, and names, numbers and Elo at the side.

    A cell tells the score of its row's player against its column's, in %, blue above one half and red
    below; hovering over it tells who they are.

    Args:
        found: to be drawn.
        title: a line above it.
    """
    count = len(found.names)
    cell = min(max(WIDTH / count, CELLS[0]), CELLS[1])
    size = min(14.0, 0.6 * cell)
    names = [f"{i + 1}  {name}" for i, name in enumerate(found.names)]
    ratings = [f"{round(elo):+d} ± {margin:.0f}" for elo, margin in zip(found.elo, found.margin, strict=True)]
    left, top = GLYPH * size * max(map(len, names)) + 2 * GAP, 3 * GAP + 14 + size
    right, bottom = left + count * cell, top + count * cell
    side = GLYPH * size * max(map(len, ratings)) + 2 * GAP
    width = max(right + side, GLYPH * 14 * len(title) + 2 * GAP, left + 260)
    shapes = [_rect(0, 0, width, bottom + 60, PALE), _text(GAP, GAP + 10, title, 14, "start")]
    shapes.append(_text(right + GAP, top - 0.8 * size, "Elo, 95 %", size, "start"))
    for i in range(count):
        middle = (i + 0.5) * cell
        shapes.append(_text(left - GAP, top + middle, names[i], size, "end"))
        shapes.append(_text(left + middle, top - 0.8 * size, str(i + 1), size))
        shapes.append(_text(right + GAP, top + middle, ratings[i], size, "start"))
    shapes += [
        _cell(found, i, j, left + j * cell, top + i * cell, cell) for i in range(count) for j in range(count)
    ]
    return _document(width, bottom + 60, [*shapes, *_scale(left, bottom + GAP)])


def _cell(found: HeatMap, i: int, j: int, x: float, y: float, cell: float) -> str:
    number, rgb = percent(found.score[i, j]), colour(found.score[i, j])
    told = f"{found.names[i]} against {found.names[j]}: {f'{number} %' if number else 'no games'}"
    shape = _rect(x + 0.5, y + 0.5, cell - 1, cell - 1, _hex(rgb))
    ink = PALE if is_dark(rgb) else INK
    written = _text(x + cell / 2, y + cell / 2, number, min(14.0, 0.42 * cell), fill=ink)
    return f"<g><title>{escape(told)}</title>{shape}{written}</g>"


def _scale(x: float, y: float) -> list[str]:
    """The scale of colours, with what they mean."""
    step = 200 / STEPS
    bar = [_rect(x + i * step, y, step + 0.5, 10, _hex(colour(i / (STEPS - 1)))) for i in range(STEPS)]
    ends = [_text(x + share * 2, y + 20, f"{share} %", 11) for share in (0, 50, 100)]
    return [*bar, *ends, _text(x, y + 38, "score of the row against the column", 11, "start")]


def _document(width: float, height: float, shapes: list[str]) -> str:
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">'
    return "\n".join([head, *shapes, "</svg>"])


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}"/>'


def _text(x: float, y: float, content: str, size: float, anchor: str = "middle", fill: str = INK) -> str:
    place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}" dominant-baseline="central"'
    return f'<text {place} font-size="{size:g}" fill="{fill}">{escape(content)}</text>'


def _hex(rgb: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)
