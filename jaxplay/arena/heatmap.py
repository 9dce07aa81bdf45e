"""Scores among players as a map of colours: its data, its colours, and the map in a terminal.

`jaxplay.arena.picture` draws the same as SVG.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from jaxplay.arena.crossplay import CrossPlay
from jaxplay.arena.rating import Ratings

if TYPE_CHECKING:
    from rich.table import Table

Colour = tuple[int, int, int]

BAD, EVEN, GOOD, NONE = (178, 24, 43), (247, 247, 247), (33, 102, 172), (222, 222, 222)
"""Red, white and blue, which the colour-blind can tell apart too (ColorBrewer's RdBu); grey for no games."""
DARK = 130
"""Brightness, 0 to 255, below which text has to be light."""
CELL = 4
"""Characters of a cell in a terminal."""


class HeatMap(NamedTuple):
    """Who scores how much against whom, the best player first.

    Attributes:
        names: of N players, short.
        score: `(N, N)` float64, share of the points of the row player; nan where there were no games.
        elo: `(N,)` float64.
        margin: `(N,)` float64, half of the 95 % interval of `elo`.
    """

    names: tuple[str, ...]
    score: np.ndarray
    elo: np.ndarray
    margin: np.ndarray


def heat_map(table: CrossPlay, ratings: Ratings) -> HeatMap:
    """What there is to be drawn of a table."""
    order = np.argsort(-ratings.elo, kind="stable")
    score = np.where(table.num_games > 0, table.score, np.nan)[np.ix_(order, order)]
    low, high = ratings.interval()
    names = short_names(table.names)
    return HeatMap(tuple(names[i] for i in order), score, ratings.elo[order], ((high - low) / 2)[order])


def short_names(names: Sequence[str]) -> list[str]:
    """The names without the run, or else the folder, that is the same for all of them."""
    for mark in (":", "/"):
        heads = {name.rpartition(mark)[0] for name in names}
        if len(heads) == 1 and not heads & {"", "mcts"}:
            return [name.rpartition(mark)[2] for name in names]
    return list(names)


def colour(score: float) -> Colour:
    """Red, green and blue, 0 to 255, of a score; nan gives grey."""
    if np.isnan(score):
        return NONE
    end, share = (GOOD if score > 0.5 else BAD), abs(2 * score - 1)
    red, green, blue = (round(float(a + share * (b - a))) for a, b in zip(EVEN, end, strict=True))
    return red, green, blue


def is_dark(rgb: Colour) -> bool:
    """Whether text on a colour has to be light."""
    red, green, blue = rgb
    return 0.299 * red + 0.587 * green + 0.114 * blue < DARK


def percent(score: float) -> str:
    """A score as it stands in a cell."""
    return "" if np.isnan(score) else f"{100 * score:.0f}"


def terminal_map(found: HeatMap, width: int) -> "Table":
    """The map for `rich`: scores in %, columns numbered as the rows are.

    Args:
        found: to be shown.
        width: characters there are; of too many players, the best are shown.
    """
    from rich.table import Table
    from rich.text import Text

    def cell(score: float) -> Text:
        red, green, blue = rgb = colour(score)
        ink = "white" if is_dark(rgb) else "black"
        return Text(f"{percent(score):>3}", f"{ink} on rgb({red},{green},{blue})")

    count = num_shown(found, width)
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_row("", "", Text("Elo", justify="right"), *(Text(f"{j + 1:>3}") for j in range(count)))
    for i in range(count):
        elo = Text(f"{round(found.elo[i]):+d} ± {found.margin[i]:.0f}", justify="right")
        cells = map(cell, found.score[i, :count])
        table.add_row(Text(f"{i + 1}", justify="right"), Text(found.names[i]), elo, *cells)
    return table


def num_shown(found: HeatMap, width: int) -> int:
    """How many players' rows and columns fit into `width` characters; one at least."""
    beside = len(str(len(found.names))) + max(map(len, found.names)) + len("+1000 ± 1000") + 3
    return max(min(len(found.names), (width - beside) // CELL), 1)
