"""A run that several processes share: the first leads it, the others do what it says.

The leader has the clock, the folder and the display. Before each thing that all processes must do together it
gives an order, through the key-value store of JAX's coordination service, which no device waits for. So there
is one loop, decisions that hang on the clock are made once, and nobody waits inside a collective while the
leader evaluates or writes.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import jax

from jaxplay.config import RunConfig, to_json
from jaxplay.errors import UserError
from jaxplay.run.program import Program
from jaxplay.run.signals import Request

COMPILED = "compiled"
"""Where all meet before their first collective, which waits for nobody long."""
STEP, GATHER, END, FAILED = "step", "gather", "end", "failed"
"""What the leader orders: a step of training; the state to be gathered; no more, in success or failure."""
PATIENCE = 10.0
"""Seconds after which a process that waits for an order asks again."""
COMPILING = 7200.0
"""Seconds that a process waits for others which compile."""
KEPT = 64
"""Orders that stay in the store; the others are deleted."""


class LostError(UserError):
    """Another process of the run is gone, so it cannot go on."""


class Orders:
    """The orders of one run, in the order in which the leader gives them.

    Args:
        client: of JAX's coordination service.
    """

    def __init__(self, client: Any) -> None:
        self._client, self._number = client, 0

    def give(self, order: str) -> None:
        """Tell all other processes what to do next."""
        with lost_processes():
            self._client.key_value_set(self._key(self._number), order)
            if self._number >= KEPT:
                self._client.key_value_delete(self._key(self._number - KEPT))
        self._number += 1

    def take(self) -> str:
        """Wait for the next order.

        Raises:
            LostError: the leader is gone.
        """
        while True:
            try:
                with lost_processes():
                    key = self._key(self._number)
                    order = self._client.blocking_key_value_get(key, int(1000 * PATIENCE))
            except LostError as error:
                if "DEADLINE_EXCEEDED" in str(error.__cause__):
                    continue
                raise
            self._number += 1
            return order

    def meet(self, place: str, seconds: float = COMPILING) -> None:
        """Wait until all processes have come to `place`.

        Raises:
            LostError: one does not come.
        """
        with lost_processes():
            self._client.wait_at_barrier(f"jaxplay/{place}", int(1000 * seconds))

    def part(self) -> None:
        """Let the others leave first, for a while: without the leader they could not end in good order."""
        with suppress(LostError):
            self.give(FAILED)
            self.meet("parting", PATIENCE)

    def _key(self, number: int) -> str:
        return f"jaxplay/orders/{number}"


def is_leader() -> bool:
    """Whether this process writes and shows what there is to see."""
    return jax.process_index() == 0


def make_orders() -> Orders | None:
    """The orders of the processes of this job; None where there is one only."""
    if jax.process_count() == 1:
        return None
    from jax._src.distributed import global_state  # the store has no public name

    return Orders(global_state.client)


@contextmanager
def lost_processes() -> Iterator[None]:
    """Errors of JAX inside mean, where several processes share a run, that one of them is gone.

    Raises:
        LostError: one is.
    """
    try:
        yield
    except jax.errors.JaxRuntimeError as error:
        if jax.process_count() == 1 or "RESOURCE_EXHAUSTED" in str(error):
            raise
        reason = (str(error) or type(error).__name__).splitlines()[0][:160]
        raise LostError(f"another process of this run is gone ({reason})") from error


def digest(config: RunConfig) -> str:
    """What two processes compare to know that they have the same settings."""
    return hashlib.sha256(json.dumps(to_json(config), sort_keys=True).encode()).hexdigest()[:16]


def led(step: Callable[[Any], Any], orders: Orders, number: int, request: Request) -> Callable[[Any], Any]:
    """`step`, done by all processes; a notice of preemption to any of them is a request to stop.

    Args:
        step: compiled.
        orders: of the leader.
        number: steps that were done before.
        request: is made once all processes are to stop.
    """
    done = number

    def run(state: Any) -> Any:
        nonlocal done
        orders.give(STEP)
        found = step(state)
        done += 1
        request.made |= _preempted(done)
        return found

    return run


def follow(program: Program, state: Any, orders: Orders) -> bool:
    """Do what the leader says, from `state` on. Whether the leader ended well."""
    step, done = program.step, int(state.step)
    orders.meet(COMPILED)
    while True:
        order = orders.take()
        with lost_processes():
            if order == STEP:
                state, metrics = step(state)
                done += 1
                _preempted(done)
                jax.block_until_ready(metrics)  # whoever is lost comes to light here, not at a later order
            elif order == GATHER:
                program.gather(state)
        if order in (END, FAILED):
            return order == END


def _preempted(step: int) -> bool:
    """Whether all processes stop here, as one of them was told to; all of them ask after each step."""
    from jax.experimental.multihost_utils import reached_preemption_sync_point

    return reached_preemption_sync_point(step)
