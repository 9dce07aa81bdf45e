"""Self-play: matches of games, recorded for learners."""

from jaxplay.selfplay.draw import Temperature
from jaxplay.selfplay.loop import Cheap, SelfPlay, selfplay
from jaxplay.selfplay.match import Match
from jaxplay.selfplay.record import summary
from jaxplay.selfplay.resignation import Resignation

__all__ = ["Cheap", "Match", "Resignation", "SelfPlay", "Temperature", "selfplay", "summary"]
