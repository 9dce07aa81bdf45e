"""What training is made of: its state, and a pair of pure functions."""

from collections.abc import Callable
from typing import NamedTuple

import jax
from jax import Array

from jaxplay.evaluator import Params
from jaxplay.league import LeagueState
from jaxplay.learners import LearnerState
from jaxplay.selfplay import Lanes, Match
from jaxplay.struct import pytree

Metrics = dict[str, Array]


@pytree
class TrainState:
    """Everything that a run is.

    Attributes:
        learners: one state per learner.
        matches: one per learner, with a leading axis of shards; in a league in lanes, after the learners'
            those of referees, if there are any.
        league: None in plain self-play.
        key: typed key; that of a step is `fold_in(key, step)`.
        step: `()` int32, steps done.
        opponent: parameters of the frozen player that an exploiter meets; None otherwise.
    """

    learners: tuple[LearnerState, ...]
    matches: tuple[Match | Lanes, ...]
    league: LeagueState | None
    key: Array
    step: Array
    opponent: Params | None = None


class Training(NamedTuple):
    """`init: key -> TrainState`, `step: TrainState -> (TrainState, Metrics)`; both pure."""

    init: Callable[[Array], TrainState]
    step: Callable[[TrainState], tuple[TrainState, Metrics]]


def compile_step(training: Training) -> jax.stages.Wrapped:
    """The one jit of the step. Its argument is donated: use the state that it returns."""
    return jax.jit(training.step, donate_argnums=0)
