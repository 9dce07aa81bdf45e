"""Minutes are those of the user: they hold compilation and evaluation. By a clock that the tests set."""

import dataclasses
import math
import queue
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from small_runs import RUN

from jaxplay.checkpoint import Goal
from jaxplay.rollout.sanity import LAWS
from jaxplay.run.allowance import Allowance
from jaxplay.run.display import Display
from jaxplay.run.durations import STOPS, Durations, compiling, durations_in, told_if_late
from jaxplay.run.evaluation import LEAST_GAMES, Evaluation
from jaxplay.run.loop import Loop, Parts
from jaxplay.run.totals import Totals

CONFIG = dataclasses.replace(
    RUN, evaluate_games=2, evaluate_minutes=3.0, evaluate_share=0.1, log_seconds=60.0
)


@pytest.fixture
def clock(monkeypatch) -> SimpleNamespace:
    """Seconds that pass only where a test says so."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    return clock


class Script(Display):
    """What was said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)


class Costly:
    """An evaluation in one part, which takes long the first time."""

    def __init__(self, clock: SimpleNamespace, seconds: float, first: float) -> None:
        self._clock, self._seconds, self._first = clock, seconds, first
        self.begun: list[float] = []
        self.least = self.most = self.floor = lambda: self._seconds if self.begun else self._first
        self.num_games, self.fitted = 64, []

    def fit(self, seconds: float, pace: float, plies: float | None) -> None:
        self.fitted.append((seconds, pace, plies))

    def run(self, state: Any, step: int, allows: Any, status: Any, *, always: bool) -> None:
        assert (always or allows(self.least())) and step > 0
        cost = self.least()
        self.begun.append(self._clock.now)
        self._clock.now += cost


def play(
    clock: Any,
    *,
    step: float,
    learns_at: float = 1,
    compiled: float = 0.0,
    evaluation: Any = None,
    saved: list[int] | None = None,
    share: float = CONFIG.evaluate_share,
    **goal: Any,
) -> tuple[Loop, float, list[str]]:
    """Run a loop whose steps take `step` seconds, and whose learner learns from step `learns_at` on.

    Returns:
        The loop, the seconds from the start of the minutes to the end, and what was said. The steps that were
        saved are added to `saved`.
    """
    saved = [] if saved is None else saved
    checkpoints: Any = SimpleNamespace(
        save=lambda state, totals: saved.append(int(state.step)),
        wait=lambda: None,
        steps=lambda: saved,
        note=lambda step, totals: None,
    )
    log: Any = SimpleNamespace(write=lambda record: None)

    def advance(state: Any) -> Any:
        clock.now += step
        number = state.step + 1
        updates = max(0.0, number + 1 - learns_at)
        metrics = dict.fromkeys((*LAWS, "truncated"), 0.0)
        metrics |= {"updates": updates, "games": 1.0, "positions": 9.0}
        return state_of(number, updates), metrics

    started = clock.now
    clock.now += compiled
    totals, display = Totals(started), Script()
    allowance = Allowance(share, totals.seconds)
    parts = Parts(
        CONFIG, Goal(**goal), started, advance, evaluation, allowance, checkpoints, log, totals, display
    )
    loop = Loop(parts, state_of(0, 0.0))
    loop.run()
    assert saved[-1:] == [loop.step]
    return loop, clock.now - started, display.lines


def state_of(step: int, updates: float) -> Any:
    params = np.zeros(1, np.float32)
    learner = SimpleNamespace(updates=updates, params=params, ema=params)
    return SimpleNamespace(step=step, learners=(learner,), league=None)


def test_the_last_evaluation_is_in_the_minutes(clock):
    evaluation = Costly(clock, 12.0, 30.0)
    loop, seconds, _ = play(clock, step=1.0, evaluation=evaluation, minutes=15)
    assert 900 - 2 <= seconds <= 900 + 1
    assert evaluation.begun[-1] > 1000 + 900 - 12 - 2
    assert loop.step == pytest.approx(900 - 30 - 12 * (len(evaluation.begun) - 1), abs=2)


def test_evaluations_take_a_tenth_of_the_time_at_most(clock):
    evaluation = Costly(clock, 100.0, 60.0)
    _, seconds, _ = play(clock, step=1.0, evaluation=evaluation, minutes=60)
    spent = 0.0
    for number, begun in enumerate(evaluation.begun):
        cost = 60.0 if number == 0 else 100.0
        spent += cost
        assert spent <= 0.1 * (begun + cost - 1000.0)
    assert len(evaluation.begun) == 4 and seconds <= 3601


@pytest.mark.parametrize(("first", "reserved"), [(100.0, 100.0), (370.0, 150.0)])
def test_the_last_evaluation_takes_place_in_any_case(clock, first, reserved):
    """It is in the minutes, of which it takes a quarter at most from training."""
    evaluation = Costly(clock, 10.0, first)
    _, seconds, _ = play(clock, step=1.0, evaluation=evaluation, minutes=10)
    assert evaluation.begun == [pytest.approx(1600.0 - reserved, abs=1)]
    assert seconds == pytest.approx(600.0 - reserved + first, abs=1)
    ((room, pace, plies),) = evaluation.fitted
    assert room == pytest.approx(reserved, abs=1) and pace == pytest.approx(1.0 / 9.0) and plies == 9.0


def test_no_share_no_evaluation(clock):
    evaluation = Costly(clock, 1.0, 1.0)
    play(clock, step=1.0, evaluation=evaluation, share=0.0, minutes=5)
    assert not evaluation.begun


def test_compilation_that_takes_longer_than_the_minutes(clock):
    """Training goes on until it has learned once; what its metrics tell is known a step later."""
    loop, _, _ = play(clock, step=5.0, learns_at=3, compiled=131.0, minutes=2)
    assert loop.step == 3


def test_late_compilation_is_told_at_once_where_it_was_late_before():
    said: list[str] = []
    with told_if_late(120.0, 175.2, said.append):
        assert said == [f"compiling took 175 s last time: if it takes longer than the minutes given, {STOPS}"]
    with told_if_late(120.0, 21.0, said.append), told_if_late(math.inf, None, said.append):
        pass
    assert len(said) == 1


def test_late_compilation_is_told_when_the_minutes_are_over():
    said: queue.Queue[str] = queue.Queue()
    with told_if_late(0.01, None, said.put):
        told = said.get(timeout=60.0)
    assert told == f"compiling takes longer than the minutes given: {STOPS}"


def test_how_long_compiling_is_expected_to_take(tmp_path):
    """As long as for other settings of the game; what was compiled before is in the cache."""

    def of(**changes: Any) -> Durations:
        return durations_in(tmp_path, dataclasses.replace(CONFIG.training, **changes))

    assert of().expected() is None and compiling(None) == "compiling ..."
    of().note(21.3)
    assert of(num_shards=2).expected() == 21.3 and compiling(21.3) == "compiling ... (took 21 s last time)"
    assert of().expected() is None and of(game="nim").expected() is None
    of(seed=5).note(1.5)
    assert of().expected() == 1.5 and of(num_shards=2).expected() == 21.3
    (file,) = tmp_path.iterdir()
    for damage in (b"", b"\xff" * 9, b"[1]", file.read_bytes().replace(b"21.3", b"21.4")):
        file.write_bytes(damage)
        assert of(num_shards=2).expected() is None
    Durations(tmp_path / "no" / "folder" / "file").note(1.0)
    Durations().note(1.0)


@pytest.mark.parametrize(("compiled", "most"), [(131.0, 131.0), (20.0, 120.0)])
def test_learning_that_takes_far_too_long(clock, compiled, most):
    loop, seconds, _ = play(clock, step=50.0, learns_at=math.inf, compiled=compiled, minutes=2)
    assert loop.step == math.ceil(most / 50.0) and seconds == compiled + 50.0 * loop.step


def test_one_step_at_least(clock):
    loop, _, _ = play(clock, step=500.0, learns_at=math.inf, compiled=131.0, minutes=2)
    assert loop.step == 1


def test_a_closed_pipe_saves_the_state(clock, monkeypatch):
    """As of `jaxplay train ... | head`."""

    def training(self: Any, record: Any, done: Any) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(Script, "training", training)
    saved: list[int] = []
    with pytest.raises(BrokenPipeError):
        play(clock, step=25.0, saved=saved, steps=100)
    assert saved == [3]


def test_steps_have_no_clock(clock):
    loop, _, lines = play(clock, step=1000.0, learns_at=math.inf, compiled=1e6, steps=7)
    assert loop.step == 7 and not lines


@pytest.fixture
def parts(clock):
    """An evaluation whose parts take 20 seconds the first time and then 1, and a list of what was done."""
    evaluation, done = Evaluation(CONFIG, 30.0), []

    def part(name: str) -> Any:
        def act(subject: Any) -> None:
            clock.now += 1.0 if name in done else 20.0
            done.append(name)

        return act

    evaluation._parts = {name: part(name) for name in evaluation._parts}
    return evaluation, done


def evaluate(evaluation: Evaluation, clock: Any, seconds: float) -> Any:
    state: Any = SimpleNamespace(learners=(SimpleNamespace(ema=None),))
    said: list[str] = []
    end = clock.now + seconds
    return evaluation.run(state, 5, lambda cost: cost <= end - clock.now, said.append), said


def test_parts_are_done_as_far_as_there_is_time(parts, clock):
    evaluation, done = parts
    names = list(evaluation._parts)
    assert names[0] == "games against random play" and names[-1] == "sample games"
    assert evaluation.least() == 30.0 and evaluation.most() == 30.0 * len(names)
    assert evaluate(evaluation, clock, 29.0) == (None, []) and not done
    report, said = evaluate(evaluation, clock, 45.0)
    assert done == names[:2] and report.record["left_out"] == names[2:]
    assert said == [f"evaluation, {i + 1} of {len(names)}: {names[i]} ..." for i in range(2)]
    assert report.record["evaluation_seconds"] == 40.0
    assert evaluation.least() == 60.0
    report, _ = evaluate(evaluation, clock, 1000.0)
    assert done == names[:2] + names and "left_out" not in report.record
    assert evaluation.least() == evaluation.most() == 2 * 1.0 + (len(names) - 2) * 20.0


def test_something_is_measured_in_any_case(parts, clock):
    evaluation, done = parts
    state: Any = SimpleNamespace(learners=(SimpleNamespace(ema=None),))
    measure = evaluation._parts["games against random play"]
    evaluation._parts["games against random play"] = lambda subject: (
        measure(subject),
        subject.record["scores"].update(random=1.0),
    )
    report = evaluation.run(state, 5, lambda cost: False, lambda text: None, always=True)
    assert done == ["games against random play"] and report.record["scores"] == {"random": 1.0}


def test_as_many_games_as_fit():
    config = dataclasses.replace(CONFIG, evaluate_games=64, evaluate_simulations=8)  # training has 4
    for seconds, games in ((64 * 2 * 6.1, 64), (64 * 2 * 5.9, 32), (32 * 2 * 5.9, 16), (1.0, LEAST_GAMES)):
        evaluation = Evaluation(config, 30.0)
        evaluation.fit(seconds, 1.0, 6.0)
        assert evaluation.num_games == games
    unknown = Evaluation(config)
    unknown.fit(64 * 2 * 9.1, 1.0, None)  # nobody plays longer than nine plies
    assert unknown.num_games == 64
    few = Evaluation(dataclasses.replace(config, evaluate_games=2))
    few.fit(0.0, 1.0, 6.0)
    assert few.num_games == 2


def test_an_allowance():
    allowance = Allowance(0.1, lambda: 100.0, 4.0)
    assert allowance.left() == 6.0 and allowance.left(50.0) == 11.0
    assert allowance.allows(6.5) and not allowance.allows(7.0)
    assert Allowance(1.0, lambda: 0.0, 4.0).left() == math.inf
