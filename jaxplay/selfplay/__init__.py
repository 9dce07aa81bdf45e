"""Self-play: matches of games, recorded for learners."""

from jaxplay.selfplay.draw import Temperature
from jaxplay.selfplay.lanes import LanePlay, Lanes, Results, Ways, due, expire, lane_play, renew
from jaxplay.selfplay.loop import Cheap, SelfPlay, selfplay
from jaxplay.selfplay.match import Match
from jaxplay.selfplay.record import summary
from jaxplay.selfplay.resignation import Resignation
from jaxplay.selfplay.sides import lanewise, sides_of

__all__ = [
    "Cheap",
    "LanePlay",
    "Lanes",
    "Match",
    "Resignation",
    "Results",
    "SelfPlay",
    "Temperature",
    "Ways",
    "due",
    "expire",
    "lane_play",
    "lanewise",
    "renew",
    "selfplay",
    "sides_of",
    "summary",
]
