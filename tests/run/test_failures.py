import dataclasses
import errno
import os
import shutil
import signal

import jax
import pytest
from small_runs import RUN, TRAINING, largest_file, plain, saved_digest

from jaxplay.checkpoint import Checkpoints, arrays, locked
from jaxplay.errors import UserError
from jaxplay.run import loop, resume, train
from jaxplay.run.evaluation import Evaluation
from jaxplay.run.program import fitting

STEPS = 6
SAVING = dataclasses.replace(RUN, checkpoint_minutes=0.0)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return train(config=SAVING, steps=STEPS, out=tmp_path_factory.mktemp("runs") / "run", progress=False)


@pytest.fixture
def copy(whole, tmp_path):
    return shutil.copytree(whole.folder, tmp_path / "copy")


def full_disk_after(count: int, monkeypatch):
    """From its save number `count` on, a checkpoint finds no room."""
    saves = iter(range(1000))
    reserve = arrays.reserve

    def full(folder, size):
        if next(saves) >= count:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        reserve(folder, size)

    monkeypatch.setattr(arrays, "reserve", full)


def test_a_folder_with_another_run(whole):
    before = {path: path.stat().st_mtime_ns for path in whole.folder.rglob("*")}
    with pytest.raises(UserError, match="holds another run"):
        train(config=RUN, steps=1, out=whole.folder, progress=False)
    assert {path: path.stat().st_mtime_ns for path in whole.folder.rglob("*")} == before


def test_not_a_run(tmp_path):
    with pytest.raises(UserError, match="is not a run"):
        resume(tmp_path, progress=False)


@pytest.mark.parametrize("harmed", [1, 2])
def test_damaged_checkpoints_are_passed_over(whole, copy, capsys, harmed):
    for step in range(STEPS, STEPS - harmed, -1):
        path = largest_file(copy / "checkpoints" / f"{step:09d}" / "state")
        path.write_bytes(path.read_bytes()[:-7])
    again = resume(copy, steps=STEPS)
    lines = [line for line in capsys.readouterr().out.splitlines() if "is damaged" in line]
    assert len(lines) == harmed
    assert saved_digest(copy) == saved_digest(whole.folder)
    assert plain(again.metrics()) == plain(whole.metrics())
    assert len(list((copy / "checkpoints").glob("*.damaged"))) == harmed


def test_no_usable_checkpoint(copy):
    for path in (copy / "checkpoints").glob("*/about.json"):
        path.write_text("")
    metrics = (copy / "metrics.jsonl").read_bytes()
    with pytest.raises(UserError, match="no checkpoint that can be read"):
        resume(copy, steps=STEPS + 1, progress=False)
    assert (copy / "metrics.jsonl").read_bytes() == metrics


def test_a_disk_that_fills_up_costs_a_warning(tmp_path, capsys, monkeypatch):
    full_disk_after(2, monkeypatch)
    with pytest.raises(UserError, match=r"cannot save a checkpoint in .*: No space left on device"):
        train(config=SAVING, steps=STEPS, out=tmp_path / "run")
    warnings = [line for line in capsys.readouterr().out.splitlines() if "warning" in line]
    assert len(warnings) >= 2 and all("No space left on device" in line for line in warnings)
    assert Checkpoints(tmp_path / "run").steps() == [1, 2]


def test_a_disk_that_has_room_again(whole, tmp_path, monkeypatch):
    """A save that fails does not stop the run."""
    fails = iter([False, True, True])
    reserve = arrays.reserve

    def full(folder, size):
        if next(fails, False):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        reserve(folder, size)

    monkeypatch.setattr(arrays, "reserve", full)
    train(config=SAVING, steps=STEPS, out=tmp_path / "run", progress=False)
    assert saved_digest(tmp_path / "run") == saved_digest(whole.folder)


@pytest.mark.parametrize(
    ("name", "blocked"), [("metrics.jsonl", "metrics.jsonl"), ("card.md", "card.md.draft")]
)
def test_a_file_that_cannot_be_written_costs_one_warning(tmp_path, capsys, name, blocked):
    def block(line):
        path = tmp_path / "run" / blocked
        if not path.is_dir():
            path.unlink(missing_ok=True)
            path.mkdir()

    run = train(config=RUN, steps=4, out=tmp_path / "run", on_metrics=block)
    warnings = [line for line in capsys.readouterr().out.splitlines() if "warning" in line]
    assert warnings == [f"warning: cannot write {tmp_path}/run/{name}: Is a directory"]
    assert run.step == 4


def test_a_loss_that_is_not_finite(tmp_path):
    learner = dataclasses.replace(TRAINING.learner, learning_rate=1e38, warmup_steps=0, clip_norm=1e30)
    config = dataclasses.replace(SAVING, training=dataclasses.replace(TRAINING, learner=learner))
    with pytest.raises(UserError, match=r"step (\d+); .*(is kept|nothing was saved)") as caught:
        train(config=config, steps=50, out=tmp_path / "run", progress=False)
    assert "\n" not in str(caught.value)
    state, _ = Checkpoints(tmp_path / "run").restore(jax.eval_shape(*_init(config)))
    assert all(bool(jax.numpy.isfinite(leaf).all()) for leaf in jax.tree.leaves(state.learners[0].params))


def _init(config):
    from jaxplay.training import make_training

    return make_training(config.training).init, jax.random.key(0)


def test_a_run_in_use(whole):
    with locked(whole.folder), pytest.raises(UserError, match="is in use by another process"):
        resume(whole.folder, steps=STEPS + 1, progress=False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_step_and_saves(whole, tmp_path, number):
    def stop(line):
        if line["step"] == 2:
            os.kill(os.getpid(), number)

    before = signal.getsignal(number)
    run = train(config=RUN, steps=1000, out=tmp_path / "run", on_metrics=stop, progress=False)
    assert run.interrupted and 2 <= run.step <= 4
    assert Checkpoints(run.folder).steps() == [run.step]
    assert signal.getsignal(number) is before
    resume(run.folder, steps=STEPS, progress=False)
    assert saved_digest(run.folder) == saved_digest(whole.folder)


def test_the_second_signal_stops_at_once(tmp_path):
    def stop(line):
        if line["step"] == 2:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(config=RUN, steps=1000, out=tmp_path / "run", on_metrics=stop, progress=False)
    assert not Checkpoints(tmp_path / "run").steps()


def test_a_signal_ends_an_evaluation(whole, tmp_path, monkeypatch):
    def evaluate(self, *args, **options):
        os.kill(os.getpid(), signal.SIGTERM)
        raise AssertionError("the evaluation goes on")

    monkeypatch.setattr(Evaluation, "run", evaluate)
    config = dataclasses.replace(RUN, evaluate_games=2, evaluate_minutes=0.0)
    run = train(config=config, steps=STEPS, out=tmp_path / "run", progress=False)
    assert run.interrupted and run.step == 1
    assert not run.metrics("evaluation")
    assert Checkpoints(run.folder).steps() == [1]


def test_metrics_are_read_while_the_next_step_runs(tmp_path, monkeypatch):
    """The host asks for the numbers of a step after it has begun the next one."""
    events = []
    compiled = loop.Loop._advance

    def advance(self):
        step = self._parts.step

        def begin(state):
            events.append(("begin", self.step + 1))
            return step(state)

        self._parts = self._parts._replace(step=begin)
        compiled(self)
        self._parts = self._parts._replace(step=step)

    fetch = jax.device_get

    def get(tree):
        if isinstance(tree, dict) and "policy_loss" in tree:
            events.append(("read", len([e for e in events if e[0] == "read"]) + 1))
        return fetch(tree)

    monkeypatch.setattr(loop.Loop, "_advance", advance)
    monkeypatch.setattr(loop.jax, "device_get", get)
    train(config=dataclasses.replace(RUN, log_seconds=1000.0), steps=4, out=tmp_path / "run", progress=False)
    order = [("begin", 1), ("begin", 2), ("read", 1), ("begin", 3), ("read", 2), ("begin", 4), ("read", 3)]
    assert events == [*order, ("read", 4)]


def test_what_does_not_fit_is_one_line():
    for error in (MemoryError(), jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory\nallocating")):
        with pytest.raises(UserError, match="does not fit into") as caught, fitting():
            raise error
        assert "\n" not in str(caught.value)
    with pytest.raises(jax.errors.JaxRuntimeError, match="INTERNAL"), fitting():
        raise jax.errors.JaxRuntimeError("INTERNAL: a bug")
