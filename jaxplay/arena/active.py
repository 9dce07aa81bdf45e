"""An order of players by as few games as it takes: the arena chooses who meets.

A round robin plays most of its games between players whose order is known already. Here each round is a match
of the two neighbours in the order so far that stand the wrong way round with the greatest probability, after
Heckel et al. 2019, *Active ranking from pairwise comparisons*, with the ratings of Bradley and Terry in place
of scores against everybody. So the order is that of one strength: where players beat each other in circles it
depends on who met, and `round_robin` and Nash averages tell more.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
from jax import Array

from jaxplay.arena._match import match
from jaxplay.arena.entrants import Entrant
from jaxplay.arena.rating import ELO, Ratings, elo, expected_score
from jaxplay.arena.tournament import distinct
from jaxplay.errors import UserError
from jaxplay.game import Game
from jaxplay.rollout.sides import side_of_seats

Play = Callable[[int, int], float]
"""`first, second -> points` of the first in a match of so many games as always."""


class Order(NamedTuple):
    """Players in their order, the best first.

    Attributes:
        players: `(N,)` int, their numbers.
        ratings: of all players in the order in which they were given.
        num_games: `(N, N)` int, games of each pair.
        doubts: `(N - 1,)`, how likely each player of the order is weaker than the next one.
    """

    players: np.ndarray
    ratings: Ratings
    num_games: np.ndarray
    doubts: np.ndarray


def active_order(
    play: Play, num_players: int, *, batch: int, max_games: int, confidence: float = 0.95, prior: float = 1.0
) -> Order:
    """Order players by matches of `batch` games between neighbours whose order is most in doubt.

    First each player meets the next in a ring.

    Args:
        play: plays a match.
        num_players: N, two or more.
        batch: games of a match.
        max_games: games at which it ends, whatever is in doubt; at least those of the ring.
        confidence: it ends sooner where the whole order is right with so great a probability.
        prior: virtual draws of each pair that met.

    Raises:
        UserError: a number that is not allowed.
    """
    ring = num_players if num_players > 2 else 1
    if num_players < 2 or batch < 1 or not 0 < confidence < 1:
        given = f"{num_players} players, batch {batch}, confidence {confidence}"
        raise UserError(f"{given}; allowed: 2 players or more, 1 game or more, between 0 and 1")
    if max_games < ring * batch:
        raise UserError(f"max_games is {max_games}; allowed: {ring * batch} or more, a match of each player")
    points, num_games = np.zeros((num_players, num_players)), np.zeros((num_players, num_players), int)
    pairs = [(i, (i + 1) % num_players) for i in range(ring)]
    while True:
        for first, second in pairs:
            won = play(first, second)
            points[first, second] += won
            points[second, first] += batch - won
            num_games[first, second] += batch
            num_games[second, first] += batch
        order = order_of(points, num_games, prior=prior)
        worst = int(np.argmax(order.doubts))
        sure = order.doubts.max() <= (1 - confidence) / (num_players - 1)
        if sure or num_games.sum() // 2 + batch > max_games:
            return order
        pairs = [(int(order.players[worst]), int(order.players[worst + 1]))]


def order_of(points: np.ndarray, num_games: np.ndarray, *, prior: float = 1.0) -> Order:
    """The order of N players by games that were played.

    Args:
        points: `(N, N)`: scored by the row against the column.
        num_games: `(N, N)`, symmetric: games of each pair, all players connected.
        prior: virtual draws of each pair that met.
    """
    met = num_games > 0
    ratings = elo(np.where(met, points + prior / 2, 0.0))
    players = np.argsort(-ratings.elo, kind="stable")
    above, below = players[:-1], players[1:]
    covariance = _covariance(ratings.elo, num_games + prior * met)
    spread = covariance[above, above] + covariance[below, below] - 2 * covariance[above, below]
    lead = ratings.elo[above] - ratings.elo[below]
    doubts = [0.5 * math.erfc(x) for x in lead / np.sqrt(2 * np.maximum(spread, 1e-12))]
    return Order(players, ratings, num_games, np.array(doubts))


def _covariance(ratings: np.ndarray, num_games: np.ndarray) -> np.ndarray:
    """`(N, N)`, in Elo points: the inverse of the information of games, whose mean rating is fixed."""
    chance = expected_score(ratings[:, None] - ratings[None])
    weight = num_games * chance * (1 - chance) / ELO**2
    return np.linalg.pinv(np.diag(weight.sum(1)) - weight, hermitian=True)


class Ranking(NamedTuple):
    """What `rank` found.

    Attributes:
        names: of the players as they were given, numbered where two were the same.
        order: of them.
    """

    names: tuple[str, ...]
    order: Order


def rank(
    game: Game[Any],
    players: Sequence[Entrant],
    *,
    max_games: int,
    key: Array,
    batch: int = 32,
    opening_plies: int = 0,
    confidence: float = 0.95,
    report: Callable[[str, str, float], None] = lambda first, second, score: None,
) -> Ranking:
    """Find the order of players of a game with two sides, see `active_order`.

    Args:
        game: with two sides.
        players: two or more, agents or players of the arena.
        max_games: in all.
        key: of openings and all luck; no two matches have the same.
        batch: games of a match, an even number.
        opening_plies: see `jaxplay.arena.match`.
        confidence: see `active_order`.
        report: is given the names and the score of the first after each match.

    Raises:
        UserError: another game, or a number that is not allowed.
    """
    if int(side_of_seats(game).max()) != 1:
        raise UserError("an order by strength is of games with two sides; elsewhere round_robin tells")
    entries, played = distinct(players), 0

    def play(first: int, second: int) -> float:
        nonlocal played
        played += 1
        pair = [entries[first], entries[second]]
        luck = jax.random.fold_in(key, played)
        result = match(game, pair, num_games=batch, key=luck, opening_plies=opening_plies, by_ply=True)
        report(entries[first].name, entries[second].name, result.score)
        return result.score * batch

    order = active_order(play, len(entries), batch=batch, max_games=max_games, confidence=confidence)
    return Ranking(tuple(entry.name for entry in entries), order)
