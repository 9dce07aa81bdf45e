"""Solving a game in a folder: a live curve, states from which it goes on, and the strategy as a player."""

import dataclasses
import json
import math
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxplay.checkpoint.files import DamagedError, append_line, first_line, seal, unseal, write_whole
from jaxplay.checkpoint.leaves import check_shapes, from_host, shapes, to_host
from jaxplay.checkpoint.lock import LOCK_FILE, locked
from jaxplay.checkpoint.weights import decode, encode
from jaxplay.errors import UserError
from jaxplay.game import Game, make
from jaxplay.run.card_keeper import DONE, GOES_ON, STOPPED
from jaxplay.run.log import CARD
from jaxplay.run.signals import stop_request
from jaxplay.run.timers import Deadline, Timer
from jaxplay.solve import Exploitability, SequenceForm, Solver, SolverState, behaviour, sequence_form
from jaxplay.solve.response import told
from jaxplay.solving.algorithms import USUAL, find_algorithm
from jaxplay.solving.card import solution_card
from jaxplay.solving.strategy import STRATEGY_FILE, Facts, save_strategy
from jaxplay.solving.trees import cached_tree

SOLVE_FILE, STATE_FILE, CURVE_FILE = "solve.json", "state.safetensors", "curve.jsonl"
FORMAT = 1
"""Of these files."""
SAVE_SECONDS = 10.0
"""At least so many seconds lie between two states that are saved."""
CHUNK_SECONDS = 0.5
"""About so long is computed before the clock and the signals are looked at."""

OnPoint = Callable[[Mapping[str, Any]], Any]
"""Is given each point of the curve when it is measured."""


@dataclass(frozen=True)
class SolveConfig:
    """What is solved, and how.

    Attributes:
        game: Name of the game, as `jaxplay.make` takes it.
        game_options: Options of the game, as pairs of name and value.
        algorithm: One of `jaxplay.solving.ALGORITHMS`.
    """

    game: str
    game_options: tuple[tuple[str, Any], ...] = ()
    algorithm: str = USUAL

    def __post_init__(self) -> None:
        find_algorithm(self.algorithm)


@dataclass(frozen=True)
class Target:
    """When solving stops; None: not for this reason.

    Attributes:
        iterations: all in all.
        minutes: of wall clock.
        exploitability: or less.
    """

    iterations: int | None = None
    minutes: float | None = None
    exploitability: float | None = None


class Solved(NamedTuple):
    """What came of it.

    Attributes:
        folder: of the solution; None: it was not kept.
        form: the game.
        table: `(I, A)` float64, the strategy.
        iterations: done.
        result: its exact exploitability.
        interrupted: somebody asked to stop.
    """

    folder: Path | None
    form: SequenceForm
    table: np.ndarray
    iterations: int
    result: Exploitability
    interrupted: bool


@dataclass
class _Session:
    """What goes on."""

    config: SolveConfig
    form: SequenceForm
    folder: Path | None
    target: Target
    started: float
    on_point: OnPoint | None
    began: float = field(default_factory=time.monotonic)
    unsaved: Timer = field(default_factory=lambda: Timer(SAVE_SECONDS))


def solve_game(
    config: SolveConfig,
    *,
    target: Target = Target(),
    game: Game[Any] | None = None,
    out: str | Path | None = None,
    cache: Path | None = None,
    on_point: OnPoint | None = None,
    started: float | None = None,
) -> Solved:
    """Solve a game of hidden information by a tabular algorithm.

    Args:
        config: what and how.
        target: when to stop. Without any it goes on until Ctrl-C.
        game: the game itself; None: that which the configuration names.
        out: a folder for it, new or empty, or one in which the same was being solved, which goes on; None:
            nothing is kept.
        cache: a folder that keeps enumerated games; None: none.
        on_point: is given each point of the curve.
        started: when the minutes began, as `time.monotonic` tells it; None: now.

    Raises:
        UserError: the game cannot be enumerated, the folder holds something else, or cannot be written.
    """
    began = time.monotonic() if started is None else started
    found = make(config.game, **dict(config.game_options)) if game is None else game
    folder = None if out is None else Path(out)
    if folder is not None:
        _claim(folder, config)
    with nullcontext() if folder is None else locked(folder):
        form = sequence_form(cached_tree(found, cache))
        return _solve(_Session(config, form, folder, target, began, on_point))


def resume_solving(folder: Path, **options: Any) -> Solved:
    """Go on in the folder of a solution; `options` are those of `solve_game`.

    Raises:
        UserError: it is no such folder, or see `solve_game`.
    """
    return solve_game(read_config(folder), out=folder, **options)


def is_solution(folder: Path) -> bool:
    """Whether a game was being solved in `folder`."""
    return (folder / SOLVE_FILE).is_file()


def read_config(folder: Path) -> SolveConfig:
    """What is solved in `folder`.

    Raises:
        UserError: it cannot be read, or was written by a later version.
    """
    try:
        about = unseal((folder / SOLVE_FILE).read_text())
        if about["format"] != FORMAT:
            raise UserError(f"{folder} has format {about['format']}; this version reads {FORMAT}")
        told = about["config"]
        pairs = tuple((name, value) for name, value in told["game_options"])
        return SolveConfig(**(told | {"game_options": pairs}))
    except (OSError, DamagedError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"cannot read {folder / SOLVE_FILE}: {first_line(error)}") from error


def _claim(folder: Path, config: SolveConfig) -> None:
    """Make a new or empty folder the solution's; one that has it already must be of the same."""
    if is_solution(folder):
        if read_config(folder) != config:
            raise UserError(f"{folder} holds another solution; name another folder")
        return
    try:
        others = [path for path in folder.iterdir() if path.name != LOCK_FILE] if folder.exists() else []
        if others:
            raise UserError(f"{folder} is not an empty folder; name another")
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / SOLVE_FILE, seal({"format": FORMAT, "config": dataclasses.asdict(config)}))
    except OSError as error:
        raise UserError(f"cannot write {folder}: {first_line(error)}") from error


def _solve(session: _Session) -> Solved:
    """Iterate until the target, and keep what was found."""
    algorithm = find_algorithm(session.config.algorithm)
    solver = algorithm.build(session.form)
    with jax.enable_x64(True), stop_request() as request:
        state = _first_state(session, solver)
        measure = jax.jit(lambda state: _strategy(solver, state, averages=algorithm.averages))
        deadline = Deadline(session.target.minutes, session.started)
        table, found = measure(state)
        speed = 1.0
        _write_card(session, _point(session, state, found), GOES_ON)
        while not request.made and not _reached(session.target, state, found, deadline):
            state, speed = _advance(session, solver, state, speed, deadline, lambda: request.made)
            table, found = measure(state)
            _note(session, state, found)
        result = told(found)
        _save(session, state)
        _write_card(session, _point(session, state, found), STOPPED if request.made else DONE)
        solved = Solved(
            session.folder,
            session.form,
            np.asarray(table),
            int(state.iteration),
            result,
            interrupted=request.made,
        )
    _keep(session, solved)
    return solved


def _strategy(solver: Solver, state: SolverState, *, averages: bool) -> tuple[Any, behaviour.Gaps]:
    table = solver.average(state) if averages else solver.current(state)
    return table, behaviour.gaps(solver.form, table)


def _reached(target: Target, state: SolverState, found: behaviour.Gaps, deadline: Deadline) -> bool:
    done = int(state.iteration)
    enough = target.iterations is not None and done >= target.iterations
    bound = target.exploitability
    return enough or (done > 0 and (deadline.left() <= 0 or _below(found, bound)))


def _below(found: behaviour.Gaps, bound: float | None) -> bool:
    return bound is not None and float(found.exploitability) <= bound


def _advance(
    session: _Session,
    solver: Solver,
    state: SolverState,
    speed: float,
    deadline: Deadline,
    stopped: Callable[[], bool],
) -> tuple[SolverState, float]:
    """Iterate to the next point of the curve, in parts, between which the clock is read and the state saved.

    Points lie where they would if nobody had stopped: at 1, 2, 3, 4, 6, 8, 12, 16, 24, ... iterations.
    """
    goal = next_point(int(state.iteration))
    if session.target.iterations is not None:
        goal = min(goal, session.target.iterations)
    while (left := goal - int(state.iteration)) > 0:
        count = max(1, min(left, int(speed * CHUNK_SECONDS)))
        before = time.monotonic()
        state = jax.block_until_ready(solver.run(state, count))
        speed = max(1.0, min(8.0 * max(speed, 1.0), count / max(time.monotonic() - before, 1e-6)))
        if session.unsaved.due():
            _save(session, state)
            session.unsaved.set()
        if stopped() or deadline.left() <= 0:
            break
    return state, speed


def next_point(iteration: int) -> int:
    """The first number above `iteration` that is a power of two, or one and a half times one."""
    power = 1 << max(iteration, 1).bit_length() - 1
    return next(n for n in (1, power + power // 2, 2 * power) if n > iteration)


def _point(session: _Session, state: SolverState, found: behaviour.Gaps) -> dict[str, Any]:
    """What the curve tells of a state."""
    return {
        "iteration": int(state.iteration),
        "seconds": round(time.monotonic() - session.began, 3),
        "exploitability": float(found.exploitability),
        "values": [float(value) for value in found.values],
    }


def _note(session: _Session, state: SolverState, found: behaviour.Gaps) -> None:
    """A point of the curve."""
    point = _point(session, state, found)
    if not math.isfinite(point["exploitability"]):
        raise UserError(f"{session.config.algorithm} diverged: exploitability is {point['exploitability']}")
    if session.folder is not None:
        try:
            append_line(session.folder / CURVE_FILE, json.dumps(point))
        except OSError as error:
            raise UserError(f"cannot write {session.folder / CURVE_FILE}: {first_line(error)}") from error
        _write_card(session, point, GOES_ON)
    if session.on_point is not None:
        session.on_point(point)


def _first_state(session: _Session, solver: Solver) -> SolverState:
    """The state that was saved last, or the first of all."""
    state = solver.init(jnp.float64)
    if session.folder is None or not (session.folder / STATE_FILE).exists():
        return state
    path = session.folder / STATE_FILE
    try:
        _, arrays = decode(path)
    except DamagedError as error:
        raise UserError(f"cannot read {path}: {error}; without it the solution begins anew") from error
    check_shapes(shapes(arrays), shapes(state), str(path))
    return from_host(arrays, state)


def _save(session: _Session, state: SolverState) -> None:
    if session.folder is None:
        return
    try:
        write_whole(session.folder / STATE_FILE, encode(to_host(state), {}))
    except OSError as error:
        raise UserError(f"cannot write {session.folder / STATE_FILE}: {first_line(error)}") from error


def _keep(session: _Session, solved: Solved) -> None:
    """Write the strategy as a player."""
    if session.folder is None:
        return
    config = session.config
    facts = Facts(
        config.game, config.game_options, config.algorithm, solved.iterations, solved.result.exploitability
    )
    save_strategy(session.folder / STRATEGY_FILE, solved.form, solved.table, facts)


def _write_card(session: _Session, point: Mapping[str, Any], standing: str) -> None:
    """Write the card of the solution, with the newest point of its curve."""
    config, folder = session.config, session.folder
    if folder is None:
        return
    text = solution_card(config.game, config.game_options, config.algorithm, session.form, point, standing)
    try:
        write_whole(folder / CARD, text)
    except OSError as error:
        raise UserError(f"cannot write {folder / CARD}: {first_line(error)}") from error


def read_curve(folder: Path) -> list[dict[str, Any]]:
    """The points of a solution's curve, in the order of iterations, each once."""
    points: dict[int, dict[str, Any]] = {}
    with suppress(OSError):
        for line in (folder / CURVE_FILE).read_bytes().splitlines():
            with suppress(ValueError, KeyError, TypeError):  # damaged
                point = json.loads(line)
                points[int(point["iteration"])] = point
    return [points[number] for number in sorted(points)]
