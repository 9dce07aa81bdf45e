"""Round robin: every player meets every other, and ratings are made of all games."""

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from jax import Array

from jaxplay.evaluate.arena import Player, arena
from jaxplay.evaluate.rating import Ratings, elo
from jaxplay.evaluate.result import ArenaResult
from jaxplay.game import Game

PRIOR = 1.0
"""Virtual draws for each pair, so that who wins every game has a finite rating."""


class Tournament(NamedTuple):
    """What came of a round robin of N players."""

    matches: tuple[ArenaResult, ...]
    """One for each pair, in the order of the players."""
    ratings: Ratings


def round_robin(
    game: Game[Any],
    players: Sequence[Player],
    *,
    num_games: int,
    key: Array,
    opening_plies: int = 0,
    report: Callable[[ArenaResult], None] = lambda result: None,
) -> Tournament:
    """Play `num_games` games between each two players; all pairs meet the same openings.

    Args:
        game: for two players.
        players: two or more.
        num_games: see `arena`.
        key: see `arena`.
        opening_plies: see `arena`.
        report: is given each match when it is over.

    Raises:
        UserError: see `arena`.
    """
    tables = np.zeros((3, len(players), len(players)))
    matches = []
    for i, j in combinations(range(len(players)), 2):
        match = arena(game, players[i], players[j], num_games=num_games, key=key, opening_plies=opening_plies)
        report(match)
        matches.append(match)
        by_seat = np.array([match.wins, match.draws, match.losses])
        tables[:, i, j] = by_seat[:, 0]
        tables[:, j, i] = by_seat[::-1, 1]
    return Tournament(tuple(matches), elo(*tables, prior=PRIOR))
