"""One session of a run: from where it stands to where it stops."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import jax

from jaxplay.checkpoint import OPPONENT, Checkpoints, Goal, cut_players, load_player, locked, read_goal
from jaxplay.config import RunConfig
from jaxplay.errors import UserError
from jaxplay.run import records
from jaxplay.run.allowance import Allowance
from jaxplay.run.card_keeper import CardKeeper
from jaxplay.run.display import Display, farewell, make_display
from jaxplay.run.durations import COMPILATION, compiling, durations_of, told_if_late
from jaxplay.run.evaluation import Evaluation
from jaxplay.run.hosts import (
    END,
    GATHER,
    SETTINGS,
    STANDING,
    LostError,
    Orders,
    check_settings,
    digest,
    follow,
    is_leader,
    led,
    lost_processes,
    make_orders,
)
from jaxplay.run.log import METRICS, Log
from jaxplay.run.loop import Loop, Parts
from jaxplay.run.program import Program, fitting
from jaxplay.run.records import Record
from jaxplay.run.signals import Request, stop_request
from jaxplay.run.snapshots import SnapshotWriter
from jaxplay.run.timers import Deadline
from jaxplay.run.totals import Totals
from jaxplay.training import TrainState, opponent_of

OnMetrics = Callable[[Record], Any]

BEGIN = "begin"
"""The leader's first order, with the step from which all go on."""


@dataclass(frozen=True)
class Run:
    """A run after a session.

    Attributes:
        folder: where it lies.
        config: what it was asked to be.
        step: of its newest checkpoint.
        interrupted: somebody asked it to stop.
    """

    folder: Path
    config: RunConfig
    step: int
    interrupted: bool = False

    def metrics(self, kind: str = "training") -> list[Record]:
        """The records that it wrote of one kind: `training` or `evaluation`."""
        return [record for record in records.read(self.folder / METRICS) if record.get("kind") == kind]


class Session(NamedTuple):
    """What a session needs.

    Attributes:
        folder: of the run, which exists.
        config: of the run.
        program: what `make_program` made of it.
        goal: when to stop; None: what is left of the run's first goal.
        progress: show what goes on.
        on_metrics: is given each record of metrics.
        started: when the minutes began, as `time.monotonic` tells it; None: now.
    """

    folder: Path
    config: RunConfig
    program: Program
    goal: Goal | None
    progress: bool
    on_metrics: OnMetrics | None
    started: float | None


def run_session(session: Session) -> Run:
    """Run until the goal, or until somebody asks to stop.

    Raises:
        UserError: see `jaxplay.run.train`.
    """
    orders = make_orders()
    if orders is not None and not is_leader():
        return _follow(session, orders)
    display = make_display(progress=session.progress)
    log = None
    try:
        with _leading(session.folder, orders), fitting(), locked(session.folder):
            parts, state = _prepare(session, display, orders)
            log = parts.log
            with stop_request(shared=orders is not None) as request:
                loop = Loop(_shared(session, parts, orders, request, int(state.step)), state)
                loop.run()
        display.say(
            farewell(session.folder, session.config.training.game, loop.step, interrupted=request.made)
        )
        return Run(session.folder, session.config, loop.step, request.made)
    finally:
        display.close()
        if log is not None:
            log.close()


@contextmanager
def _leading(folder: Path, orders: Orders | None) -> Iterator[None]:
    """Tell the other processes, if there are any, how what is done inside ended.

    Raises:
        LostError: one of them is gone; it says how to go on.
    """
    try:
        with lost_processes():
            yield
    except BaseException as error:
        if orders is not None:
            orders.fail()
        if isinstance(error, LostError):
            raise LostError(f"{error}; `jaxplay resume {folder}` goes on, also with fewer") from error
        raise
    if orders is not None:
        orders.give(END)


def _shared(session: Session, parts: Parts, orders: Orders | None, request: Request, step: int) -> Parts:
    """The parts of a loop that other processes follow, if there are any."""
    if orders is None:
        return parts._replace(request=request)

    def whole(state: TrainState) -> TrainState:
        orders.give(GATHER)
        return session.program.gather(state)

    return parts._replace(request=request, step=led(parts.step, orders, step, request), gather=whole)


def _follow(session: Session, orders: Orders) -> Run:
    """A session of a process that another leads.

    Raises:
        UserError: the leader is gone, or could not go on.
    """
    orders.report(SETTINGS, digest(session.config))
    order, _, number = orders.take().partition(" ")
    if order == BEGIN:
        with fitting(), stop_request(shared=True):
            state = _state_to_follow(session, int(number))
            if follow(session.program, state, orders):
                return Run(session.folder, session.config, int(number))
    raise UserError("process 0, which leads the run, could not go on; it says why")


def _state_to_follow(session: Session, step: int) -> TrainState:
    """The state of `step`, from which the leader goes on too."""
    program = session.program
    if step == 0:
        return program.start()
    return program.place(Checkpoints(session.folder).restore(program.abstract, step)[0])


def _prepare(session: Session, display: Display, orders: Orders | None) -> tuple[Parts, TrainState]:
    folder, config, program = session.folder, session.config, session.program
    started = time.monotonic() if session.started is None else session.started
    display.say(f"{config.training.game} in {folder}, on {_told_devices(program)}")
    checkpoints = Checkpoints(folder, config.keep_checkpoints, display.warn)
    state, totals = _restore(checkpoints, program.abstract)
    number = 0 if state is None else int(state.step)
    snapshots = None
    if config.training.league is not None:
        cut_players(folder, number, display.warn)
        snapshots = SnapshotWriter(folder, config, display.warn)
    goal = session.goal or _what_is_left(folder, totals.get("seconds", 0.0))
    _refuse_reached(folder, goal, number, totals.get("games", 0.0))
    if orders is not None:
        check_settings(config, orders)
        orders.give(f"{BEGIN} {number}")
    if number:
        display.say(f"from step {number:,}")
    state, compiled = _compile(session, state, display, Deadline(goal.minutes, started).left())
    if orders is not None:
        orders.hear(STANDING)
    evaluation = Evaluation(config, compiled) if config.evaluate_games else None
    counted = Totals(started, totals)
    allowance = Allowance(config.evaluate_share, counted.seconds, totals.get("evaluation_seconds", 0.0))
    log, step = Log(folder, number, display.warn, session.on_metrics), program.step
    parts = Parts(
        config, goal, started, step, evaluation, allowance, checkpoints, log, counted, display, snapshots
    )
    return parts._replace(card=CardKeeper(folder, config, log.write_card)), state


def _told_devices(program: Program) -> str:
    """The devices, and what each besides the first costs."""
    kind, devices = jax.devices()[0].device_kind, program.devices
    if devices == 1:
        return kind
    among = f" of {jax.process_count()} processes" if jax.process_count() > 1 else ""
    more = f"{program.copied_bytes / 2**20:,.1f} MiB"
    return f"{devices} x {kind}{among}, which divide the games; copies of the rest take {more} more"


def _compile(
    session: Session, state: TrainState | None, display: Display, left: float
) -> tuple[TrainState, float]:
    """Compile, with `left` seconds of the minutes: the state to go on from, and the seconds that it took."""
    program, durations = session.program, durations_of(session.config.training)
    before, new, began = durations.expected(), not program.compiled, time.monotonic()
    with display.phase(COMPILATION, compiling(before)), told_if_late(left, before, display.say):
        program.step  # noqa: B018  compiled by the first access
        state = _start(session.folder, program) if state is None else program.place(state)
    seconds = time.monotonic() - began
    if new:
        durations.note(seconds)
    return state, seconds


def _start(folder: Path, program: Program) -> TrainState:
    """The first state; an exploiter's holds the player that it meets."""
    if not program.exploits:
        return program.start()
    return program.start(load_player(folder, OPPONENT, opponent_of(program.abstract))[1])


def _restore(checkpoints: Checkpoints, abstract: TrainState) -> tuple[TrainState | None, dict[str, float]]:
    """The newest state and its totals; None where the run stopped before it saved anything.

    Raises:
        UserError: see `jaxplay.run.resume`.
    """
    if checkpoints.untouched():
        return None, {}
    state, totals = checkpoints.restore(abstract)
    checkpoints.go_on_from(int(state.step), totals)
    return state, totals


def _what_is_left(folder: Path, seconds: float) -> Goal:
    """The run's first goal, less the minutes that it has had."""
    goal = read_goal(folder)
    minutes = None if goal.minutes is None else goal.minutes - seconds / 60.0
    return replace(goal, minutes=minutes)


def _refuse_reached(folder: Path, goal: Goal, step: int, games: float) -> None:
    late = goal.minutes is not None and goal.minutes <= 0
    many = goal.games is not None and games >= goal.games
    if late or many or (goal.steps is not None and step >= goal.steps):
        raise UserError(f"{folder} has reached its goal at step {step}; name more minutes or steps")
