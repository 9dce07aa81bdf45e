"""Learners: pairs of `init` and `update`."""

from jaxplay.learners.alphazero import alphazero
from jaxplay.learners.base import Learner, LearnerState
from jaxplay.learners.losses import Weights
from jaxplay.learners.minimax import Minimax, hoped_for, weight_at
from jaxplay.learners.reanalysis import Reanalysis

__all__ = [
    "Learner",
    "LearnerState",
    "Minimax",
    "Reanalysis",
    "Weights",
    "alphazero",
    "hoped_for",
    "weight_at",
]
