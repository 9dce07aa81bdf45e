"""The compiled program of a run."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property, lru_cache
from typing import Any

import jax

from jaxplay.config import TrainingConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import Params
from jaxplay.run.devices import copied_bytes, usable_devices
from jaxplay.sharding import gather, put, sharded_training
from jaxplay.training import TrainState, against, compile_step, make_training

KEPT = 4
"""Programs that stay compiled, for those who train the same thing again in one process."""


@contextmanager
def fitting() -> Iterator[None]:
    """What is done inside fits into this machine.

    Raises:
        UserError: it does not: there is no memory for it, or its sizes are beyond what arrays can have.
    """
    try:
        yield
    except (MemoryError, OverflowError) as error:
        raise UserError(f"training of this size does not fit into this machine: {_reason(error)}") from error
    except jax.errors.JaxRuntimeError as error:
        if "RESOURCE_EXHAUSTED" not in str(error):
            raise
        raise UserError(f"training of this size does not fit into memory: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:160]


class Program:
    """What a configuration of training comes to.

    Args:
        config: of training.
        devices: that divide its shards, the first that there are; 0: as many as can.

    Attributes:
        devices: see above.

    Raises:
        UserError: see `jaxplay.training.make_training`.
    """

    def __init__(self, config: TrainingConfig, devices: int = 0) -> None:
        self.devices = devices or usable_devices(config.num_shards)
        if config.num_shards > 1:
            self._training = sharded_training(config, jax.devices()[: self.devices])
        else:
            self._training = make_training(config)
        self._config = config
        self.key = jax.random.key(config.seed)
        self.exploits = config.exploiter is not None
        self.abstract: TrainState = jax.eval_shape(self._training.init, self.key)

    @property
    def compiled(self) -> bool:
        """Whether `step` is there already."""
        return "step" in vars(self)

    @cached_property
    def step(self) -> Any:
        """`TrainState -> (TrainState, metrics)`, compiled at the first access; donates its argument."""
        return compile_step(self._training).lower(self.abstract).compile()

    @cached_property
    def _init(self) -> Any:
        return self._training.init if self._config.num_shards > 1 else jax.jit(self._training.init)

    def start(self, opponent: Params | None = None) -> TrainState:
        """The state of step 0; of an exploiter, with the parameters of the player that it meets."""
        state = self._init(self.key)
        return state if opponent is None else self.place(against(self._config, state, opponent))

    def place(self, state: TrainState) -> TrainState:
        """`state`, which is whole here, on the devices where `step` wants it."""
        return put(state, self.step.input_shardings[0][0])

    def gather(self, state: TrainState) -> TrainState:
        """The whole of `state` in this process. All processes of a run must call it."""
        return gather(state)

    @property
    def copied_bytes(self) -> int:
        """Bytes that all devices but the first take for what each keeps a copy of."""
        return copied_bytes(self.abstract, self._training.divided(self.abstract), self.devices)


@lru_cache(KEPT)
def make_program(config: TrainingConfig, devices: int = 0) -> Program:
    """The program of `config` on so many devices; equal arguments share one.

    Raises:
        UserError: see `Program` and `fitting`.
    """
    with fitting():
        return Program(config, devices)
