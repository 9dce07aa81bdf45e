"""A run that several processes share: the first leads it, the others do what it says.

The leader has the clock, the folder and the display. Before each thing that all processes must do together it
gives an order, through the key-value store of JAX's coordination service, which no device waits for. So there
is one loop, decisions that hang on the clock are made once, and nobody waits inside a collective while the
leader evaluates or writes.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any

import jax

from jaxplay.config import RunConfig, to_json
from jaxplay.errors import UserError
from jaxplay.run.program import Program
from jaxplay.run.signals import Request

SETTINGS, STANDING, LEAVES = "settings", "standing", "leaves"
"""What the others report: the digest of their settings; `READY`; that they leave after a failure."""
READY, GONE = "ready", "gone"
"""A process has compiled, so that the first collective waits for nobody long; it leaves instead."""
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
    """The orders of one run, in the order in which the leader gives them, and what the others report.

    Args:
        client: of JAX's coordination service.
        process: number of this process; 0 leads.
        processes: how many there are.
    """

    def __init__(self, client: Any, process: int, processes: int) -> None:
        self._client, self._process, self._processes = client, process, processes
        self._number = 0

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

    def report(self, about: str, text: str) -> None:
        """Tell the leader something about this process, once; a leader that is gone hears nothing."""
        with suppress(LostError), lost_processes():
            self._client.key_value_set(f"jaxplay/{about}/{self._process}", text)

    def hear(self, about: str) -> list[str]:
        """What all processes but the leader report, once they have.

        Raises:
            UserError: one reports that it leaves.
        """
        numbers, limit = range(1, self._processes), int(1000 * COMPILING)
        with lost_processes():
            found = [self._client.blocking_key_value_get(f"jaxplay/{about}/{i}", limit) for i in numbers]
        if GONE in found:
            raise UserError(f"process {found.index(GONE) + 1} cannot begin; it says why")
        return found

    def fail(self) -> None:
        """Tell all other processes that there is nothing more to do, as this one cannot go on."""
        with suppress(LostError):
            self.give(FAILED)

    def part(self) -> None:
        """Leave after a failure; the leader last, as long as that takes not too long.

        Without the leader the others could not end in good order: their coordination service is its.
        """
        if self._process > 0:
            for about in (SETTINGS, STANDING, LEAVES):
                self.report(about, GONE)
            return
        self.fail()
        deadline = time.monotonic() + PATIENCE
        with suppress(LostError), lost_processes():
            while len(self._client.key_value_dir_get(f"jaxplay/{LEAVES}/")) < self._processes - 1:
                if time.monotonic() > deadline:
                    return
                time.sleep(0.1)

    def _key(self, number: int) -> str:
        return f"jaxplay/orders/{number}"


def is_leader() -> bool:
    """Whether this process writes and shows what there is to see."""
    return jax.process_index() == 0


@lru_cache(1)
def make_orders() -> Orders | None:
    """The orders of the processes that this one has joined; None where there is one only."""
    from jax._src.distributed import global_state  # the store has no public name

    if global_state.client is None or global_state.num_processes == 1:
        return None
    return Orders(global_state.client, global_state.process_id, global_state.num_processes)


@contextmanager
def lost_processes() -> Iterator[None]:
    """Errors of JAX inside mean, where several processes share a run, that one of them is gone.

    Raises:
        LostError: one is.
    """
    try:
        yield
    except jax.errors.JaxRuntimeError as error:
        if make_orders() is None or "RESOURCE_EXHAUSTED" in str(error):
            raise
        reason = (str(error) or type(error).__name__).splitlines()[0][:160]
        raise LostError(f"another process of this run is gone ({reason})") from error


def digest(config: RunConfig) -> str:
    """What two processes compare to know that they have the same settings."""
    return hashlib.sha256(json.dumps(to_json(config), sort_keys=True).encode()).hexdigest()[:16]


def check_settings(config: RunConfig, orders: Orders) -> None:
    """See to it that all processes have the settings of this one, which leads them.

    Raises:
        UserError: one has others.
    """
    for number, theirs in enumerate(orders.hear(SETTINGS), start=1):
        if theirs != digest(config):
            raise UserError(f"process {number} has other settings than process 0, which leads the run")


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
    orders.report(STANDING, READY)
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
