"""A short run of the real step: positions a second on this machine, learning included."""

import time
from collections.abc import Callable
from typing import NamedTuple

import jax

from jaxplay.config import TrainingConfig
from jaxplay.planning.plan import compiled_bytes
from jaxplay.run.program import make_program

LEAST_STEPS = 3
"""That are timed, however long they take."""


class Probe(NamedTuple):
    """What a short run came to.

    Attributes:
        positions_per_second: the median over its steps.
        steps: how many were timed.
        compile_seconds: of the step, by the clock.
        compiled: bytes that the compiler reports; None where it does not.
    """

    positions_per_second: float
    steps: int
    compile_seconds: float
    compiled: int | None

    def hours(self, positions: float) -> float:
        """Hours to so many positions."""
        return positions / self.positions_per_second / 3600.0


def probe(
    config: TrainingConfig, seconds: float = 20.0, *, clock: Callable[[], float] = time.perf_counter
) -> Probe:
    """Compile the step, and train for some seconds; nothing is written.

    Steps before the first gradient step are not timed.

    Args:
        config: what to train; no exploiter.
        seconds: of the run, after compilation.
        clock: that tells seconds.

    Raises:
        UserError: it does not fit.
    """
    began = clock()
    program = make_program(config)
    step = program.step
    compiled, state = clock() - began, program.start()
    rates: list[float] = []
    began = clock()
    while clock() - began < seconds or len(rates) < LEAST_STEPS:
        start, before = clock(), int(state.learners[0].updates)
        state, metrics = step(state)
        positions = float(jax.block_until_ready(metrics)["positions"])
        if int(state.learners[0].updates) > before:
            rates.append(positions / (clock() - start))
    middle = sorted(rates)[len(rates) // 2]
    return Probe(middle, len(rates), compiled, compiled_bytes(step))
