"""The host loop: steps, and between them the looking, writing and saving.

The metrics of a step are fetched while the next one runs, so that the device never waits for the host.
Minutes are those of the user: they begin with the process, and the last evaluation fits into them.
"""

import math
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxplay.checkpoint import Checkpoints, Goal
from jaxplay.config import RunConfig
from jaxplay.errors import UserError
from jaxplay.rollout.sanity import LAWS
from jaxplay.run.allowance import Allowance
from jaxplay.run.card_keeper import DONE, GOES_ON, STOPPED, CardKeeper
from jaxplay.run.display import Display
from jaxplay.run.evaluation import Evaluation, Report
from jaxplay.run.log import Log
from jaxplay.run.records import Record
from jaxplay.run.signals import Request
from jaxplay.run.snapshots import SnapshotWriter
from jaxplay.run.timers import Deadline, Timer
from jaxplay.run.totals import Totals
from jaxplay.sharding import gather, here
from jaxplay.training import TrainState, learner_names

Step = Callable[[TrainState], tuple[TrainState, Mapping[str, Any]]]

NOBODY = Request()
"""Nobody asks to stop."""

RESERVED = 0.25
"""At most this share of the minutes is kept free for a last evaluation that takes more than its share."""


class Parts(NamedTuple):
    """What a loop works with.

    Attributes:
        config: of the run.
        goal: when to stop; minutes are those of this session.
        started: when they began, as `time.monotonic` tells it.
        step: compiled, donates its argument.
        evaluation: of the run; None: never.
        allowance: the time that evaluations may take.
        checkpoints: of the run.
        log: its files.
        totals: of the run so far.
        display: for people.
        snapshots: writes the frozen players of a league; None without a league.
        request: to stop.
        card: keeps the run's card; None: there is none.
        gather: the whole of a state, which several processes may share.
    """

    config: RunConfig
    goal: Goal
    started: float
    step: Step
    evaluation: Evaluation | None
    allowance: Allowance
    checkpoints: Checkpoints
    log: Log
    totals: Totals
    display: Display
    snapshots: SnapshotWriter | None = None
    request: Request = NOBODY
    card: CardKeeper | None = None
    gather: Callable[[TrainState], TrainState] = gather


class Loop:
    """A run from `state` on."""

    def __init__(self, parts: Parts, state: TrainState) -> None:
        self._parts, self._state = parts, state
        self.step = int(state.step)
        names = learner_names(parts.config.training)
        self._updates = {
            _front(name): float(learner.updates) for name, learner in zip(names, state.learners, strict=True)
        }
        self._unread: tuple[int, Mapping[str, Any]] | None = None
        self._first, self._learned, self._step_seconds = self.step, False, 0.0
        self._saved = self._evaluated = self.step if self.step else None
        self._began = time.monotonic()
        self._evaluation = Timer(60.0 * parts.config.evaluate_minutes)
        self._checkpoint = Timer(60.0 * parts.config.checkpoint_minutes)
        self._deadline = Deadline(parts.goal.minutes, parts.started)

    def run(self) -> None:
        """Go on until the goal, or until somebody asks to stop.

        Raises:
            UserError: a loss is not finite, or the last state cannot be saved.
            BrokenPipeError: nobody reads what is shown. The state is saved before.
        """
        self._save_snapshots()
        try:
            self._train()
        except BrokenPipeError:
            self._save(last=True)
            self._parts.checkpoints.wait()
            raise
        self._read_metrics()
        self._write_record()
        self._save(last=True)
        if not self._parts.request.made:
            self._evaluate(last=True)
        self._parts.checkpoints.wait()
        if self._saved == self.step:
            self._parts.checkpoints.note(self.step, self._totals())
        self._write_card(STOPPED if self._parts.request.made else DONE)

    def _train(self) -> None:
        while not self._finished():
            began = time.monotonic()
            self._advance()
            if self._record_due():
                self._write_record()
            self._step_seconds = time.monotonic() - began
            if self._checkpoint.due():
                self._save()
            if self._evaluation.due():
                self._evaluate()

    def _finished(self) -> bool:
        goal = self._parts.goal
        if goal.games is not None:
            self._read_metrics()  # those of the last step are needed, or the clock would say when to stop
        far = goal.steps is not None and self.step >= goal.steps
        many = goal.games is not None and self._parts.totals.games >= goal.games
        return far or many or self._parts.request.made or self._late()

    def _late(self) -> bool:
        """Whether the next step would end after the minutes, which also hold the last evaluation.

        There is at least one step in which something is learned, unless that takes far too long.
        """
        left = self._deadline.left()
        if left > self._reserved(left) + self._step_seconds / 2:
            return False
        if not self._learned and self.step > self._first:
            self._read_metrics()
        return self._learned or (self.step > self._first and self._deadline.is_far_over())

    def _reserved(self, left: float) -> float:
        """Seconds of those that are left that the last evaluation is going to take."""
        evaluation, minutes = self._parts.evaluation, self._parts.goal.minutes
        if evaluation is None or minutes is None:
            return 0.0
        allowed = self._parts.allowance.left(max(left, 0.0))
        if allowed >= evaluation.least():
            return min(allowed, evaluation.most())
        return min(evaluation.floor(), RESERVED * 60.0 * minutes) if self._parts.allowance.share else 0.0

    def _record_due(self) -> bool:
        totals, config = self._parts.totals, self._parts.config
        if config.log_games:
            return totals.games_since() >= config.log_games
        return totals.elapsed() >= config.log_seconds

    def _done(self) -> float | None:
        """The share of the goal that is reached."""
        goal, minutes = self._parts.goal, (time.monotonic() - self._parts.started) / 60.0
        shares = [minutes / goal.minutes] if goal.minutes else []
        shares += [self.step / goal.steps] if goal.steps else []
        shares += [self._parts.totals.games / goal.games] if goal.games else []
        return max(shares, default=None)

    def _advance(self) -> None:
        """Begin a step, and read the metrics of the one before while it runs."""
        self._state, metrics = self._parts.step(self._state)
        self._read_metrics()
        self.step += 1
        self._unread = self.step, metrics

    def _read_metrics(self) -> None:
        if self._unread is not None:
            (step, metrics), self._unread = self._unread, None
            numbers = {name: float(value) for name, value in jax.device_get(metrics).items()}
            self._refuse_broken(step, numbers)
            self._refuse_nan(step, numbers)
            self._parts.totals.add(numbers)
            if numbers.get("frozen"):
                self._save_snapshots()

    def _save_snapshots(self) -> None:
        """Write the frozen players that are not on disk yet, and what all players earn of each other.

        The state may be one step further than the metrics that tell of them: nobody leaves a league at once.
        """
        snapshots, state = self._parts.snapshots, here(self._state.league)
        if snapshots is None or state is None:
            return
        try:
            for facts in snapshots.save_new(state):
                self._parts.display.say(f"step {facts.born:,}: {facts.name} is frozen")
            self._parts.display.league(snapshots.save_table(state), snapshots.players)
        except UserError as error:
            self._parts.display.warn(str(error))

    def _refuse_nan(self, step: int, metrics: Mapping[str, float]) -> None:
        """A learner that learned has finite metrics; one that only filled its memory has no losses."""
        before, self._updates = self._updates, {front: metrics[f"{front}updates"] for front in self._updates}
        self._learned |= self._updates != before
        for name, value in metrics.items():
            front = name[: name.rfind(".") + 1]
            if self._updates[front] > before[front] and not math.isfinite(value):
                raise self._diverged(f"{name} is {value} at step {step}")

    def _refuse_broken(self, step: int, metrics: dict[str, float]) -> None:
        """Stop where the game broke a law; what counts that is not written anywhere."""
        for name, law in LAWS.items():
            count = metrics.pop(name)
            if count:
                game = self._parts.config.training.game
                raise self._diverged(f"{game} breaks a law of games at step {step}: {count:g} {law}")

    def _diverged(self, what: str) -> UserError:
        self._parts.checkpoints.wait()
        steps = self._parts.checkpoints.steps()
        kept = f"the last checkpoint, of step {steps[-1]}, is kept" if steps else "nothing was saved yet"
        return UserError(f"{what}; {kept}")

    def _write_record(self) -> None:
        """Write the metrics since the last record, up to the newest that were read, if there are any."""
        if self._parts.totals.steps == 0:
            return
        read = self.step - (self._unread is not None)
        record = self._parts.totals.record(read)
        self._save_snapshots()
        self._parts.log.write(record)
        self._note(record)
        self._parts.display.training(record, self._done())

    def _save(self, *, last: bool = False) -> None:
        """Begin to save the state; a failure stops the run only at its end."""
        if self._saved == self.step:
            return
        began = time.monotonic()
        self._read_metrics()
        if not _all_finite(here([(learner.params, learner.ema) for learner in self._state.learners])):
            raise self._diverged(f"parameters are not finite at step {self.step}")
        self._save_snapshots()
        whole = self._parts.gather(self._state)
        try:
            self._parts.checkpoints.save(whole, self._totals())
            self._saved = self.step
        except UserError as error:
            self._parts.display.warn(str(error))
            if last:
                self._parts.checkpoints.save(whole, self._totals())
                self._saved = self.step
        self._checkpoint.set()
        self._parts.totals.leave_out(time.monotonic() - began)

    def _totals(self) -> dict[str, float]:
        """What a checkpoint keeps of the run's totals."""
        return self._parts.totals.so_far() | {"evaluation_seconds": self._parts.allowance.spent}

    def _evaluate(self, *, last: bool = False) -> None:
        """Evaluate the state as far as there is time for it. What was never trained is not evaluated.

        The last evaluation takes place in any case, and may take what is left of the minutes besides.
        """
        evaluation, allowance = self._parts.evaluation, self._parts.allowance
        if evaluation is None or self._evaluated == self.step or self.step == 0:
            return
        always = last and allowance.share > 0.0
        if not always and not allowance.allows(evaluation.least()):
            return
        began, spent, report = time.monotonic(), allowance.spent, None
        rest = self._deadline.left() if last and self._parts.goal.minutes is not None else 0.0

        def allows(cost: float) -> bool:
            passed = time.monotonic() - began
            allowance.spent = spent + passed
            return allowance.allows(cost) or cost <= rest - passed

        self._read_metrics()
        if last:
            self._fit(evaluation, max(rest, allowance.left()))
        display, doing = self._parts.display, "the last evaluation ..." if last else ""
        with self._parts.request.giving_up(), display.phase("evaluation", doing):
            report = evaluation.run(here(self._state), self.step, allows, display.status, always=always)
        allowance.spent = spent + time.monotonic() - began
        if report is not None:
            self._report(report)
        self._evaluated = self.step
        self._evaluation.set()
        self._parts.totals.leave_out(time.monotonic() - began)

    def _fit(self, evaluation: Evaluation, seconds: float) -> None:
        """Let the last evaluation be of as many games as fit, by the pace of training."""
        positions, games = self._parts.totals.of_session()
        if positions:
            pace, before = (time.monotonic() - self._began) / positions, evaluation.num_games
            evaluation.fit(seconds, pace, positions / games if games else None)
            if evaluation.num_games < before:
                told = f"{evaluation.num_games} games each instead of {before}"
                self._parts.display.say(f"the machine is slow: the last evaluation is of {told}")

    def _report(self, report: Report) -> None:
        record: Record = report.record | {"seconds": round(self._parts.totals.seconds(), 3)}
        self._parts.log.write(record)
        self._parts.log.write_games(self.step, report.games, ["agent", "agent"])
        self._parts.display.evaluation(record)
        self._note(record)
        self._write_card(GOES_ON)

    def _note(self, record: Record) -> None:
        if self._parts.card is not None:
            self._parts.card.note(record)

    def _write_card(self, standing: str) -> None:
        if self._parts.card is not None:
            self._parts.card.write(self.step, self._parts.totals.so_far(), standing)


def _front(learner: str) -> str:
    """What stands before the names of a learner's metrics."""
    return "" if learner == "main" else f"{learner}."


@jax.jit
def _finite(params: Any) -> jax.Array:
    return jnp.all(jnp.stack([jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(params)]))


def _all_finite(params: Any) -> bool:
    return bool(_finite(params))
