"""Self-play: matches of games, recorded for learners."""

from jaxplay.selfplay.draw import Temperature
from jaxplay.selfplay.lanes import LanePlay, Lanes, Played, Results, Thoughts, due, expire, lane_play, renew
from jaxplay.selfplay.loop import Cheap, SelfPlay, selfplay
from jaxplay.selfplay.match import Match
from jaxplay.selfplay.record import summary
from jaxplay.selfplay.resignation import Resignation
from jaxplay.selfplay.sides import Find, apart, by_halves, lanewise, sides_of, together

__all__ = [
    "Cheap",
    "Find",
    "LanePlay",
    "Lanes",
    "Match",
    "Played",
    "Resignation",
    "Results",
    "SelfPlay",
    "Temperature",
    "Thoughts",
    "apart",
    "by_halves",
    "due",
    "expire",
    "lane_play",
    "lanewise",
    "renew",
    "selfplay",
    "sides_of",
    "summary",
    "together",
]
