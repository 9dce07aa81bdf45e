"""SVG shapes as strings: what the pictures of boards are made of. Lengths are pixels."""

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

INK = "#2b2d42"
BLUE = "#1d5fbf"
RED = "#e0393e"
YELLOW = "#f7c844"
PAPER = "#fdfcf7"
GREY = "#8d99ae"


def document(width: float, height: float, *shapes: str) -> str:
    """An SVG document of the given size."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}"'
        f' viewBox="0 0 {width:g} {height:g}" font-family="sans-serif">{"".join(shapes)}</svg>'
    )


def rect(x: float, y: float, width: float, height: float, fill: str, *, radius: float = 0) -> str:
    """A rectangle with its top left corner at `(x, y)`."""
    return _shape("rect", x=x, y=y, width=width, height=height, rx=radius, fill=fill)


def circle(x: float, y: float, radius: float, fill: str, *, stroke: str = "none", width: float = 0) -> str:
    """A circle around `(x, y)`."""
    return _shape("circle", cx=x, cy=y, r=radius, fill=fill, stroke=stroke, stroke_width=width)


def line(x1: float, y1: float, x2: float, y2: float, stroke: str, *, width: float = 1) -> str:
    """A line with round ends."""
    ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    return _shape("line", **ends, stroke=stroke, stroke_width=width, stroke_linecap="round")


def polygon(
    points: Iterable[tuple[float, float]], fill: str, *, stroke: str = "none", width: float = 0
) -> str:
    """A closed shape with these corners."""
    corners = " ".join(f"{x:.5g},{y:.5g}" for x, y in points)
    return _shape("polygon", points=corners, fill=fill, stroke=stroke, stroke_width=width)


def text(x: float, y: float, content: str, *, size: float = 14, fill: str = GREY) -> str:
    """A line of text centred on `(x, y)`."""
    anchor = 'text-anchor="middle" dominant-baseline="central"'
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{fill}" {anchor}>{escape(content)}</text>'


def texts(
    contents: Iterable[str], x: float, y: float, *, right: float = 0, down: float = 0, fill: str = GREY
) -> list[str]:
    """Texts, the first centred on `(x, y)`, each so far to the right of the one before and below it."""
    return [text(x + i * right, y + i * down, content, fill=fill) for i, content in enumerate(contents)]


def grid(x: float, y: float, columns: int, rows: int, cell: float, stroke: str) -> list[str]:
    """The lines of a grid with its top left corner at `(x, y)`."""
    right, bottom = x + columns * cell, y + rows * cell
    upright = [line(x + i * cell, y, x + i * cell, bottom, stroke) for i in range(columns + 1)]
    return upright + [line(x, y + i * cell, right, y + i * cell, stroke) for i in range(rows + 1)]


def _shape(name: str, **attributes: str | float) -> str:
    parts = (f"{key.replace('_', '-')}={quoteattr(_value(value))}" for key, value in attributes.items())
    return f"<{name} {' '.join(parts)}/>"


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"
