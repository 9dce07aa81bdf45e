"""How strong players are: matches in the arena, ratings made of them, and the worth of populations."""

from jaxplay.arena.anchors import mcts_player, random_player
from jaxplay.arena.arena import arena
from jaxplay.arena.crossplay import CrossPlay, tabulate
from jaxplay.arena.drawn import elo_with_draws, outcome_chances
from jaxplay.arena.entrants import Mixture, Player
from jaxplay.arena.glicko import Met, Rated, glicko, glicko2
from jaxplay.arena.match import HostPlayer, on_host, play_match
from jaxplay.arena.population import (
    NashAverage,
    alpha_rank,
    disc_game,
    effective_diversity,
    nash_average,
    relative_performance,
)
from jaxplay.arena.rating import Ratings, anchored, elo, paired_interval, wilson
from jaxplay.arena.result import ArenaResult
from jaxplay.arena.tournament import Tournament, cross_play, round_robin

__all__ = [
    "ArenaResult",
    "CrossPlay",
    "HostPlayer",
    "Met",
    "Mixture",
    "NashAverage",
    "Player",
    "Rated",
    "Ratings",
    "Tournament",
    "alpha_rank",
    "anchored",
    "arena",
    "cross_play",
    "disc_game",
    "effective_diversity",
    "elo",
    "elo_with_draws",
    "glicko",
    "glicko2",
    "mcts_player",
    "nash_average",
    "on_host",
    "outcome_chances",
    "paired_interval",
    "play_match",
    "random_player",
    "relative_performance",
    "round_robin",
    "tabulate",
    "wilson",
]
