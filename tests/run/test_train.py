import dataclasses
import json
import re
import shutil
import time
from functools import partial
from pathlib import Path

import pytest
from small_runs import RUN, plain, saved_digest

from jaxplay.checkpoint import Checkpoints, read_config
from jaxplay.errors import UserError
from jaxplay.run import Run, resume, train

STEPS = 12
MIDDLE = 7


def take_config(run: Run, folder: Path) -> None:
    """Give the run in `folder` the configuration of another."""
    for name in ("config.json", "config.sha256"):
        shutil.copy(run.folder / name, folder / name)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nothing interrupts."""
    folder = tmp_path_factory.mktemp("runs") / "whole"
    return train(config=RUN, steps=STEPS, out=folder, progress=False)


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory):
    """The same run, evaluated and saved after every step."""
    config = dataclasses.replace(
        RUN, evaluate_games=2, evaluate_minutes=0.0, checkpoint_minutes=0.0, keep_checkpoints=20
    )
    folder = tmp_path_factory.mktemp("runs") / "looked_at"
    return train(config=config, steps=STEPS, out=folder, progress=False)


def test_what_is_in_the_folder(looked_at):
    assert {path.name for path in looked_at.folder.iterdir()} == {
        *("config.json", "config.sha256", ".lock", "checkpoints", "progress.json"),
        *("metrics.jsonl", "card.md", "games", "tensorboard"),
    }
    assert looked_at.step == STEPS and not looked_at.interrupted
    assert read_config(looked_at.folder) == looked_at.config


def test_a_line_for_each_step(whole):
    lines = whole.metrics()
    assert [line["step"] for line in lines] == list(range(1, STEPS + 1))
    first, last = lines[0], lines[-1]
    assert first["positions"] == 64 and last["positions"] == 64 * STEPS
    assert "policy_loss" not in first
    assert {"policy_loss", "value_loss", "search_depth", "games_per_second", "plies_per_game"} <= last.keys()
    assert last["updates"] == 2 * (STEPS - 1)
    assert "NaN" not in (whole.folder / "metrics.jsonl").read_text()


def test_the_card_tells_the_newest_evaluation(looked_at):
    text = (looked_at.folder / "card.md").read_text()
    newest = looked_at.metrics("evaluation")[-1]
    assert f"At step {STEPS}, on " in text and "had reached the goal" in text
    assert f"| {newest['rating']:+.0f} (95 %: " in text and text.count(f" | 2 | {STEPS} | ") == 4


def test_looking_changes_nothing(whole, looked_at):
    assert saved_digest(looked_at.folder) == saved_digest(whole.folder)
    assert plain(looked_at.metrics()) == plain(whole.metrics())


def test_another_seed_is_another_run(whole, tmp_path):
    other = train(config=RUN, steps=STEPS, seed=1, out=tmp_path / "run", progress=False)
    assert other.config.training.seed == 1
    assert saved_digest(other.folder) != saved_digest(whole.folder)


def test_evaluations(looked_at):
    lines = looked_at.metrics("evaluation")
    assert [line["step"] for line in lines] == list(range(1, STEPS + 1))
    for line in lines:
        assert set(line["scores"]) == set(line["anchors"]) == {"random", "mcts:4", "solver"}
        assert all(0 <= score <= 1 for score in line["scores"].values())
        assert line["rating_low"] < line["rating"] < line["rating_high"]
        assert line["anchors"]["random"] == 0


def test_sample_games(looked_at):
    games = [
        json.loads(line) for line in (looked_at.folder / "games" / "games.jsonl").read_text().splitlines()
    ]
    assert len(games) == 2 * STEPS
    for game in games:
        assert sum(game["returns"]) == 0 and game["terminated"]
        assert len(game["moves"]) == len(game["actions"]) >= 5
    text = (looked_at.folder / "games" / f"{STEPS:09d}-1.txt").read_text()
    assert f"moves: {' '.join(games[-2]['moves'])}\n" in text
    assert re.search(r"(wins|draw)$", text.strip())


def test_events_for_tensorboard(looked_at):
    (events,) = (looked_at.folder / "tensorboard").iterdir()
    data = events.read_bytes()
    assert b"training/policy_loss" in data and b"evaluation/scores/solver" in data


@pytest.mark.parametrize("step", [1, MIDDLE, STEPS - 1])
def test_resumed_from_any_step_it_is_the_same_run(whole, looked_at, tmp_path, step):
    """The checkpoints after `step` were never made."""
    folder = tmp_path / "run"
    shutil.copytree(looked_at.folder, folder)
    for later in range(step + 1, STEPS + 1):
        shutil.rmtree(folder / "checkpoints" / f"{later:09d}")
    take_config(whole, folder)
    again = resume(folder, progress=False)
    assert again.step == STEPS
    assert saved_digest(folder) == saved_digest(whole.folder)
    assert plain(again.metrics()) == plain(whole.metrics())
    assert [line["step"] for line in again.metrics("evaluation")] == list(range(1, step + 1))
    assert (folder / "card.md").read_text().count(f" | 2 | {step} | ") == 4


def test_resumed_before_anything_was_saved(whole, tmp_path):
    take_config(whole, tmp_path)
    resume(tmp_path, progress=False)
    assert saved_digest(tmp_path) == saved_digest(whole.folder)


def test_resumed_beyond_the_goal(whole, tmp_path):
    first = train(config=RUN, steps=MIDDLE, out=tmp_path / "run", progress=False)
    with pytest.raises(UserError, match=f"has reached its goal at step {MIDDLE}"):
        resume(first.folder, progress=False)
    resume(first.folder, steps=STEPS, progress=False)
    assert saved_digest(first.folder) == saved_digest(whole.folder)
    seconds = [line["seconds"] for line in first.metrics()]
    assert seconds == sorted(seconds)


def test_minutes_only_say_when_to_stop(whole, tmp_path):
    slow = partial(train, config=RUN, steps=STEPS, on_metrics=lambda line: time.sleep(0.05), progress=False)
    run = slow(minutes=0.004, out=tmp_path / "run")
    assert run.step < STEPS
    resume(run.folder, steps=STEPS, progress=False)
    assert saved_digest(run.folder) == saved_digest(whole.folder)


def test_on_metrics_gets_every_line(whole, tmp_path):
    seen: list[dict] = []
    run = train(config=RUN, steps=3, out=tmp_path / "run", progress=False, on_metrics=seen.append)
    assert seen == run.metrics()


def test_an_interval_is_summed_up(whole, tmp_path):
    config = dataclasses.replace(RUN, log_seconds=1000.0)
    (line,) = train(config=config, steps=STEPS, out=tmp_path / "run", progress=False).metrics()
    lines = whole.metrics()
    assert line["positions"] == lines[-1]["positions"] and line["games"] == lines[-1]["games"]
    losses = [line["policy_loss"] for line in lines if "policy_loss" in line]
    assert line["policy_loss"] == pytest.approx(sum(losses) / len(losses), rel=1e-5)
    assert line["plies_per_game"] == pytest.approx(line["positions"] / line["games"])


def test_few_checkpoints_are_kept(tmp_path):
    config = dataclasses.replace(RUN, checkpoint_minutes=0.0, keep_checkpoints=2)
    run = train(config=config, steps=4, out=tmp_path / "run", progress=False)
    assert Checkpoints(run.folder).steps() == [3, 4]


def test_plain_lines_where_nobody_looks_at_a_terminal(tmp_path, capsys):
    train(config=RUN, steps=3, out=tmp_path / "run")
    lines = capsys.readouterr().out.splitlines()
    assert any(re.fullmatch(r"compilation took \d+\.\d s", line) for line in lines)
    assert any(re.match(r"step 3, 0:\d\d so far, 100 %.*: .*policy loss", line) for line in lines)
    assert "finished at step 3" in lines and lines[-1] == f"  settings: jaxplay config {tmp_path}/run"
    assert not any("\x1b" in line for line in lines)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"minutes": 0}, "minutes is 0; allowed: above 0"),
        ({"steps": 0}, "steps is 0; allowed: 1 or more"),
        ({"preset": "quick"}, "not both"),
        ({"game": "tic_tac_toe"}, "not both"),
    ],
)
def test_bad_arguments_leave_no_folder(tmp_path, options, message):
    with pytest.raises(UserError, match=message):
        train(**({"config": RUN, "steps": 1, "out": tmp_path / "run", "progress": False} | options))
    assert not (tmp_path / "run").exists()


def test_a_game_that_cannot_be_learned_leaves_no_folder(tmp_path):
    game = "pgx:kuhn_poker"
    config = dataclasses.replace(RUN, training=dataclasses.replace(RUN.training, game=game))
    with pytest.raises(UserError, match=r"hidden information.*instead of .*: --learner policy_gradient"):
        train(config=config, steps=1, out=tmp_path / "run", progress=False)
    assert not (tmp_path / "run").exists()


def test_a_run_names_no_code_to_import(whole, tmp_path):
    config = json.loads((whole.folder / "config.json").read_text())
    config["config"]["training"]["game"] = "os:getcwd"
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(UserError, match="os:getcwd, which is not built in"):
        resume(tmp_path, accept_config=True, progress=False)


def test_resume_with_another_game(whole):
    with pytest.raises(UserError, match="plays tic_tac_toe, not connect_four"):
        resume(whole.folder, game="connect_four", progress=False)


def test_folders_are_numbered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, second = (train(config=RUN, steps=1, progress=False).folder for _ in range(2))
    assert (str(first), str(second)) == ("runs/tic_tac_toe", "runs/tic_tac_toe-2")


def test_game_options_reach_the_config(tmp_path, monkeypatch):
    sizes = {"rows": 4, "columns": 4}
    monkeypatch.setattr("jaxplay.run.api.run_session", lambda session: session)
    train("connect_four", preset="quick", game_options=sizes, out=tmp_path / "run")
    assert dict(read_config(tmp_path / "run").training.game_options) == sizes
