"""Time to strength: Connect Four learned by jaxplay and by loops on mctx, the same wall clock and machine.

What is measured is the share of held-out positions whose exact outcome is kept, by 64 simulations of each
program's own search and by its policy alone. Compilation counts in `wall`, as people wait for it; measuring
does not.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.arena import outcomes
from jaxplay.benchmarks.ablations import TINY, players
from jaxplay.benchmarks.alphazero_peer import Rules, Sizes, alphazero_peer, pgx_rules
from jaxplay.benchmarks.plans import Rounds, checked
from jaxplay.config import RunConfig, TrainingConfig
from jaxplay.game import Game, make
from jaxplay.presets import preset, with_league
from jaxplay.struct import replace
from jaxplay.training import compile_step, make_training

GAME = "connect_four"
SIMULATIONS = 64

CPU = Sizes(512, 64, num_simulations=16, batch_size=1024, channels=0, depth=2, width=256)
"""Of a peer: games, simulations, network and batches as large as those of the preset."""
PEERS: dict[str, Sizes] = {
    "pgx_published": Sizes(),
    "pgx": CPU,
    "pgx_openings": replace(CPU, opening_plies=20),
    "mctx": CPU,
}
"""Pgx's example with its own sizes, meant for eight GPUs; with ours; with ours, random openings too; and with
ours on our rules."""
OURS = ("jaxplay", "league")
SETTINGS = (*OURS, *PEERS)
QUICK = Sizes(8, 8, num_simulations=2, batch_size=32, channels=0, depth=1, width=8)


@dataclass(frozen=True)
class Plan(Rounds):
    """How long to train.

    Attributes:
        minutes: Wall clock for each training, compilation included.
        looks: How often is measured.
    """

    rounds: int = 3
    minutes: float = 30.0
    looks: int = 15


class Program(NamedTuple):
    """What can be trained and measured.

    Attributes:
        init: `key -> state`, compiled.
        step: `state -> state, positions`.
        play: `num_simulations -> (state, key) -> actions` at the exact positions.
    """

    init: Callable[[Array], Any]
    step: Callable[[Any], tuple[Any, float]]
    play: Callable[[int], Callable[[Any, Array], Array]]


def rows(settings: Sequence[str], plan: Plan) -> Iterator[dict[str, Any]]:
    """A row for each training, as it ends.

    Args:
        settings: of `SETTINGS`; none: all.
        plan: how long.

    Raises:
        UserError: no such setting.
    """
    chosen = checked("setting", settings, SETTINGS)
    for seed in plan.seeds:
        for setting in chosen:
            yield {"setting": setting, "seed": seed} | _train(setting, plan, seed)


def _train(setting: str, plan: Plan, seed: int) -> dict[str, Any]:
    """Train for the plan's time; the curve, and what its last look found."""
    began, measuring = time.perf_counter(), 0.0
    program = _ours(setting, quick=plan.quick) if setting in OURS else _peer(setting, quick=plan.quick)
    state, positions, steps = program.init(jax.random.key(seed)), 0.0, 0
    plays = {"kept": program.play(2 if plan.quick else SIMULATIONS), "kept_policy": program.play(0)}
    measures = {name: jax.jit(play) for name, play in plays.items()}
    curve: dict[str, list[float]] = {name: [] for name in ("wall", "positions", *measures)}
    for look in range(1, plan.looks + 1):
        due = 60.0 * plan.minutes * look / plan.looks
        while not steps or time.perf_counter() - began - measuring < due:
            state, new = program.step(state)
            positions, steps = positions + new, steps + 1
        since = time.perf_counter()
        found = {name: _kept(measure(state, jax.random.key(0))) for name, measure in measures.items()}
        for name, value in {"wall": since - began - measuring, "positions": positions, **found}.items():
            curve[name].append(round(value, 4))
        measuring += time.perf_counter() - since
    last = {name: values[-1] for name, values in curve.items()}
    return {"steps": steps} | last | {"seconds_to_90": _first(curve, 0.9), "curve": curve}


def _kept(actions: Array) -> float:
    return outcomes.outcome_kept(np.asarray(actions), outcomes.load_positions("held_out")).share


def _first(curve: dict[str, list[float]], share: float) -> float | None:
    """Seconds until so much is kept; None: never."""
    reached = [wall for wall, kept in zip(curve["wall"], curve["kept"], strict=True) if kept >= share]
    return reached[0] if reached else None


def make_config(setting: str, *, quick: bool = False) -> TrainingConfig:
    """The training of `jaxplay` or of a `league`; `quick` makes it tiny."""
    config = preset(GAME, "cpu").training
    if quick:
        parts = {part: replace(getattr(config, part), **fields) for part, fields in TINY.items()}
        config = replace(config, **parts)
    return with_league(RunConfig(training=config)).training if setting == "league" else config


def _ours(setting: str, *, quick: bool) -> Program:
    config = make_config(setting, quick=quick)
    training = make_training(config)
    init, compiled = jax.jit(training.init), compile_step(training)

    def step(state: Any) -> tuple[Any, float]:
        state, metrics = compiled(state)
        return state, float(metrics["positions"])

    def play(num_simulations: int) -> Callable[[Any, Array], Array]:
        searched, alone = players(config.network, num_simulations)
        act = searched if num_simulations else alone
        states = outcomes.load_positions("held_out").states
        return lambda state, key: act(state.learners[0].ema, key, states)

    return Program(init, step, play)


def _peer(setting: str, *, quick: bool) -> Program:
    rules = rules_of(make(GAME)) if setting == "mctx" else pgx_rules(GAME)
    sizes = PEERS[setting]
    loop = alphazero_peer(rules, replace(QUICK, opening_plies=sizes.opening_plies) if quick else sizes)
    iterate, states = jax.jit(loop.iterate), positions_of(rules)

    def step(carry: Any) -> tuple[Any, float]:
        return jax.block_until_ready(iterate(carry)), float(loop.positions)

    return Program(jax.jit(loop.init), step, lambda n: lambda carry, key: loop.act(n)(carry, states, key))


def rules_of(game: Game[Any]) -> Rules:
    """A game of ours, for a peer."""

    def step(state: Any, action: Array) -> Any:
        over, after = state.terminated, game.step(state, action)
        stays = replace(state, rewards=jnp.zeros_like(state.rewards))
        return jax.tree.map(lambda old, new: jnp.where(over, old, new), stays, after)

    return Rules(game.init, step, game.observe, game.num_actions)


def positions_of(rules: Rules) -> Any:
    """The exact positions as a peer has them."""

    def ply(state: Any, move: Array) -> tuple[Any, None]:
        after = rules.step(state, jnp.maximum(move, 0))
        return jax.tree.map(lambda old, new: jnp.where(move < 0, old, new), state, after), None

    start = rules.init(jax.random.key(0))
    return jax.jit(jax.vmap(lambda line: jax.lax.scan(ply, start, line)[0]))(outcomes.moves("held_out"))
