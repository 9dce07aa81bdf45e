"""A training that compiles in seconds, for tests that compile it in several ways."""

import dataclasses

from small_runs import TRAINING

from jaxplay.config import MLPConfig, PUCTConfig, SelfPlayConfig

LEAST = dataclasses.replace(
    TRAINING,
    network=MLPConfig(width=8, depth=0),
    search=PUCTConfig(num_simulations=2, dirichlet_fraction=0.0),
    selfplay=SelfPlayConfig(num_matches=16, num_plies=2, max_opening_plies=0),
    learner=dataclasses.replace(TRAINING.learner, min_positions=64, augment=False),
)
"""No noise, openings or symmetries, which take most of the time to compile; it learns from step 2."""
