"""Times training steps on a number of devices: a process that `jaxplay.benchmarks.scaling` starts."""

import json
import sys
import time
from typing import Any

import jax

from jaxplay.presets import preset
from jaxplay.sharding import sharded_training
from jaxplay.struct import replace
from jaxplay.training import compile_step


def main(name: str, count: int, repeats: int, quick: bool) -> None:
    """Print the seconds of each step, once it learns, as JSON."""
    config = preset(name, "quick" if quick else "cpu").training
    play = replace(config.selfplay, num_matches=count * config.selfplay.num_matches)
    config = replace(config, num_shards=count, selfplay=play)
    training = sharded_training(config, jax.devices()[:count])
    state = training.init(jax.random.key(0))
    step: Any = compile_step(training).lower(state).compile()
    seconds: list[float] = []
    positions = 0
    while len(seconds) < repeats:
        began, before = time.perf_counter(), int(state.learners[0].updates)
        state, metrics = step(state)
        positions = int(jax.block_until_ready(metrics)["positions"])
        if int(state.learners[0].updates) > before:
            seconds.append(time.perf_counter() - began)
    sys.stdout.write(json.dumps({"seconds": seconds, "positions": positions}) + "\n")


if __name__ == "__main__":
    main(*json.loads(sys.argv[1]))
