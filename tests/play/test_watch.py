"""`jaxplay watch`: what a run's folder says, without the run."""

import json
from pathlib import Path

import pytest

from jaxplay.checkpoint import create_run
from jaxplay.checkpoint.folder import Goal
from jaxplay.cli.main import main
from jaxplay.play.watch import Watched, position
from jaxplay.presets import preset


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run that has not begun."""
    folder = tmp_path / "run"
    create_run(folder, preset("tic_tac_toe", "cpu", {}), Goal())
    return folder


def write(run: Path, name: str, *records: object) -> None:
    """Write a file of records."""
    (run / name).parent.mkdir(exist_ok=True)
    (run / name).write_text("".join(json.dumps(record) + "\n" for record in records) + "half a li")


def test_a_run_is_shown_as_far_as_it_is(run: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["watch", str(run)]) == 0
    assert "no figures yet" in (told := capsys.readouterr().out) and "no sample games yet" in told
    training = {"kind": "training", "step": 40, "seconds": 75.0, "games_per_second": 12.5, "policy_loss": 1.5}
    write(run, "metrics.jsonl", training, {"kind": "evaluation", "step": 30, "scores": {"random": 0.9}})
    game = {"step": 30, "players": ["main", "main"], "actions": [0, 1, 3, 4, 6], "returns": [1, -1]}
    write(run, "games/games.jsonl", {"step": 10}, game)
    assert main(["watch", str(run)]) == 0
    told = capsys.readouterr().out
    assert "step 40, 1:15 so far, 12.5 games/s" in told and "policy loss 1.5" in told
    assert "beats random 90 %, at step 30" in told and "a game of step 30: main - main" in told
    assert "move 5: a1" in told and "X wins" in told


def test_a_game_is_played_through(run: Path):
    write(run, "games/games.jsonl", {"step": 3, "players": [], "actions": [4, 0]})
    name, episode = Watched(run).newest_game() or ("", None)
    assert name and episode is not None
    shown = [position(episode, number, colours=False) for number in range(4)]
    assert [text.splitlines()[0] for text in shown[:3]] == ["the first position", "move 1: b2", "move 2: a3"]
    assert shown[3] == shown[0]
    write(run, "games/games.jsonl", {"step": 4, "actions": [4, 4]})
    assert Watched(run).newest_game() is None


def test_what_is_no_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["watch", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
