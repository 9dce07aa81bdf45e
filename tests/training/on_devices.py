"""Runs of 8 shards on 8, 2 and 1 virtual devices: a program that `test_sharding.py` starts.

It prints one JSON object: by number of devices, metrics after each step, the parameters at the end, where
the state lies, and the collectives of the compiled program.
"""

import dataclasses
import json
import re
from typing import Any

import jax
import jax.numpy as jnp
from small_programs import LEAST

from jaxplay.sharding import make_mesh, placement, sharded_training
from jaxplay.training import TrainState, compile_step

STEPS = 4
CONFIG = dataclasses.replace(LEAST, num_shards=8)


def report(devices: list[Any], start: TrainState) -> dict[str, Any]:
    """A run from a copy of `start` on `devices`, by a program compiled from shapes alone."""
    training = sharded_training(CONFIG, devices)
    abstract = jax.eval_shape(training.init, jax.random.key(0))
    step = compile_step(training).lower(abstract).compile()
    state = jax.device_put(jax.tree.map(jnp.copy, start), placement(start, make_mesh(devices)))
    lines = []
    for _ in range(STEPS):
        state, metrics = step(state)
        lines.append({name: float(value) for name, value in metrics.items()})
    return {
        "metrics": lines,
        "params": [leaf.ravel().tolist() for leaf in jax.tree.leaves(state.learners[0].params)],
        "plies": state.matches[0].ply.ravel().tolist(),
        "places": places(state),
        "collectives": re.findall(r" (all-\w+|collective-\w+|reduce-scatter)\(", step.as_text() or ""),
    }


def places(state: TrainState) -> dict[str, list[int]]:
    """How many devices hold different parts of matches, memory, parameters and optimizer."""
    learner = state.learners[0]
    parts = {"matches": state.matches, "memory": learner.memory, "params": learner.params}
    parts |= {"optimizer": learner.opt_state}
    return {
        name: sorted({len({str(s.index) for s in leaf.addressable_shards}) for leaf in jax.tree.leaves(part)})
        for name, part in parts.items()
    }


def main() -> None:
    """Start on all devices, then run on 8, 2 and 1."""
    devices = jax.devices()
    start = sharded_training(CONFIG, devices).init(jax.random.key(0))
    found = {str(count): report(devices[:count], start) for count in (8, 2, 1)}
    print(json.dumps(found | {"init": places(start)}))


if __name__ == "__main__":
    main()
