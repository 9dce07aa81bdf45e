"""Bars as SVG text, the same on every machine."""

from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from jaxplay.benchmarks.report_results import Results

WIDTH, LABEL, ROW, GAP, TOP = 720, 200, 20, 8, 44
COLORS = ("#2563eb", "#9ca3af", "#93c5fd", "#d1d5db")


class Bar(NamedTuple):
    """A bar.

    Attributes:
        label: on its left.
        value: its length.
        text: at its end.
        color: number of its colour.
    """

    label: str
    value: float
    text: str
    color: int = 0


def bars(title: str, found: Sequence[Bar]) -> str:
    """A picture of bars, the longest over the whole width."""
    longest, room = max(bar.value for bar in found), WIDTH - LABEL - 110
    height = TOP + len(found) * (ROW + GAP) + GAP
    style = 'font-family="sans-serif" font-size="13"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" {style}>',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        f'<text x="12" y="24" font-size="15" font-weight="bold">{escape(title)}</text>',
    ]
    for number, bar in enumerate(found):
        y, length = TOP + number * (ROW + GAP), max(1.0, room * bar.value / longest)
        middle = y + ROW - 5
        parts += [
            f'<text x="{LABEL - 8}" y="{middle}" text-anchor="end">{escape(bar.label)}</text>',
            f'<rect x="{LABEL}" y="{y}" width="{length:.1f}" height="{ROW}" fill="{COLORS[bar.color]}"/>',
            f'<text x="{LABEL + length + 6:.1f}" y="{middle}">{escape(bar.text)}</text>',
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def env_picture(results: Results) -> str:
    """How many times as fast random play is as Pgx's, by game."""
    found = {game: results.quotient("env", f"{game}/rules", f"{game}/pgx") for game in results.pgx_games}
    ordered = sorted(found.items(), key=lambda item: -item[1])
    shown = [Bar(game.replace("_", " "), value, f"{value:.1f} x") for game, value in ordered]
    return bars("Random play with reset: plies a second, Pgx = 1", shown)


def search_picture(results: Results) -> str:
    """Simulations a second, beside mctx's."""
    shown = []
    for number in (32, 128):
        for kind, color in (("puct", 0), ("mctx_muzero", 1), ("gumbel", 0), ("mctx_gumbel", 1)):
            rate = results.rate("search", f"connect_four/linear/{number}/{kind}")
            shown.append(Bar(f"{kind.replace('_', ' ')}, {number}", rate, f"{rate / 1e6:.2f} M", color))
    return bars("Connect Four, 1,024 positions, linear network: simulations a second", shown)


PICTURES = {"benchmarks_env.svg": env_picture, "benchmarks_search.svg": search_picture}
"""By the name of the file, beside `docs/benchmarks.md`."""
