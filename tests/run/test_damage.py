"""Damaged run folders: a run goes on as if nothing were, or says in one line why it does not."""

import errno
import json
import random
import shutil
from pathlib import Path

import pytest
import soak
import soak_solutions
from faults import file_limit, rights
from small_runs import RUN, plain, saved_digest

from jaxplay.checkpoint import accept_config
from jaxplay.cli.main import main
from jaxplay.errors import UserError
from jaxplay.run import records, resume, train
from jaxplay.solving import Target, resume_solving
from jaxplay.solving.session import STATE_FILE
from jaxplay.struct import replace

STEPS = 3
LATER = 5
CONFIG = replace(RUN, checkpoint_minutes=0.0)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run of five steps that nothing interrupts."""
    return train(config=CONFIG, steps=LATER, out=tmp_path_factory.mktemp("runs") / "whole", progress=False)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """The same run, of which three steps are done."""
    return train(config=CONFIG, steps=STEPS, out=tmp_path_factory.mktemp("runs") / "run", progress=False)


@pytest.fixture
def run(stopped, tmp_path) -> Path:
    return Path(shutil.copytree(stopped.folder, tmp_path / "run"))


def status_and_words(capsys, *words: object) -> tuple[int, str]:
    """What a command comes to; an error is one line, and nothing else is on standard error."""
    status = main([str(word) for word in words])
    error = capsys.readouterr().err
    assert error.count("\n") == (1 if status else 0)
    return status, error


BAD_LINES = {
    "a flipped bit": b'{"kind": "training", "step": 2, "sec\xefnds": 1.0}',
    "garbage": bytes(range(128, 256)),
    "no step": b'{"kind": "training", "seconds": 1.0}',
    "no object": b"[1, 2]",
    "a step that is none": b'{"kind": "training", "step": "two"}',
    "depth": b"[" * 100_000,
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_lines_that_cannot_be_read_cost_one_warning(whole, run, capsys, name):
    path = run / "metrics.jsonl"
    first, second, *rest = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + BAD_LINES[name] + b"\n" + second + BAD_LINES[name] + b"\n" + b"".join(rest))
    again = resume(run, steps=LATER)
    warnings = [line for line in capsys.readouterr().out.splitlines() if "warning" in line]
    assert warnings == [
        f"warning: {path}: lines that cannot be read: 2; they are in metrics.jsonl.unreadable now"
    ]
    assert (run / "metrics.jsonl.unreadable").read_bytes() == (BAD_LINES[name] + b"\n") * 2
    assert saved_digest(run) == saved_digest(whole.folder)
    assert plain(again.metrics()) == plain(whole.metrics())


def test_a_log_does_not_say_how_long_a_run_has_had(run):
    path = run / "metrics.jsonl"
    lines = [json.dumps(record | {"seconds": 1e9}) + "\n" for record in records.read(path)]
    path.write_text("".join(lines))
    assert resume(run, minutes=10.0, steps=LATER, progress=False).step == LATER


def test_a_line_that_was_cut_off_does_not_spoil_the_next(run):
    with (run / "metrics.jsonl").open("a") as file:
        file.write('{"kind": "train')
    resume(run, steps=LATER, progress=False)
    with (run / "metrics.jsonl").open("a") as file:
        file.write('{"kind": "train')
    records.append(run / "metrics.jsonl", {"step": 9})
    assert [record["step"] for record in records.read(run / "metrics.jsonl")] == [1, 2, 3, 4, 5, 9]


def test_logs_that_are_links_are_not_written_through(run, tmp_path, capsys):
    mine = tmp_path / "mine.txt"
    mine.write_text("precious\n")
    (run / "metrics.jsonl").unlink()
    (run / "metrics.jsonl").symlink_to(mine)
    resume(run, steps=LATER)
    assert mine.read_text() == "precious\n"
    assert "lines that cannot be read: 1" in capsys.readouterr().out


def test_all_checkpoints_gone(run, capsys):
    shutil.rmtree(run / "checkpoints")
    status, error = status_and_words(capsys, "resume", run, "--steps", LATER)
    assert status == 2 and error.endswith("has no checkpoint: start again with `jaxplay train`\n")
    status, error = status_and_words(capsys, "arena", run, "random", "--games", 2)
    assert status == 2 and "has no checkpoint" in error


def test_the_newest_checkpoint_gone(whole, run, capsys):
    shutil.rmtree(run / "checkpoints" / "000000003")
    resume(run, steps=LATER)
    told = [line for line in capsys.readouterr().out.splitlines() if "warning" in line]
    assert told == [f"warning: checkpoint {run}/checkpoints/000000003 is gone; an older one is taken"]
    assert saved_digest(run) == saved_digest(whole.folder)


def test_a_changed_configuration(run, capsys):
    text = (run / "config.json").read_text()
    (run / "config.json").write_text(text.replace('"keep_checkpoints": 3', '"keep_checkpoints": 1'))
    status, error = status_and_words(capsys, "resume", run, "--steps", STEPS + 1)
    assert status == 2 and "config.json was changed since the run wrote it" in error
    status, error = status_and_words(capsys, "arena", run, "random", "--games", 2)
    assert status == 2 and "--accept-config" in error
    assert status_and_words(capsys, "resume", run, "--steps", STEPS + 1, "--accept-config")[0] == 0
    assert len(list((run / "checkpoints").iterdir())) == 1
    assert status_and_words(capsys, "resume", run, "--steps", STEPS + 2)[0] == 0


def test_an_odd_lock(run, capsys):
    (run / ".lock").unlink()
    (run / ".lock").mkdir()
    status, error = status_and_words(capsys, "resume", run, "--steps", LATER)
    assert status == 2 and error == f"jaxplay: error: cannot lock {run}/.lock: Is a directory\n"


HOSTILE = [
    ('"width": 16', '"width": 1000000000000'),
    ('"num_simulations": 4', '"num_simulations": 1000000000000000000000'),
    ('"num_matches": 16', '"num_matches": 4611686018427387904'),
    ('"replay_positions": 1024', '"replay_positions": 1e400'),
    ('"seed": 0', '"seed": 340282366920938463463374607431768211456'),
    ('"ema_decay": ', '"ema_decay": NaN, "_": '),
    ('"num_plies": 4', '"num_plies": 1000000000'),
    ('"game_options": []', '"game_options": [["rows", [[[[[1]]]]]]]'),
    ('"game_options": []', '"game_options": ' + "[" * 5000 + "]" * 5000),
    ('"depth": 1', '"depth": -1'),
    ('"checkpoint_minutes": 0.0', '"checkpoint_minutes": Infinity'),
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_a_hostile_configuration_is_one_line(run, capsys, number):
    """A run of somebody else, whose checksum is right."""
    old, new = HOSTILE[number]
    text = (run / "config.json").read_text()
    assert old in text
    (run / "config.json").write_text(text.replace(old, new))
    accept_config(run)
    status, error = status_and_words(capsys, "resume", run, "--steps", STEPS + 1)
    assert status == 2 and len(error) < 400


def test_a_run_of_somebody_else(run, capsys):
    with rights(0o555, run, run / "checkpoints"):
        status, error = status_and_words(capsys, "resume", run, "--steps", LATER)
    assert status == 2 and "Permission denied" in error
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    (run / ".lock").chmod(0o666)
    with rights(0o555, run, run / "checkpoints"):
        status, error = status_and_words(capsys, "resume", run, "--steps", LATER)
    assert status == 2 and "Permission denied" in error
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*")} == before


def test_a_disk_that_is_full(whole, run):
    with file_limit(3000), pytest.raises(UserError, match=r"cannot save a checkpoint in .*: File too large$"):
        resume(run, steps=LATER, progress=False)
    left = sorted(path.name for path in (run / "checkpoints").iterdir())
    assert left == [f"{step:09d}" for step in range(1, STEPS + 1)]
    resume(run, steps=LATER, progress=False)
    assert saved_digest(run) == saved_digest(whole.folder)


def test_files_of_a_run_harmed_in_turn(stopped, tmp_path):
    """The short form of the soak."""
    folder = Path(shutil.copytree(stopped.folder, tmp_path / "run"))
    kind = soak.Kind("plain", CONFIG, soak.last_digest(folder, CONFIG))
    chance = random.Random(0)
    count = soak.harm_checkpoints(kind, folder, chance, every=12)
    assert count["fell back"] > 3
    count = soak.harm_run(kind, folder, chance, every=15)
    assert count["went on, equal"] > 0 and count["one line"] > 0


@pytest.fixture(scope="module")
def solution(tmp_path_factory):
    """A solution of a few iterations."""
    return soak_solutions.make(tmp_path_factory.mktemp("solutions") / "whole", iterations=64)


def test_files_of_a_solution_harmed_in_turn(solution):
    """The short form of the soak."""
    count = soak_solutions.harm_files(solution, random.Random(0), every=6)
    assert count["went on, equal"] > 0 and count["one line"] > 0


def test_a_solution_that_cannot_be_written(solution, tmp_path, monkeypatch):
    folder, further = Path(shutil.copytree(solution.whole, tmp_path / "solution")), Target(iterations=70)

    def write(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = (folder / STATE_FILE).read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr("jaxplay.solving.session.write_whole", write)
        with pytest.raises(UserError, match=r"cannot write .*: No space left on device$"):
            resume_solving(folder, target=further)
    assert (folder / STATE_FILE).read_bytes() == before
    with rights(0o555, folder), pytest.raises(UserError, match=r"Permission denied$"):
        resume_solving(folder, target=further)
    solution.check(folder)
