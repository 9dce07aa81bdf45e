"""SVG shapes as strings: what the games draw their boards with. Lengths are pixels."""

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


def text(x: float, y: float, content: str, *, size: float = 14, fill: str = GREY) -> str:
    """A line of text centred on `(x, y)`."""
    anchor = 'text-anchor="middle" dominant-baseline="central"'
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{fill}" {anchor}>{escape(content)}</text>'


def _shape(name: str, **attributes: str | float) -> str:
    parts = (f"{key.replace('_', '-')}={quoteattr(_value(value))}" for key, value in attributes.items())
    return f"<{name} {' '.join(parts)}/>"


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"
