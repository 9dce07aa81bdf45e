"""Self-play: matches of games, recorded for learners."""

from jaxplay.selfplay.draw import Temperature
from jaxplay.selfplay.lanes import (
    Find,
    LanePlay,
    Lanes,
    Results,
    apart,
    due,
    expire,
    lane_play,
    renew,
    together,
)
from jaxplay.selfplay.loop import Cheap, SelfPlay, selfplay
from jaxplay.selfplay.match import Match
from jaxplay.selfplay.record import summary
from jaxplay.selfplay.resignation import Resignation
from jaxplay.selfplay.sides import by_halves, lanewise, sides_of

__all__ = [
    "Cheap",
    "Find",
    "LanePlay",
    "Lanes",
    "Match",
    "Resignation",
    "Results",
    "SelfPlay",
    "Temperature",
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
