"""Leagues that compile in seconds, and their compiled programs."""

import dataclasses
from typing import Any

import jax
from quick import quick_jit
from small_programs import LEAST

from jaxplay.config import (
    LeagueConfig,
    MemberConfig,
    MinimaxConfig,
    MLPConfig,
    RefereeConfig,
    SelfPlayConfig,
    TrainingConfig,
)
from jaxplay.training import make_training

MEMBER = MemberConfig(
    matches=16, lanes=2, opponent_simulations=-1, min_steps=2, max_steps=3, min_games=1.0, confidence=0.5
)
"""Frozen every third step at the latest; its opponents do not search, which is quicker to compile."""

NOBODY = MemberConfig(count=0)

TARGET = MinimaxConfig("target", weight=0.75, anneal_updates=8)

LEAGUE = LeagueConfig(
    main_agents=dataclasses.replace(MEMBER, opponent_simulations=0),
    main_exploiters=dataclasses.replace(MEMBER, reset=1.0, models_opponent=True, minimax=TARGET),
    league_exploiters=NOBODY,
    referees=RefereeConfig(matches=8, lanes=2),
    slots=5,
)
"""A main agent, an exploiter that starts anew whenever it is frozen, and referees."""

TRAINING = dataclasses.replace(
    LEAST,
    network=MLPConfig(width=13, depth=0),
    selfplay=SelfPlayConfig(num_matches=16, num_plies=4, max_opening_plies=0),
    learner=dataclasses.replace(LEAST.learner, replay_positions=512, num_updates=1, warmup_steps=1),
    league=LEAGUE,
)
"""Of networks whose width nothing else has; they learn from step 1."""


def with_league(training: TrainingConfig = TRAINING, **changes: Any) -> TrainingConfig:
    """`training` with a league that differs in some fields."""
    assert training.league is not None
    return dataclasses.replace(training, league=dataclasses.replace(training.league, **changes))


class Program:
    """The step of a league, compiled once and for all: it refuses a state of other shapes or types."""

    def __init__(self, config: TrainingConfig = TRAINING) -> None:
        self.training = make_training(config)
        self.init = quick_jit(self.training.init)
        shapes = jax.eval_shape(self.training.init, jax.random.key(0))
        lowered = quick_jit(self.training.step, donate_argnums=0).lower(shapes)
        self.lowered = lowered.as_text()
        self.step: Any = lowered.compile()

    def run(self, state: Any, steps: int) -> tuple[Any, list[Any]]:
        """The state after `steps` from `state`, which is given up, and the metrics of each."""
        lines = []
        for _ in range(steps):
            state, metrics = self.step(state)
            lines.append(metrics)
        return state, jax.device_get(lines)
