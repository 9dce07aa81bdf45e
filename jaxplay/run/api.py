"""`train`, `train_exploiter` and `resume`: what the command line, notebooks and `jaxplay.exploit` call."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax

from jaxplay.checkpoint import Goal, create_run, read_config, refuse_old, save_opponent
from jaxplay.checkpoint import accept_config as accept
from jaxplay.config import RunConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import Params
from jaxplay.presets import preset as make_preset
from jaxplay.run.devices import settle_again, settle_devices
from jaxplay.run.hosts import is_leader
from jaxplay.run.program import make_program
from jaxplay.run.session import OnMetrics, Run, Session, run_session

RUNS = Path("runs")
"""Where runs go that are not told where."""


def train(
    game: str | None = None,
    *,
    preset: str | None = None,
    config: RunConfig | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    out: str | Path | None = None,
    seed: int | None = None,
    devices: int | None = None,
    game_options: Mapping[str, Any] | None = None,
    on_metrics: OnMetrics | None = None,
    progress: bool = True,
    started: float | None = None,
) -> Run:
    """Train an agent, and keep all of it in a folder.

    Args:
        game: as `jaxplay.make` takes it.
        preset: one of `jaxplay.presets.PRESETS`; default: `cpu`.
        config: all settings, instead of game and preset.
        minutes: of wall clock, which hold compilation and the last evaluation. At least one step is done in
            which something is learned, unless that takes far longer. Nothing else depends on the clock.
        steps: until training stops. Neither: it goes on until Ctrl-C.
        out: the run's folder, which must be new or empty; default: `runs/GAME`, numbered.
        seed: of everything random; default: the configuration's.
        devices: that share the games; default: the configuration's. Several processes (`jax.distributed`)
            share them with all their devices; the first writes and shows everything.
        game_options: of `jaxplay.make`.
        on_metrics: is given each record of `metrics.jsonl` when it is written.
        progress: show what goes on.
        started: when the minutes began, as `time.monotonic` tells it; default: now.

    Raises:
        UserError: a bad argument, a folder that is taken, a loss that is not finite, a state that cannot
            be saved, too little memory, or another process of the run that is gone.
    """
    if (game is None) == (config is None) or (config is not None and (preset or game_options)):
        raise UserError("give a game (and its preset and options), or a config that names one; not both")
    if config is None:
        config = make_preset(str(game), preset or "cpu", dict(game_options or {}))
    if config.training.exploiter is not None:
        raise UserError("an exploiter needs somebody to exploit: use jaxplay.exploit.exploit")
    if seed is not None:
        config = dataclasses.replace(config, training=dataclasses.replace(config.training, seed=seed))
    goal = _check_goal(minutes, steps)
    config = settle_devices(config if devices is None else dataclasses.replace(config, devices=devices))
    program = make_program(config.training, config.devices)
    folder = Path(out) if out is not None else new_folder(config.training.game)
    if is_leader():
        create_run(folder, config, goal)
    return run_session(Session(folder, config, program, goal, progress, on_metrics, started))


def train_exploiter(
    config: RunConfig,
    opponent: Params,
    out: str | Path,
    *,
    minutes: float | None = None,
    steps: int | None = None,
    games: int | None = None,
    on_metrics: OnMetrics | None = None,
    progress: bool = True,
    started: float | None = None,
) -> Run:
    """Train an exploiter, and keep all of it in a folder, the player that it meets included.

    Args:
        config: all settings, with an exploiter.
        opponent: the parameters of the player, which fit the exploiter's `opponent_network`.
        out: the run's folder, which must be new or empty.
        minutes: see `train`.
        steps: see `train`.
        games: until training stops. None of the three: it goes on until Ctrl-C.
        on_metrics: see `train`.
        progress: see `train`.
        started: see `train`.

    Raises:
        UserError: see `train`.
    """
    goal, folder = _check_goal(minutes, steps, games), Path(out)
    _refuse_processes(config)
    config = settle_devices(config)
    program = make_program(config.training, config.devices)
    create_run(folder, config, goal)
    save_opponent(folder, opponent)
    return run_session(Session(folder, config, program, goal, progress, on_metrics, started))


def resume(
    run: str | Path,
    *,
    minutes: float | None = None,
    steps: int | None = None,
    game: str | None = None,
    devices: int | None = None,
    accept_config: bool = False,
    on_metrics: OnMetrics | None = None,
    progress: bool = True,
    started: float | None = None,
) -> Run:
    """Go on with a run from its newest checkpoint, as if it had never stopped.

    Args:
        run: its folder.
        minutes: more minutes. Neither minutes nor steps: what is left of its first goal.
        steps: until training stops, counted from the first step of the run.
        game: needed for a game that is neither built in nor from Pgx: a run names no code to import.
        devices: that share the games; default: as many as the run had, or fewer. With another number the run
            stays what it was up to rounding, with the same number bit for bit.
        accept_config: take a configuration that was changed after the run had written it, for good.
        on_metrics: see `train`.
        progress: see `train`.
        started: see `train`.

    Raises:
        UserError: not a run, one of an older format, a changed configuration, no checkpoint that can be
            read, or nothing left to do; and see `train`.
    """
    folder = Path(run)
    config = read_config(folder, accept_config=accept_config)
    refuse_old(folder)
    if accept_config and is_leader():
        accept(folder)
    _check_game(folder, config.training.game, game)
    goal = None if minutes is None and steps is None else _check_goal(minutes, steps)
    _refuse_processes(config)
    config = settle_again(config, devices)
    program = make_program(config.training, config.devices)
    return run_session(Session(folder, config, program, goal, progress, on_metrics, started))


def _refuse_processes(config: RunConfig) -> None:
    if config.training.exploiter is not None and jax.process_count() > 1:
        raise UserError("an exploiter trains in one process; several are for `jaxplay train` and `league`")


def _check_goal(minutes: float | None, steps: int | None, games: int | None = None) -> Goal:
    if minutes is not None and not minutes > 0:
        raise UserError(f"minutes is {minutes}; allowed: above 0")
    if steps is not None and steps < 1:
        raise UserError(f"steps is {steps}; allowed: 1 or more")
    if games is not None and games < 1:
        raise UserError(f"games is {games}; allowed: 1 or more")
    return Goal(minutes, steps, games)


def _check_game(folder: Path, name: str, given: str | None) -> None:
    own = ":" in name and not name.startswith("pgx:")
    if given is None and own:
        raise UserError(f"{folder} plays {name}, which is not built in: name that game yourself")
    if given not in (None, name):
        raise UserError(f"{folder} plays {name}, not {given}")


def new_folder(name: str) -> Path:
    """`runs/NAME`, or with the first number from 2 that is free."""
    base = RUNS / name.replace(":", "-")
    number, folder = 1, base
    while folder.exists():
        number += 1
        folder = base.with_name(f"{base.name}-{number}")
    return folder
