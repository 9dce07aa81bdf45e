"""How strong players are: matches in the arena, ratings made of them, and the worth of populations."""

from jaxplay.arena._match import match
from jaxplay.arena.active import Order, Ranking, active_order, rank
from jaxplay.arena.anchors import mcts_player, random_player
from jaxplay.arena.crossplay import CrossPlay, OneAgainstAll, tabulate
from jaxplay.arena.drawn import elo_with_draws, outcome_chances
from jaxplay.arena.entrants import GivenUpError, HostPlayer, Mixture, Player
from jaxplay.arena.host import on_host, play_match
from jaxplay.arena.minimax import greedy_player, minimax_player
from jaxplay.arena.population import (
    NashAverage,
    alpha_rank,
    disc_game,
    effective_diversity,
    nash_average,
    relative_performance,
)
from jaxplay.arena.pubeval import pubeval_player
from jaxplay.arena.rating import Ratings, anchored, elo, paired_interval, wilson
from jaxplay.arena.result import ArenaResult
from jaxplay.arena.shapley import coalition_worth, shapley_values
from jaxplay.arena.tournament import Standing, Tournament, cross_play, round_robin

__all__ = [
    "ArenaResult",
    "CrossPlay",
    "GivenUpError",
    "HostPlayer",
    "Mixture",
    "NashAverage",
    "OneAgainstAll",
    "Order",
    "Player",
    "Ranking",
    "Ratings",
    "Standing",
    "Tournament",
    "active_order",
    "alpha_rank",
    "anchored",
    "coalition_worth",
    "cross_play",
    "disc_game",
    "effective_diversity",
    "elo",
    "elo_with_draws",
    "greedy_player",
    "match",
    "mcts_player",
    "minimax_player",
    "nash_average",
    "on_host",
    "outcome_chances",
    "paired_interval",
    "play_match",
    "pubeval_player",
    "random_player",
    "rank",
    "relative_performance",
    "round_robin",
    "shapley_values",
    "tabulate",
    "wilson",
]
