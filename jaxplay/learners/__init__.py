"""Learners: pairs of `init` and `update`."""

from jaxplay.learners.alphazero import alphazero
from jaxplay.learners.base import Learner, LearnerState

__all__ = ["Learner", "LearnerState", "alphazero"]
