"""Minutes are those of the user: they hold compilation and evaluation. By a clock that the tests set."""

import dataclasses
import math
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
from jaxplay.run.evaluation import Evaluation
from jaxplay.run.loop import LATE, Loop, Parts
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
        self.least = self.most = lambda: self._seconds if self.begun else self._first

    def run(self, state: Any, step: int, allows: Any, status: Any) -> None:
        assert allows(self.least()) and step > 0
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
    allowance = Allowance(CONFIG.evaluate_share, totals.seconds)
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


def test_an_evaluation_that_would_take_too_long_is_not_begun(clock):
    evaluation = Costly(clock, 10.0, 370.0)
    _, seconds, lines = play(clock, step=1.0, evaluation=evaluation, minutes=10)
    assert not evaluation.begun
    assert lines[-1] == "no evaluation: it would take more than 10% of the run's time (--evaluate-share)"
    assert seconds == pytest.approx(600, abs=1)


def test_compilation_that_takes_longer_than_the_minutes(clock):
    """Training goes on until it has learned once; what its metrics tell is known a step later."""
    loop, _, lines = play(clock, step=5.0, learns_at=3, compiled=131.0, minutes=2)
    assert lines[0] == LATE
    assert loop.step == 3


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


def test_an_allowance():
    allowance = Allowance(0.1, lambda: 100.0, 4.0)
    assert allowance.left() == 6.0 and allowance.left(50.0) == 11.0
    assert allowance.allows(6.5) and not allowance.allows(7.0)
    assert Allowance(1.0, lambda: 0.0, 4.0).left() == math.inf
