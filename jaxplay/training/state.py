"""What training is made of: its state, and a pair of pure functions."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
from jax import Array

from jaxplay.league import LeagueState
from jaxplay.learners import LearnerState
from jaxplay.rollout import MatchState
from jaxplay.struct import pytree

Metrics = dict[str, Array]


@pytree
class TrainState:
    """Everything that a run is.

    Attributes:
        learners: one state per learner.
        matches: one per learner, with a leading axis of shards; after them those of referees, if there are
            any.
        league: frozen players and payoffs; of an exploiter the one player that it meets; None in plain
            self-play.
        key: typed key; that of a step is `fold_in(key, step)`.
        step: `()` int32, steps done.
    """

    learners: tuple[LearnerState, ...]
    matches: tuple[MatchState, ...]
    league: LeagueState | None
    key: Array
    step: Array


class Training(NamedTuple):
    """The whole program; `init` and `step` are pure.

    Attributes:
        init: `key -> TrainState`.
        step: `TrainState -> (TrainState, Metrics)`.
        divided: `TrainState -> ` a prefix of its tree, True where leaves have a leading axis of shards.
    """

    init: Callable[[Array], TrainState]
    step: Callable[[TrainState], tuple[TrainState, Metrics]]
    divided: Callable[[TrainState], Any]


def compile_step(training: Training) -> jax.stages.Wrapped:
    """The one jit of the step. Its argument is donated: use the state that it returns."""
    return jax.jit(training.step, donate_argnums=0)
