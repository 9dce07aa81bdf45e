"""Learning beside others who learn: shaping and modelling opponents, and what social games come to."""

from jaxplay.shaping.imagined import mbom
from jaxplay.shaping.meeting import Learned, learn
from jaxplay.shaping.online import OnlinePlayer, actor_critic, live
from jaxplay.shaping.rounds import Repeated, evaluate, mean_rewards, repeated
from jaxplay.shaping.strategies import strategy
from jaxplay.shaping.updates import Update, lola, loqa, naive, stay

__all__ = [
    "Learned",
    "OnlinePlayer",
    "Repeated",
    "Update",
    "actor_critic",
    "evaluate",
    "learn",
    "live",
    "lola",
    "loqa",
    "mbom",
    "mean_rewards",
    "naive",
    "repeated",
    "stay",
    "strategy",
]
