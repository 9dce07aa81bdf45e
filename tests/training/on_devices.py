"""Runs of shards on several virtual devices and on one: a program that tests of sharding start.

Its arguments are some of `PROGRAMS`. It prints one JSON object: by program and number of devices, metrics
after each step, the parameters at the end, where the state lies, and the collectives of the compiled program.
"""

import dataclasses
import json
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from policy_gradients import KUHN
from small_leagues import MEMBER, NOBODY, with_league
from small_programs import LEAST
from small_runs import RUN

import jaxplay
from jaxplay.checkpoint import Checkpoints, read_config
from jaxplay.config import MLPConfig, RefereeConfig, TrainingConfig
from jaxplay.errors import UserError
from jaxplay.sharding import make_mesh, placement, sharded_training
from jaxplay.training import TrainState, compile_step, make_training


class Program(NamedTuple):
    """What is trained, for how many steps, and on how many devices."""

    config: TrainingConfig
    steps: int
    devices: tuple[int, ...]


LEAGUE = with_league(
    main_agents=dataclasses.replace(MEMBER, reset=0.5, matches=32),
    main_exploiters=NOBODY,
    referees=RefereeConfig(matches=32, lanes=2),
)
POLICY = dataclasses.replace(KUHN, network=MLPConfig(width=8, depth=0, value_head="scalar"))
PROGRAMS = {
    "plain": Program(dataclasses.replace(LEAST, num_shards=8), 4, (8, 2, 1)),
    "policy": Program(dataclasses.replace(POLICY, num_shards=8), 6, (8, 1)),
    "league": Program(dataclasses.replace(LEAGUE, num_shards=8), 12, (8, 1)),
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


def goes_on(program: Program) -> dict[str, Any]:
    """A run on disk that begins on all devices and goes on with fewer: what it has learned at the end.

    Also what is said of devices that cannot share it.
    """
    config = dataclasses.replace(RUN, training=dataclasses.replace(program.config, num_shards=1))
    found: dict[str, Any] = {"refused": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        most = max(program.devices)
        whole = jaxplay.train(config=config, devices=most, steps=2, out=folder / "whole", progress=False)
        for wrong in (3, 2 * most):
            try:
                jaxplay.resume(whole.folder, devices=wrong, steps=program.steps, progress=False)
            except UserError as error:
                found["refused"].append(str(error))
        for count in program.devices:
            copy = folder / str(count)
            shutil.copytree(whole.folder, copy)
            run = jaxplay.resume(copy, devices=count, steps=program.steps, progress=False)
            form = jax.eval_shape(make_training(run.config.training).init, jax.random.key(0))
            state, _ = Checkpoints(copy).restore(form)
            params = [leaf.ravel().tolist() for leaf in jax.tree.leaves(state.learners[0].params)]
            found[str(count)] = {"params": params, "devices": read_config(copy).devices}
    return found


def run(program: Program) -> dict[str, Any]:
    """Start on all devices, then run on all and on fewer."""
    devices = jax.devices()
    start = sharded_training(program.config, devices[: max(program.devices)]).init(jax.random.key(0))
    found = {str(count): report(program, devices[:count], start) for count in program.devices}
    return found | {"init": places(start)}


if __name__ == "__main__":
    told = {name: run(PROGRAMS[name]) for name in sys.argv[1:]}
    print(json.dumps(told | {"goes on": goes_on(PROGRAMS["plain"])}))
