"""How long training takes until an agent is as strong as was asked for."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.agent import network_programs
from jaxplay.arena.outcomes import measure
from jaxplay.benchmarks.harness import no_compilation_cache
from jaxplay.benchmarks.records import Amount
from jaxplay.config import GumbelConfig, TrainingConfig
from jaxplay.presets import preset
from jaxplay.struct import replace
from jaxplay.training import compile_step, make_game, make_training

FIRST, GROWTH = 8, 1.15
"""Steps until the first look, and from look to look as a multiple: looks cost little of the whole."""


def train_until(name: str, target: float, minutes: float, seed: int, *, quick: bool) -> Iterator[Amount]:
    """Train with the `cpu` preset of a game, and look at the policy alone again and again.

    Looks are not counted, compilation is.

    Args:
        name: of a game with exact positions.
        target: share of positions whose outcome is to be kept.
        minutes: by the clock, after which it is given up.
        seed: of the training.
        quick: two steps, whatever they come to.
    """
    config = replace(preset(name, "quick" if quick else "cpu").training, seed=seed)
    clock, processors = time.perf_counter(), time.process_time()
    training = make_training(config)
    state = jax.jit(training.init)(jax.random.key(seed))
    with no_compilation_cache():
        step: Any = compile_step(training).lower(state).compile()
    look, steps, due, share = looks(config), 0, 1 if quick else FIRST, 0.0
    while share < target and time.perf_counter() - clock < 60 * minutes and not (quick and steps >= 2):
        state, _ = step(state)
        steps += 1
        if steps >= due:
            jax.block_until_ready(state)
            before = time.perf_counter(), time.process_time()
            share, due = look(state.learners[0].ema), max(due + 1, int(due * GROWTH))
            clock += time.perf_counter() - before[0]
            processors += time.process_time() - before[1]
    jax.block_until_ready(state)
    sizes = {"target": target, "share": share, "reached": share >= target, "steps": steps, "seed": seed}
    found = {"second": time.perf_counter() - clock, "processor second": time.process_time() - processors}
    for unit, amount in found.items():
        yield Amount(f"{name}/until", unit, amount, [amount], sizes=sizes)


def looks(config: TrainingConfig) -> Callable[[Any], float]:
    """`params -> the share of exact positions whose outcome the policy alone keeps`."""
    programs = network_programs(make_game(config), config.network, GumbelConfig())

    def policy(params: Any, key: Array, states: Any) -> Array:
        return jnp.argmax(programs.predict(params, key, states).logits, axis=-1).astype(jnp.int32)

    return lambda params: measure(policy, params, jax.random.key(0), "held_out").share
