"""Policy gradients: proximal policy optimization and its regularized kin, for any game."""

from jaxplay.learners.policy_gradient._critic import expected_sarsa
from jaxplay.learners.policy_gradient._decisions import (
    Decisions,
    Estimates,
    Pending,
    decisions_of,
    estimate,
    settle,
    still_pending,
)
from jaxplay.learners.policy_gradient._learner import policy_gradient
from jaxplay.learners.policy_gradient._loss import surrogate

__all__ = [
    "Decisions",
    "Estimates",
    "Pending",
    "decisions_of",
    "estimate",
    "expected_sarsa",
    "policy_gradient",
    "settle",
    "still_pending",
    "surrogate",
]
