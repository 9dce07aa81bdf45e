"""Everything that a tournament tells, as plain data for JSON."""

from typing import Any

import numpy as np

from jaxplay.arena.crossplay import CrossPlay
from jaxplay.arena.population import alpha_rank, nash_average
from jaxplay.arena.rating import Ratings


def matrix(table: CrossPlay, ratings: Ratings) -> dict[str, Any]:
    """Tables `(N, N)` as lists of rows, and a number for each player, in the order of `names`.

    Returns:
        `names`; `games` of each pair; `score`, the row player's share of the points; `row_moved_first`, its
        wins, draws and losses in those games alone; `elo` with 95 % intervals; `first_move_advantage` in
        Elo points and `draw_margin` with their own; `nash_weights` and `nash_skills` of Nash averaging; and
        `alpha_rank`: both of payoffs from -1, all games lost, to 1.
    """
    average = nash_average(table.payoff)
    return {
        "names": list(table.names),
        "games": table.num_games.astype(int).tolist(),
        "score": _rounded(table.score),
        "row_moved_first": {
            "wins": table.wins.astype(int).tolist(),
            "draws": table.draws.astype(int).tolist(),
            "losses": table.losses.astype(int).tolist(),
        },
        "elo": _rounded(ratings.elo, 1),
        "elo_interval": _rounded(np.stack(ratings.interval(), axis=1), 1),
        "first_move_advantage": round(ratings.advantage, 1),
        "first_move_advantage_interval": _rounded(np.array(ratings.advantage_interval()), 1),
        "draw_margin": round(ratings.margin, 1),
        "draw_margin_interval": _rounded(np.array(ratings.margin_interval()), 1),
        "nash_weights": _rounded(average.mixture),
        "nash_skills": _rounded(average.skill),
        "alpha_rank": _rounded(alpha_rank(table.payoff)),
    }


def _rounded(numbers: np.ndarray, places: int = 6) -> list[Any]:
    return np.round(numbers, places).tolist()
