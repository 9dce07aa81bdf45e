"""Every script of `examples/` runs, and shows what it says."""

import re
import runpy
from pathlib import Path

import jax
import pytest
from source import ROOT

FOLDER = ROOT / "examples"
SHOWS = {
    "exploit_own_policy": r"by the book: a perfect opponent wins 1\.05\d chips a game",
    "load_archive": r"agents:tic_tac_toe: value [+-]0\.\d+, at most \de-0[6-8] from JAX",
    "load_onnx": r"agents:tic_tac_toe: prefers action \d, value [+-]0\.\d+\ndiffered by \d\.\de-0[678]",
    "load_stablehlo": r"played \[\d(, \d){8}\] with itself: rewards \[0\.0, 0\.0\]\nloads at least until 20",
    "own_learner": r"score against random moves: 0\.[789]",
    "own_matchmaker": r"games with each player, the learner itself first: \[\s*0( +[1-9]\d*)+\]",
    "own_network": r"{'in': \(18, 32\), 'out': \(32, 10\)}\npolicy loss [12]\.\d+, value loss \d\.\d+",
    "own_regret_rule": r"regret matching\+, 1000 iterations: 0\.0000\d\nforgetful, 10 iterations: 0\.0\d+\n",
    "own_search_rule": r"own rule: plays [04], .*\nPUCT: plays [04], ",
    "pgx_search": r"ply 2: actions \[[\d ]+\], mean depth of the search [1-9]",
    "plot_metrics": r"metrics.svg: [1-9]\d* lines of metrics",
    "seeds": r"step 30: value loss [01]\.\d+ to [01]\.\d+ over 8 seeds",
    "under_mctx": r"mctx plays column [04]",
}
"""What each script prints, somewhere in its output."""


@pytest.mark.parametrize("name", SHOWS)
def test_example_runs(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", [name])
    path = FOLDER / f"{name}.py"
    with jax.numpy_rank_promotion("allow"):  # as users have it; Pgx needs it
        runpy.run_path(str(path), run_name="__main__")
    assert re.search(SHOWS[name], capsys.readouterr().out)
    assert 20 <= len(path.read_text().splitlines()) <= 100


def test_every_example_is_run():
    assert {path.stem for path in FOLDER.glob("*.py")} == SHOWS.keys()
