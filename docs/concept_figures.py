"""Draws the pictures of `docs/concepts.md`: `python docs/concept_figures.py`."""

from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parent
INK, SOFT, PAPER = "#22313f", "#7f8c98", "#ffffff"
BLUE, RED, GREEN, SAND = "#cfe3f5", "#f6d5cf", "#d5ebd3", "#f5ecd0"
HEIGHT_OF_LINE = 16


def main() -> None:
    """Write the four files."""
    for name, draw in {"search": search, "rollout": rollout, "step": step, "league": league}.items():
        (FOLDER / f"concept_{name}.svg").write_text(draw())


def svg(width: int, height: int, parts: Iterable[str]) -> str:
    """A document on white, readable on any page."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" font-family="Helvetica, Arial, sans-serif" font-size="13" fill="{INK}">'
    )
    arrow = (
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7"'
        f' orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="{SOFT}"/></marker></defs>'
    )
    paper = f'<rect width="{width}" height="{height}" fill="{PAPER}"/>'
    return "\n".join([head, arrow, paper, *parts, "</svg>"]) + "\n"


def box(x: int, y: int, width: int, height: int, text: str, colour: str = BLUE) -> str:
    """A box; the first line of its text is bold."""
    first, *rest = text.split("\n")
    top = y + height / 2 - HEIGHT_OF_LINE * len(rest) / 2 + 5
    lines = [f'<text x="{x + width / 2}" y="{top}" text-anchor="middle" font-weight="bold">{first}</text>']
    lines += [
        f'<text x="{x + width / 2}" y="{top + HEIGHT_OF_LINE * number}" text-anchor="middle">{line}</text>'
        for number, line in enumerate(rest, 1)
    ]
    frame = (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="8" fill="{colour}" stroke="{SOFT}"/>'
    )
    return frame + "".join(lines)


def arrow(points: str, *, dashed: bool = False, colour: str = SOFT, width: float = 1.6) -> str:
    """A line with a tip; `points` are those of an SVG path."""
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    stroke = f'stroke="{colour}" stroke-width="{width}"{dash}'
    return f'<path d="{points}" fill="none" {stroke} marker-end="url(#tip)"/>'


def label(x: float, y: float, text: str, anchor: str = "middle") -> str:
    """A line of text."""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{SOFT}" font-size="12">{text}</text>'


def search() -> str:
    """One simulation in a tree with a chance node."""
    places = {
        "root": (250, 40), "a": (130, 120), "b": (250, 120), "c": (370, 120),
        "b1": (190, 200), "b2": (310, 200), "leaf": (310, 280),
    }  # fmt: skip
    edges = [("root", "a"), ("root", "b"), ("root", "c"), ("b", "b1"), ("b", "b2"), ("b2", "leaf")]
    taken = {("root", "b"), ("b", "b2"), ("b2", "leaf")}
    parts = []
    for one, other in edges:
        (x, y), (u, v) = places[one], places[other]
        bold = (one, other) in taken
        colour, width = ("#c0392b", 3) if bold else (SOFT, 1.4)
        parts.append(f'<line x1="{x}" y1="{y}" x2="{u}" y2="{v}" stroke="{colour}" stroke-width="{width}"/>')
    for name, (x, y) in places.items():
        if name == "b":
            parts.append(
                f'<rect x="{x - 15}" y="{y - 15}" width="30" height="30" transform="rotate(45 {x} {y})"'
                f' fill="{SAND}" stroke="{INK}"/>'
            )
        else:
            fill = GREEN if name == "leaf" else BLUE
            parts.append(f'<circle cx="{x}" cy="{y}" r="18" fill="{fill}" stroke="{INK}"/>')
    parts += [
        label(280, 45, "1. choose: value + exploration by prior", "start"),
        label(300, 162, "chance: an outcome is sampled", "start"),
        label(340, 205, "2. go on to a leaf", "start"),
        box(420, 255, 170, 50, "network\npriors and value", GREEN),
        arrow("M330 280 L418 280"),
        label(374, 272, "3. judge"),
        arrow("M296 268 C 60 250, 60 90, 228 46", dashed=True),
        label(60, 205, "4. the value"),
        label(60, 221, "goes back up"),
    ]
    return svg(620, 325, parts)


def rollout() -> str:
    """What goes into a rollout, and what comes out."""
    parts = [
        box(20, 20, 170, 62, "policies\nsearch, network,\ntable, script", BLUE),
        box(20, 102, 170, 62, "seats (M, P)\nwho sits where\nin each match", BLUE),
        box(20, 184, 170, 62, "dispatch\nshared, halves,\nseats, host", BLUE),
        box(270, 40, 230, 186, "", SAND),
        '<text x="385" y="66" text-anchor="middle" font-weight="bold">scan over plies</text>',
        *[label(385, 96 + 24 * i, text) for i, text in enumerate(
            ("who moves? batches of fixed size", "policies choose", "step; chance is sampled",
             "ends, cuts, returns", "new games begin"))],
        box(580, 82, 180, 100, "trajectory (T, M)\nstate, action,\npolicy, value,\nrewards, masks", GREEN),
        arrow("M190 51 L268 90"), arrow("M190 133 L268 133"), arrow("M190 215 L268 176"),
        arrow("M500 132 L578 132"),
        arrow("M480 226 C 480 268, 290 268, 290 228", dashed=True),
        label(385, 275, "rules of play: one home, jaxplay.rollout.episode"),
    ]  # fmt: skip
    return svg(780, 290, parts)


def step() -> str:
    """The parts of one step of training."""
    names = ("seats\nwho meets whom", "roll out\nthousands of\ngames play on", "replay\nring on the\ndevice",
             "learn\ngradient steps", "league\nfreeze, restart,\ncount results")  # fmt: skip
    colours = (BLUE, BLUE, SAND, GREEN, RED)
    title = "step: TrainState → TrainState, Metrics. One compiled program, no host inside"
    parts = [
        f'<rect x="14" y="40" width="812" height="130" rx="12" fill="none" stroke="{INK}" stroke-width="2"/>',
        f'<text x="420" y="28" text-anchor="middle" font-weight="bold">{title}</text>',
    ]
    for number, (name, colour) in enumerate(zip(names, colours, strict=True)):
        x = 34 + 160 * number
        parts.append(box(x, 65, 130, 80, name, colour))
        if number:
            parts.append(arrow(f"M{x - 30} 105 L{x - 3} 105"))
    parts += [
        arrow("M420 170 L420 206"),
        box(300, 208, 240, 56, "host, between steps\ncheckpoints, metrics, display", PAPER),
        arrow("M739 145 C 790 230, 600 240, 542 240", dashed=True),
        arrow("M300 238 C 90 236, 50 200, 99 148", dashed=True),
    ]
    return svg(840, 280, parts)


def league() -> str:
    """Who plays whom in a league."""
    parts = [
        box(40, 30, 190, 60, "main agents\nmeet themselves and all", GREEN),
        box(40, 125, 190, 60, "main exploiters\nmeet the main agents", RED),
        box(40, 220, 190, 60, "league exploiters\nmeet everybody frozen", RED),
        box(330, 30, 190, 250, "", BLUE),
        '<text x="425" y="56" text-anchor="middle" font-weight="bold">frozen players</text>',
        *[box(345 + 58 * (i % 3), 72 + 64 * (i // 3), 50, 50, name, PAPER) for i, name in enumerate(
            ("m1", "m2", "x1", "m3", "x2", "x3", "m4", "l1", "…"))],
        box(600, 90, 170, 110, "payoff table\nwins, draws, losses\nof every pair;\nmatchmaking", SAND),
        arrow("M230 50 L328 90"), arrow("M230 155 L328 155"), arrow("M230 250 L328 220"),
        label(280, 62, "freeze"),
        arrow("M135 125 L135 93", colour="#c0392b"),
        label(142, 113, "attack", "start"),
        arrow("M520 145 L598 145"),
        label(560, 137, "results"),
        arrow("M685 90 C 685 -8, 190 -4, 140 28", dashed=True),
        label(610, 62, "who meets whom next"),
    ]  # fmt: skip
    return svg(790, 300, parts)


if __name__ == "__main__":
    main()
