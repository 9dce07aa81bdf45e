"""How the players of a league stand, for people: who they are, their ratings, and who beats whom."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from jaxplay.arena.drawn import elo_with_draws
from jaxplay.arena.heatmap import CELL, NONE, colour, is_dark, percent
from jaxplay.arena.rating import Ratings
from jaxplay.checkpoint import FrozenPlayer, LeagueTable
from jaxplay.errors import UserError

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

MOST_ROWS = 24
"""Players that are shown, the best rated; learners always."""
BESIDE = 58
"""Characters of a row without its cells."""


def league_ratings(table: LeagueTable) -> Ratings | None:
    """Elo ratings of all players of a league by the games it remembers; None where they do not tell.

    What moving first is worth and the margin of draws are fitted too. A player who was frozen begins with the
    games of its learner, which count for both: until it has played its own, the two are close and their
    errors too small. Errors say nothing of games that were forgotten, nor of players who learn.
    """
    others = 1.0 - np.eye(len(table.names))
    won, drawn, lost = (table.outcomes[:, :, 0, i] * others for i in range(3))  # by who moved first
    try:
        return elo_with_draws(won, drawn, lost, prior=1.0)
    except UserError:
        return None


def league_map(table: LeagueTable, facts: Mapping[str, FrozenPlayer], width: int) -> "Table":
    """Players, best first, with kinds, ages in steps, games, Elo, and scores in % as colours, for `rich`.

    Args:
        table: of all learners and frozen players.
        facts: about the frozen ones, by name.
        width: characters there are.
    """
    from rich.table import Table
    from rich.text import Text

    shown = _best(table, facts)
    columns = shown[: max((width - BESIDE) // CELL, 1)]
    ratings = league_ratings(table)
    grid = Table.grid(padding=(0, 1, 0, 0))
    head = ("", "player", "kind", "age", "games", "Elo", *(f"{i + 1:>3}" for i in range(len(columns))))
    grid.add_row(*(Text(text, style="bold") for text in head))
    for row, i in enumerate(shown):
        name = table.names[i]
        known = facts.get(name)
        age = "learns" if known is None else f"{table.step - known.born:,}"
        rating = "" if ratings is None else f"{ratings.elo[i]:+.0f} ± {1.96 * ratings.error[i]:.0f}"
        fields = (f"{row + 1}", name, _kind(name, known), age, f"{table.games[i].sum():,.0f}", rating)
        right = (True, False, False, True, True, True)
        texts = [Text(f, justify="right" if r else "left") for f, r in zip(fields, right, strict=True)]
        grid.add_row(*texts, *(_cell(table, i, j) for j in columns))
    return grid


def league_line(table: LeagueTable) -> str:
    """The number of players, and the best rated of them."""
    ratings = league_ratings(table)
    if ratings is None:
        return f"{len(table.names)} players"
    best = np.argsort(-ratings.elo, kind="stable")[:5]
    named = ", ".join(f"{table.names[i]} {ratings.elo[i]:+.0f}" for i in best)
    return f"{len(table.names)} players; Elo: {named}"


def _best(table: LeagueTable, facts: Mapping[str, FrozenPlayer]) -> list[int]:
    """Players to show, best first."""
    ratings = league_ratings(table)
    strength = np.zeros(len(table.names)) if ratings is None else ratings.elo
    order = [int(i) for i in np.argsort(-strength, kind="stable")]
    learners = [i for i in order if table.names[i] not in facts]
    others = [i for i in order if table.names[i] in facts][: MOST_ROWS - len(learners)]
    return [i for i in order if i in learners or i in others]


def _kind(name: str, known: FrozenPlayer | None) -> str:
    if known is not None:
        return known.kind
    base = name.rstrip("0123456789").rstrip("_")
    return "main agent" if base == "main" else base.replace("_", " ")


def _cell(table: LeagueTable, i: int, j: int) -> "Text":
    from rich.text import Text

    known = i != j and table.games[i, j] > 0
    score = table.score[i, j] if known else np.nan
    red, green, blue = rgb = colour(score) if known else NONE
    ink = "white" if is_dark(rgb) else "black"
    return Text(f"{percent(score):>3}", f"{ink} on rgb({red},{green},{blue})")
