"""How strong a player is: matches in the arena and ratings made of them."""

from jaxplay.evaluate.anchors import mcts_player, random_player
from jaxplay.evaluate.arena import Player, arena
from jaxplay.evaluate.match import HostPlayer, on_host, play_match
from jaxplay.evaluate.rating import Ratings, anchored, elo, wilson
from jaxplay.evaluate.result import ArenaResult

__all__ = [
    "ArenaResult",
    "HostPlayer",
    "Player",
    "Ratings",
    "anchored",
    "arena",
    "elo",
    "mcts_player",
    "on_host",
    "play_match",
    "random_player",
    "wilson",
]
