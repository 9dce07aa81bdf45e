"""`jaxplay plot`: what is drawn of a run's metrics."""

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from small_runs import RUN

from jaxplay.checkpoint import create_run
from jaxplay.cli.main import main
from jaxplay.cli.plot import read_curves

LINES = [
    {"kind": "training", "step": 1, "seconds": 30.0, "games": 10.0, "positions": 90.0},
    {"kind": "training", "step": 2, "seconds": 60.0, "games": 20.0, "positions": 190.0, "policy_loss": 2.0}
    | {"value_loss": 1.0},
    {"kind": "evaluation", "step": 2, "seconds": 66.0, "scores": {"random": 0.75}}
    | {"rating": 200.0, "rating_low": 100.0, "rating_high": 300.0},
    {"kind": "training", "step": 4, "seconds": 90.0, "games": 40.0, "positions": 380.0, "policy_loss": 1.0}
    | {"value_loss": 0.5},
]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    create_run(tmp_path / "small", RUN)
    (tmp_path / "small" / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in LINES))
    return tmp_path / "small"


@pytest.mark.parametrize(
    ("axis", "losses", "rated"),
    [("steps", [2, 4], [2]), ("minutes", [1, 1.5], [1.1]), ("games", [20, 40], [20])],
)
def test_the_curves_of_a_run(run: Path, axis: str, losses: list[float], rated: list[float]):
    policy, value, rating, score = read_curves(run, axis)
    assert policy.name == "small policy loss" and list(policy.x) == losses and policy.y == [2.0, 1.0]
    assert value.panel == "losses" and value.y == [1.0, 0.5]
    assert list(rating.x) == pytest.approx(rated) and (rating.y, rating.low, rating.high) == (
        [200],
        [100],
        [300],
    )
    assert score.name == "small against random" and score.y == [0.75]


def test_pictures(run: Path, capsys: pytest.CaptureFixture[str]):
    for name in ("plot.svg", "plot.png"):
        assert main(["plot", str(run), str(run), "--out", str(run / name)]) == 0
        assert "losses, rating in Elo above random play, scores" in capsys.readouterr().out
    assert ElementTree.parse(run / "plot.svg").getroot().tag.endswith("svg")
    assert (run / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib(run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert main(["plot", str(run), "--out", str(run / "p.svg")]) == 2
    assert capsys.readouterr().err == "jaxplay: error: plot needs matplotlib: pip install 'jaxplay[plot]'\n"


def test_nothing_to_draw(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    create_run(tmp_path / "new", RUN)
    for words, message in [
        ([str(tmp_path / "new")], "has no metrics yet"),
        ([str(tmp_path)], "is not a run"),
        (
            [str(tmp_path / "new"), "--out", "a.pdf"],
            "--out is 'a.pdf'; allowed: the name of a .svg or .png file",
        ),
        ([str(tmp_path / "new"), "--by", "step"], "--by is 'step'; did you mean 'steps'?"),
    ]:
        assert main(["plot", *words]) == 2
        error = capsys.readouterr().err
        assert message in error and error.count("\n") == 1
