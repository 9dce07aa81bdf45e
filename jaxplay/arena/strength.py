"""How strong a player in training is: its score against anchors, and a rating made of it."""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import jax
import numpy as np
from jax import Array

from jaxplay.arena._match import match
from jaxplay.arena.anchors import mcts_player, random_player
from jaxplay.arena.entrants import Player
from jaxplay.arena.rating import anchored, elo
from jaxplay.arena.result import ArenaResult
from jaxplay.errors import UserError
from jaxplay.game import Game
from jaxplay.solve import oracle, solve, solver_act

SOLVABLE_PLIES = 12
"""No game with more decisions is tried to be solved for an anchor."""
SOLVABLE_STATES = 50_000
PRIOR = 1.0
"""Virtual draws, so that who wins every game has a finite rating."""


class Anchors(NamedTuple):
    """Players of known strength, the weakest first."""

    players: tuple[Player, ...]
    ratings: tuple[float, ...]
    """In Elo points above random play."""


class Strength(NamedTuple):
    """What an evaluation found."""

    rating: float
    """In Elo points above random play; nan where the game has not two players."""
    error: float
    """Standard error of `rating`, that of the anchors' ratings left out."""
    scores: dict[str, float]
    """Share of the points against each anchor; in a one-player game the mean return."""

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Lower and upper bound of `rating`."""
        margin = NormalDist().inv_cdf((1 + confidence) / 2) * self.error
        return self.rating - margin, self.rating + margin


def make_anchors(game: Game[Any], num_simulations: int, num_games: int, key: Array) -> Anchors:
    """The anchors that suit `game`, rated by games among themselves.

    Args:
        game: any; only one for two players has anchors.
        num_simulations: of the anchor that searches.
        num_games: between each anchor and the next.
        key: of these games; the same key gives the same ratings.
    """
    if game.num_players != 2:
        return Anchors((), ())
    players = [random_player()]
    if game.perfect_information:
        players.append(mcts_player(game, num_simulations))
        players += _solver(game)
    wins, draws = np.zeros((2, len(players), len(players)))
    for i in range(len(players) - 1):
        pair, plies = players[i : i + 2], opening_plies(game)
        result = match(game, pair, num_games=num_games, key=key, opening_plies=plies, by_ply=True)
        wins[i, i + 1], wins[i + 1, i] = sum(result.wins), sum(result.losses)
        draws[i, i + 1] = draws[i + 1, i] = sum(result.draws)
    ratings = elo(wins, draws, prior=PRIOR).elo if len(players) > 1 else np.zeros(1)
    return Anchors(tuple(players), tuple(float(rating - ratings[0]) for rating in ratings))


def _solver(game: Game[Any]) -> list[Player]:
    """The player that never errs, where it costs little."""
    if game.max_plies > SOLVABLE_PLIES:
        return []
    try:
        return [Player("solver", solver_act, oracle(solve(game, max_states=SOLVABLE_STATES)))]
    except UserError:
        return []


def opening_plies(game: Game[Any]) -> int:
    """Random plies that make games between the same two players differ."""
    return min(4, game.max_plies // 10 + 1)


def measure_strength(
    game: Game[Any], player: Player, anchors: Anchors, num_games: int, key: Array
) -> tuple[Strength, tuple[ArenaResult, ...]]:
    """Let `player` meet each anchor in `num_games` games.

    Returns:
        Its strength, and each match.
    """
    if game.num_players > 2:
        return Strength(math.nan, math.nan, {}), ()
    opponents = anchors.players if game.num_players == 2 else (None,)
    results = tuple(
        meet(game, player, opponent, num_games, jax.random.fold_in(key, i))
        for i, opponent in enumerate(opponents)
    )
    if game.num_players == 1:
        return Strength(math.nan, math.nan, {"return": results[0].mean_return}), results
    return strength_of(anchors, results), results


def meet(game: Game[Any], player: Player, opponent: Player | None, num_games: int, key: Array) -> ArenaResult:
    """Games of `player` with one opponent, or alone where the game has one player."""
    players = [player] if opponent is None else [player, opponent]
    return match(game, players, num_games=num_games, key=key, opening_plies=opening_plies(game), by_ply=True)


def strength_of(anchors: Anchors, results: Sequence[ArenaResult]) -> Strength:
    """The strength of a player in a game for two, by its results against each of the anchors."""
    games = np.array([result.num_games for result in results])
    points = np.array([result.score for result in results]) * games
    rating, error = anchored(points, games, np.array(anchors.ratings), PRIOR)
    scores = {opponent.name: result.score for opponent, result in zip(anchors.players, results, strict=True)}
    return Strength(rating, error, scores)
