"""Rolling out games: episodes, seats, who evaluates what, and what is recorded."""

from jaxplay.rollout._halves import halves, joint, paired
from jaxplay.rollout._rollout import Rolled, Rollout, rollout
from jaxplay.rollout.dispatch import Dispatch, MatchState, Roster, Turn, shared
from jaxplay.rollout.lanes import LaneState, Periods, Results, due, expire, renew
from jaxplay.rollout.matches import EpisodeState
from jaxplay.rollout.record import summary
from jaxplay.rollout.sides import by_halves, lanewise, side_returns, sides_of
from jaxplay.rollout.trajectory import Trajectory

__all__ = [
    "Dispatch",
    "EpisodeState",
    "LaneState",
    "MatchState",
    "Periods",
    "Results",
    "Rolled",
    "Rollout",
    "Roster",
    "Trajectory",
    "Turn",
    "by_halves",
    "due",
    "expire",
    "halves",
    "joint",
    "lanewise",
    "paired",
    "renew",
    "rollout",
    "shared",
    "side_returns",
    "sides_of",
    "summary",
]
