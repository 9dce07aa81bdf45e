"""What a learner is."""

from collections.abc import Callable
from functools import singledispatch
from typing import Any, NamedTuple, Protocol

import optax
from jax import Array

from jaxplay.config import LearnerConfig, MinimaxConfig, TrainingConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import Evaluate, Network, Params
from jaxplay.game import Game
from jaxplay.policies import Policy
from jaxplay.rollout import Trajectory
from jaxplay.search import Opponent
from jaxplay.shards import ONE_SHARD, Shards
from jaxplay.struct import pytree


@pytree
class LearnerState:
    """Everything that a learner changes.

    Attributes:
        params: what gradients are applied to.
        ema: exponential moving average of `params`: what is evaluated and frozen, and most learners play by.
        opt_state: the optimizer's.
        memory: what the learner keeps of trajectories, such as a replay ring, with a leading axis of shards.
        updates: `()` int32, gradient steps taken.
        began: `()` int32, those of them before its generation: before it was last frozen, in a league.
        besides: what else a learner changes, the same in all shards, such as a critic; None of most.
    """

    params: Params
    ema: Params
    opt_state: Any
    memory: Any
    updates: Array
    began: Array
    besides: Any = None

    @property
    def in_generation(self) -> Array:
        """`()` int32: gradient steps of its generation."""
        return self.updates - self.began


class MakePolicy(Protocol):
    """How a learner plays, with any parameters that an evaluator values positions by."""

    def __call__(
        self,
        evaluate: Evaluate,
        *,
        opponent: Opponent | None = None,
        num_simulations: int | None = None,
        learns: bool = True,
        explores: bool = True,
    ) -> Policy:
        """A policy of the learner's kind.

        Args:
            evaluate: values positions by the policy's parameters: the learner's own, or those of the players
                of several lanes.
            opponent: whom it knows and models; the policy then takes `jaxplay.search.SearchParams`.
            num_simulations: of its searches; None: as the learner does; 0: without search.
            learns: whether its decisions are learned from; others need no playout cap.
            explores: whether its searches have noise; referees' players have none.

        Raises:
            UserError: a learner that does not search is to search, or to model an opponent.
        """
        ...


def _by_average(state: LearnerState) -> Params:
    return state.ema


class Learner(NamedTuple):
    """Pure functions, and what the learner needs of others.

    Attributes:
        policy: how it plays.
        init: `key, example -> LearnerState`; `example` is a trajectory of one shard, arrays or shapes.
        update: `LearnerState, Trajectory, key -> (LearnerState, metrics)`; the trajectory has a leading axis
            of shards.
        restart: `LearnerState, params -> LearnerState`, a learner that begins with `params` and remembers
            nothing, neither moves nor moments.
        endings: whether trajectories are to record how games ended.
        divided: fields of its state that have a leading axis of shards, which devices divide.
        acting: `LearnerState -> params`, by which it plays in training.
    """

    policy: MakePolicy
    init: Callable[[Array, Trajectory], LearnerState]
    update: Callable[[LearnerState, Trajectory, Array], tuple[LearnerState, dict[str, Array]]]
    restart: Callable[[LearnerState, Params], LearnerState]
    endings: bool = False
    divided: tuple[str, ...] = ("memory",)
    acting: Callable[[LearnerState], Params] = _by_average


class Setting(NamedTuple):
    """Where a learner learns.

    Attributes:
        training: the configuration of its training.
        game: that is learned.
        network: that is trained.
        minimax: what it makes of the estimates of opponents that it models; None: nothing.
        in_lanes: whether about half of the positions of a trajectory are its opponents', or waited.
        shards: how matches and memory are divided.
        optimizer: of the network's parameters; None: the one that the learner's configuration describes.
    """

    training: TrainingConfig
    game: Game[Any]
    network: Network
    minimax: MinimaxConfig | None = None
    in_lanes: bool = False
    shards: Shards = ONE_SHARD
    optimizer: optax.GradientTransformation | None = None


@singledispatch
def build_learner(config: LearnerConfig, setting: Setting) -> Learner:
    """The learner that a configuration describes; each kind registers how it is built.

    Args:
        config: of the learner.
        setting: where it learns.

    Raises:
        UserError: nobody registered this kind, or the game is one that the learner cannot learn.
    """
    raise UserError(f"no learner is registered for {type(config).__name__}")
