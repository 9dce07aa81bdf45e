"""What each option of training is worth: Connect Four learned with it and without, at equal cost.

Each setting is a baseline with one option changed. All are trained for the same processor time (of all
cores together, compilation and evaluation left out), which other load on the machine disturbs less than
the clock, and judged by the positions whose exact outcome is known. Rounds of all settings follow each
other, a seed each: what lies between the rounds of one setting is chance.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.agent import network_programs
from jaxplay.arena.outcomes import measure
from jaxplay.benchmarks.plans import Rounds, checked
from jaxplay.benchmarks.settings import number, whole
from jaxplay.config import GumbelConfig, PUCTConfig, TrainingConfig
from jaxplay.game import make
from jaxplay.presets import preset
from jaxplay.rollout.seats import Act
from jaxplay.struct import replace
from jaxplay.training import compile_step, make_training

GAME = "connect_four"
WIDTH = 128
"""Of the network: half of the preset's, so that minutes show something."""
SIMULATIONS = 64
"""Of the search that judges the networks, the same for all."""

Changes = dict[str, dict[str, Any]]
"""New values of fields, by the part of `TrainingConfig` that they belong to."""

GUMBEL: dict[str, Changes] = {
    "gumbel": {},
    "cheap": {"search": {"num_simulations": 32}, "selfplay": {"full_share": 0.25, "cheap_simulations": 6}},
    "surprise": {"selfplay": {"surprise_share": 0.5}},
    "resignation": {"selfplay": {"resign_value": -0.9, "resign_moves": 2}},
    "reanalysis": {"learner": {"reanalysis_plies": 2}},
    "reply": {"network": {"reply_head": True}},
    "keep": {"selfplay": {"keep_nodes": 16}},
    "parallel": {"search": {"parallel": True}},
}
"""Options beside the search of the preset: 16 simulations, the winner of sequential halving is played."""

PUCT: dict[str, Changes] = {
    "puct": {},
    "puct_forced": {"search": {"forced_playouts": 2.0}},
    "puct_temperature": {"search": {"root_temperature": 1.2}},
    "puct_keep": {"selfplay": {"keep_nodes": 32}},
    "puct_leaves": {"search": {"leaves": 4}},
    "puct_cheap": {
        "search": {"num_simulations": 64},
        "selfplay": {"full_share": 0.25, "cheap_simulations": 16},
    },
}
"""Options beside PUCT with 32 simulations, noise, and moves drawn from visits."""

SETTINGS = GUMBEL | PUCT


@dataclass(frozen=True)
class Plan(Rounds):
    """How long to train, and how large.

    Attributes:
        minutes: Minutes of processor time of each training; 0: a step of each.
    """

    rounds: int = whole(2)
    minutes: float = number(1.5, 0, 10_000_000, "minutes")


def make_config(setting: str, *, quick: bool = False) -> TrainingConfig:
    """The training that a setting stands for; `quick` makes it tiny.

    Raises:
        UserError: no such setting.
    """
    checked("setting", [setting], SETTINGS)
    base = preset(GAME, "cpu").training
    base = replace(base, network=replace(base.network, width=WIDTH), search=GumbelConfig(num_simulations=16))
    if setting in PUCT:
        play = replace(base.selfplay, temperature_early=1.0, temperature_late=0.25, temperature_plies=16)
        base = replace(base, search=PUCTConfig(num_simulations=32), selfplay=play)
    parts: dict[str, Any] = {}
    for part, fields in [*SETTINGS[setting].items(), *(TINY.items() if quick else ())]:
        parts[part] = replace(parts.get(part, getattr(base, part)), **fields)
    return replace(base, **parts)


TINY: Changes = {
    "network": {"width": 8, "depth": 0},
    "search": {"num_simulations": 4, "prove": False},
    "selfplay": {"num_matches": 8, "num_plies": 2, "cheap_simulations": 2, "max_opening_plies": 0},
    "learner": {
        "replay_positions": 64,
        "min_positions": 16,
        "batch_size": 8,
        "num_updates": 1,
        "augment": False,
    },
}
"""Sizes at which everything runs, and little is compiled."""


def rows(settings: Sequence[str], plan: Plan) -> Iterator[dict[str, Any]]:
    """A row for each training, as it ends.

    Args:
        settings: names in `SETTINGS`; none: all.
        plan: how long and how large.

    Raises:
        UserError: no such setting.
    """
    configs = {name: make_config(name, quick=plan.quick) for name in settings or SETTINGS}
    for seed in plan.seeds:
        for name, config in configs.items():
            yield {"setting": name, "seed": seed} | _train(config, plan, seed)


def _train(config: TrainingConfig, plan: Plan, seed: int) -> dict[str, Any]:
    """Train for the plan's processor time, at least two steps; what it came to, half way and at the end."""
    training = make_training(config)
    state = jax.jit(training.init)(jax.random.key(seed))
    step: Any = compile_step(training).lower(state).compile()
    simulations = 2 if plan.quick else SIMULATIONS
    sums: dict[str, float] = dict.fromkeys(SUMS, 0.0)
    found: dict[str, float] = {}
    spent = wall = 0.0
    for part, name in ((0.5, "half_"), (1.0, "")):
        began, clock = time.process_time() - spent, time.perf_counter() - wall
        while sums["steps"] < 2 * part or time.process_time() - began < part * 60 * plan.minutes:
            state, metrics = step(state)
            _add(sums, jax.device_get(metrics))
        spent, wall = time.process_time() - began, time.perf_counter() - clock
        shares = kept(config, state.learners[0].ema, simulations)
        found |= {name + key: share for key, share in shares.items()}
    tested = {"resign_tests", "resign_errors"} if config.selfplay.resign_value == -1.0 else set()
    counts = {name: count for name, count in sums.items() if name not in tested}
    return counts | {"processor_seconds": spent, "seconds": wall} | found


SUMS = ("steps", "positions", "games", "resign_tests", "resign_errors")
"""Of a training: all but the first are sums of metrics."""


def _add(sums: dict[str, float], metrics: dict[str, Any]) -> None:
    """One more step; shares of tests become counts."""
    tests = float(metrics.get("resign_tests", 0.0))
    wrong = float(metrics["resign_errors"]) * tests if tests else 0.0
    step = {"steps": 1.0, "resign_tests": tests, "resign_errors": wrong}
    step |= {name: float(metrics[name]) for name in ("positions", "games")}
    for name in SUMS:
        sums[name] += step[name]


def kept(config: TrainingConfig, params: Any, num_simulations: int) -> dict[str, float]:
    """The shares of exact positions whose outcome a network keeps: by search, and by its policy alone."""
    searched, alone = players(config.network, num_simulations)
    key = jax.random.key(0)
    return {"kept": measure(searched, params, key).share, "kept_policy": measure(alone, params, key).share}


@cache
def players(network: Any, num_simulations: int) -> tuple[Act, Act]:
    """How a network of Connect Four plays with search, and by its policy alone."""
    programs = network_programs(make(GAME), network, GumbelConfig())

    def policy(params: Any, key: Array, states: Any) -> Array:
        return jnp.argmax(programs.predict(params, key, states).logits, axis=-1).astype(jnp.int32)

    return programs.act(num_simulations), policy
