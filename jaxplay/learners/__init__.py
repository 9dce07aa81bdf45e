"""Learners: pairs of `init` and `update`."""

from jaxplay.learners.alphazero import alphazero
from jaxplay.learners.base import Learner, LearnerState
from jaxplay.learners.losses import Weights
from jaxplay.learners.reanalysis import Reanalysis

__all__ = ["Learner", "LearnerState", "Reanalysis", "Weights", "alphazero"]
