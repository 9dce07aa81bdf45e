"""Metrics of runs for dashboards and tables."""

import json
import sys
import time

import pytest
from saved_runs import save_run

import jaxplay.run
from jaxplay.bridges import track, tracker
from jaxplay.errors import UserError

RECORDS = (
    {"kind": "training", "step": 1, "seconds": 2.0, "policy_loss": 1.5},
    {"kind": "training", "step": 4, "seconds": 3.0, "policy_loss": 1.25, "first_player_score": 0.5},
    {"kind": "evaluation", "step": 4, "scores": {"random": 0.75}, "left_out": ["mcts"]},
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = save_run(tmp_path_factory.mktemp("runs") / "first")
    text = "\n".join(map(json.dumps, RECORDS)) + "\nnot a record\n"
    (folder / "metrics.jsonl").write_text(text)
    return folder


class FakeTrackio:
    """What of trackio is used, and what it was told."""

    def __init__(self):
        self.told = []

    def init(self, **options):
        self.told.append(("init", options))

    def log(self, values, step=None):
        self.told.append((step, values))

    def finish(self):
        self.told.append("finish")


def test_metrics_are_a_table(run):
    table = jaxplay.run.metrics(run)
    assert table == {
        "step": [1.0, 4.0],
        "seconds": [2.0, 3.0],
        "policy_loss": [1.5, 1.25],
        "first_player_score": [None, 0.5],
    }
    assert jaxplay.run.metrics(run, "evaluation") == {"step": [4.0], "scores/random": [0.75]}
    assert jaxplay.run.metrics(run, "league") == {"step": []}
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(table).set_index("step")
    assert frame.loc[4.0, "policy_loss"] == 1.25 and frame["first_player_score"].isna().tolist() == [
        True,
        False,
    ]
    with pytest.raises(UserError, match="is not a run"):
        jaxplay.run.metrics(run / "nothing")


def test_all_records_of_a_run_are_sent(run, monkeypatch):
    fake = FakeTrackio()
    monkeypatch.setitem(sys.modules, "trackio", fake)
    assert track(run, "trackio", "games", name="c4") == 3
    (_, options), *logged, last = fake.told
    assert options["project"] == "games" and options["name"] == "c4"
    assert options["config"]["training"]["game"] == "tic_tac_toe"
    assert logged[1] == (
        4,
        {"training/seconds": 3.0, "training/policy_loss": 1.25, "training/first_player_score": 0.5},
    )
    assert logged[2] == (4, {"evaluation/scores/random": 0.75})
    assert last == "finish"


def test_a_tracker_is_finished_whatever_happens(monkeypatch):
    fake = FakeTrackio()
    monkeypatch.setitem(sys.modules, "trackio", fake)
    with pytest.raises(ZeroDivisionError), tracker("trackio"):
        raise ZeroDivisionError
    assert fake.told[-1] == "finish"


def test_what_is_missing_is_told_in_a_line(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(UserError, match=r"wandb is not installed: pip install 'jaxplay\[wandb\]'"):
        track(run, "wandb")
    with pytest.raises(UserError, match="no tracker 'wandbb'; did you mean 'wandb'"):
        track(run, "wandbb")


@pytest.mark.filterwarnings("ignore")
def test_weights_and_biases_offline(run, tmp_path, monkeypatch):
    """A run of its own on disk, without a network; nothing else is checked of it."""
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_SILENT", "true")
    monkeypatch.setenv("WANDB_ERROR_REPORTING", "false")
    assert track(run, "wandb", mode="offline", dir=str(tmp_path)) == 3
    (file,) = tmp_path.rglob("*.wandb")
    for _ in range(100):  # another process writes it
        if b"scores/random" in file.read_bytes():
            break
        time.sleep(0.1)
    data = file.read_bytes()
    assert b"training/policy_loss" in data and b"evaluation/scores/random" in data
