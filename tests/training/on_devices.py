"""Runs of shards on several virtual devices and on one: a program that tests of sharding start.

Its argument is one of `PROGRAMS`. It prints one JSON object: by number of devices, metrics after each step,
the parameters at the end, where the state lies, and the collectives of the compiled program.
"""

import dataclasses
import json
import re
import sys
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from small_leagues import MEMBER, NOBODY, with_league
from small_programs import LEAST

from jaxplay.config import TrainingConfig
from jaxplay.sharding import make_mesh, placement, sharded_training
from jaxplay.training import TrainState, compile_step


class Program(NamedTuple):
    """What is trained, for how many steps, and on how many devices."""

    config: TrainingConfig
    steps: int
    devices: tuple[int, ...]


LEAGUE = with_league(main_agents=dataclasses.replace(MEMBER, reset=0.5), main_exploiters=NOBODY)
PROGRAMS = {
    "plain": Program(dataclasses.replace(LEAST, num_shards=8), 4, (8, 2, 1)),
    "league": Program(dataclasses.replace(LEAGUE, num_shards=2), 12, (2, 1)),
}


def report(program: Program, devices: list[Any], start: TrainState) -> dict[str, Any]:
    """A run from a copy of `start` on `devices`, by a program compiled from shapes alone."""
    training = sharded_training(program.config, devices)
    abstract = jax.eval_shape(training.init, jax.random.key(0))
    step = compile_step(training).lower(abstract).compile()
    state = jax.device_put(jax.tree.map(jnp.copy, start), placement(training, start, make_mesh(devices)))
    lines = []
    for _ in range(program.steps):
        state, metrics = step(state)
        lines.append({name: float(value) for name, value in metrics.items()})
    return {
        "metrics": lines,
        "params": [leaf.ravel().tolist() for leaf in jax.tree.leaves(state.learners[0].params)],
        "plies": [each.episodes.ply.ravel().tolist() for each in state.matches],
        "league": [leaf.ravel().tolist() for leaf in jax.tree.leaves(state.league)],
        "counted": 0.0 if state.league is None else float(state.league.payoff.games.sum()),
        "places": places(state),
        "collectives": re.findall(r" (all-\w+|collective-\w+|reduce-scatter)\(", step.as_text() or ""),
    }


def places(state: TrainState) -> dict[str, list[int]]:
    """How many devices hold different parts of matches, memory, parameters and optimizer."""
    learner = state.learners[0]
    parts = {"matches": state.matches, "memory": learner.memory, "params": learner.params}
    parts |= {"optimizer": learner.opt_state, "league": state.league}
    return {
        name: sorted({len({str(s.index) for s in leaf.addressable_shards}) for leaf in jax.tree.leaves(part)})
        for name, part in parts.items()
    }


def main() -> None:
    """Start on all devices, then run on all and on fewer."""
    program, devices = PROGRAMS[sys.argv[1]], jax.devices()
    start = sharded_training(program.config, devices[: max(program.devices)]).init(jax.random.key(0))
    found = {str(count): report(program, devices[:count], start) for count in program.devices}
    print(json.dumps(found | {"init": places(start)}))


if __name__ == "__main__":
    main()
