"""What a league is worth to networks that search: holes in their raw policies, at equal numbers of positions.

Self-play and leagues are trained with the same network, search and learner, on games small enough to
measure exactly what raw policies give away. All positions of a league count, those of its exploiters and
referees too.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.benchmarks.holes import Holes, holes
from jaxplay.benchmarks.plans import LeagueRounds, checked
from jaxplay.config import (
    AlphaZeroConfig,
    GumbelConfig,
    LeagueConfig,
    MemberConfig,
    MLPConfig,
    PUCTConfig,
    RunConfig,
    SelfPlayConfig,
    TrainingConfig,
)
from jaxplay.evaluator import Params
from jaxplay.league import MATCHMAKERS, advantage
from jaxplay.networks import build_network
from jaxplay.presets import with_league
from jaxplay.struct import replace
from jaxplay.training import Training, TrainState, compile_step, make_game, make_training

BASE = TrainingConfig(
    network=MLPConfig(width=64, depth=1),
    search=GumbelConfig(num_simulations=16),
    selfplay=SelfPlayConfig(num_matches=128, num_plies=8, temperature_plies=4, max_opening_plies=0),
    learner=AlphaZeroConfig(
        replay_positions=32_768, min_positions=4096, batch_size=256, num_updates=4, ema_decay=0.99
    ),
)

GameOptions = tuple[tuple[str, int | float | str | bool], ...]

GAMES: dict[str, tuple[str, GameOptions]] = {
    "tic_tac_toe": ("tic_tac_toe", ()),
    "hex3": ("hex", (("size", 3), ("swap", False))),
    "hex4": ("hex", (("size", 4), ("swap", False))),
}

SETTINGS = ("self_play", "league", "self_play_openings", "self_play_puct", "league_puct")
"""Self-play and a league with Gumbel search; self-play from random openings; the first two with PUCT."""

ALONE = "league_alone"
"""A league whose main agent has no exploiters."""
RULES = {f"league_{name}": name for name in MATCHMAKERS}
"""Leagues whose main agent has another matchmaker."""

SLOTS = 16
MIXTURES = ("nash", "measured_nash", "measured_nash_lower", "measured_nash_upper", "uniform")
"""On 4 x 4 cells bounds of the second instead of all others (`jaxplay.benchmarks.holes`)."""


Plan = LeagueRounds
"""How much to train."""


def make_config(game: str, setting: str, *, quick: bool = False) -> TrainingConfig:
    """The training that a setting of a game stands for; `quick` makes it tiny."""
    name, options = GAMES[game]
    config = replace(BASE, game=name, game_options=options)
    if setting.endswith("_puct"):
        config = replace(config, search=PUCTConfig(num_simulations=16))
    if setting == "self_play_openings":
        config = replace(config, selfplay=replace(config.selfplay, max_opening_plies=4))
    if quick:
        config = _tiny(config)
    if not setting.startswith("league"):
        return config
    config = _league(config, quick=quick)
    return replace(config, league=_ruled(config.league, setting))


def _tiny(config: TrainingConfig) -> TrainingConfig:
    learner = replace(config.learner, replay_positions=256, min_positions=64, batch_size=16, num_updates=1)
    return replace(
        config,
        network=MLPConfig(width=8, depth=0),
        search=replace(config.search, num_simulations=2, prove=False),
        selfplay=replace(config.selfplay, num_matches=16, num_plies=2),
        learner=replace(learner, augment=False),
    )


def _league(config: TrainingConfig, *, quick: bool) -> TrainingConfig:
    """With one main agent as `config` says, two exploiters a quarter of its size, and few slots."""
    league = with_league(RunConfig(training=config)).training.league
    assert league is not None
    steps = {"min_steps": 2, "max_steps": 5} if quick else {"min_steps": 10, "max_steps": 30}
    return replace(
        config,
        league=replace(
            league,
            slots=SLOTS,
            main_agents=replace(league.main_agents, **steps),
            main_exploiters=replace(league.main_exploiters, **steps),
            league_exploiters=replace(league.league_exploiters, **steps),
        ),
    )


def _ruled(league: LeagueConfig | None, setting: str) -> LeagueConfig:
    """The league as its setting says."""
    assert league is not None
    if setting == ALONE:
        nobody = MemberConfig(count=0)
        return replace(league, main_exploiters=nobody, league_exploiters=nobody)
    if setting in RULES:
        return replace(league, main_agents=replace(league.main_agents, matchmaking=RULES[setting]))
    return league


class Frozen(NamedTuple):
    """Players of a mixture: stacked parameters `(C, ...)`, which there are, what they earned or None."""

    params: Params
    present: Array
    payoff: Array | None


def rows(settings: Sequence[str], plan: Plan) -> Iterator[dict[str, Any]]:
    """A row for each game, setting and seed, as it ends.

    Args:
        settings: of `SETTINGS`, `ALONE` or `RULES`; none: all of the first.
        plan: how much.

    Raises:
        UserError: no such setting or game.
    """
    chosen = checked("setting", settings or SETTINGS, (*SETTINGS, ALONE, *RULES))
    for game in plan.chosen(GAMES):
        for setting in chosen:
            config = make_config(game, setting, quick=plan.quick)
            training = make_training(config)
            init, step = ready(training, quick=plan.quick)
            measure = measures(config)
            for seed in plan.seeds:
                found = train(init(jax.random.key(seed)), step, measure, plan)
                yield {"game": game, "setting": setting, "seed": seed} | found


def ready(training: Training, *, quick: bool) -> tuple[Any, Any]:
    """Compiled `key -> state` and `state -> state, metrics`; `quick` code is slow and soon there."""
    init = jax.jit(training.init)
    lowered = compile_step(training).lower(jax.eval_shape(init, jax.random.key(0)))
    return init, lowered.compile({"xla_backend_optimization_level": "0"} if quick else None)


@cache
def measures(config: TrainingConfig) -> Holes:
    """What is measured of the networks of a training."""
    game = make_game(config)
    return holes(game, build_network(config.network, game).on(game))


def train(state: TrainState, step: Any, measure: Holes, plan: LeagueRounds) -> dict[str, Any]:
    """Train, and measure as often as the plan says: what the last measurement found, and all in `curve`."""
    positions, snapshots = 0.0, [jax.device_get(state.learners[0].ema)]
    curve: dict[str, list[float]] = {"positions": []}
    for look, mark in enumerate(plan.marks, 1):
        while positions < mark:
            state, metrics = step(state)
            positions += float(metrics["positions"])
        snapshots.append(jax.device_get(state.learners[0].ema))
        found = {name: float(x) for name, x in measure.alone(state.learners[0].ema).items()}
        if look % plan.looks_at_mixtures == 0:
            found |= measure.together(*frozen(state, snapshots))
        for name, value in [("positions", positions), *found.items()]:
            curve.setdefault(name, []).append(round(value, 5))
    last = {name: values[-1] for name, values in curve.items() if name in ("policy", "greedy", *MIXTURES)}
    blank: dict[str, float | None] = dict.fromkeys(MIXTURES)
    return {"steps": int(state.step), "positions": positions} | blank | last | {"curve": curve}


def frozen(state: TrainState, snapshots: list[Params]) -> Frozen:
    """The frozen players of a league; of self-play the snapshots of all looks, and the beginner."""
    if state.league is None:
        stacked = jax.tree.map(lambda *leaves: np.stack(leaves), *_filled(snapshots))
        return Frozen(stacked, jnp.arange(SLOTS) < len(snapshots), None)
    people, learners = state.league.population, len(state.learners)
    payoff = advantage(state.league.payoff)[learners:, learners:]
    return Frozen(people.params, people.present, payoff)


def _filled(snapshots: list[Params]) -> list[Params]:
    return snapshots + [snapshots[0]] * (SLOTS - len(snapshots))
