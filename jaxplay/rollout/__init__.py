"""Rolling out games: episodes, policies, seats and what is recorded of them."""

from jaxplay.rollout.trajectory import Trajectory

__all__ = ["Trajectory"]
