"""What a learner is."""

from collections.abc import Callable
from typing import Any, NamedTuple

from jax import Array

from jaxplay.evaluator import Params
from jaxplay.rollout import Trajectory
from jaxplay.struct import pytree


@pytree
class LearnerState:
    """Everything that a learner changes.

    Attributes:
        params: what gradients are applied to.
        ema: exponential moving average of `params`: what plays and is evaluated.
        opt_state: the optimizer's.
        memory: what it remembers of moves, with a leading axis of shards.
        updates: `()` int32, gradient steps taken.
        began: `()` int32, those of them before its generation: before it was last frozen, in a league.
    """

    params: Params
    ema: Params
    opt_state: Any
    memory: Any
    updates: Array
    began: Array

    @property
    def in_generation(self) -> Array:
        """`()` int32: gradient steps of its generation."""
        return self.updates - self.began


class Learner(NamedTuple):
    """Pure functions.

    Attributes:
        init: `key, example -> LearnerState`; `example` are moves of one shard, arrays or shapes.
        update: `LearnerState, Trajectory, key -> (LearnerState, metrics)`; the trajectory has a leading axis
            of shards.
        restart: `LearnerState, params -> LearnerState`, a learner that begins with `params` and remembers
            nothing, neither moves nor moments.
    """

    init: Callable[[Array, Trajectory], LearnerState]
    update: Callable[[LearnerState, Trajectory, Array], tuple[LearnerState, dict[str, Array]]]
    restart: Callable[[LearnerState, Params], LearnerState]
