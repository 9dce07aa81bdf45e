"""Learners: what they make of trajectories, and how they play to make them."""

from jaxplay.learners import policy_gradient
from jaxplay.learners._alphazero import alphazero, loss_weights
from jaxplay.learners.base import Learner, LearnerState, MakePolicy, Setting, build_learner
from jaxplay.learners.losses import LossWeights
from jaxplay.learners.minimax import minimax_value_target, weight_at
from jaxplay.learners.optimizer import make_optimizer
from jaxplay.learners.playing import searching
from jaxplay.learners.preferences import Prefer, by_preference
from jaxplay.learners.reanalysis import Reanalysis

__all__ = [
    "Learner",
    "LearnerState",
    "LossWeights",
    "MakePolicy",
    "Prefer",
    "Reanalysis",
    "Setting",
    "alphazero",
    "build_learner",
    "by_preference",
    "loss_weights",
    "make_optimizer",
    "minimax_value_target",
    "policy_gradient",
    "searching",
    "weight_at",
]
