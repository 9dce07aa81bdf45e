"""The notebooks run from top to bottom, at small scale; they are kept with what they showed at full scale."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import pytest
from nbclient import NotebookClient
from source import ROOT, xla_flags

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


class Scale(NamedTuple):
    """How a notebook is made small, and what it shows all the same.

    Attributes:
        settings: instead of its own.
        text: patterns, in what it prints.
        pictures: number of outputs, by type.
    """

    settings: dict[str, Any]
    text: tuple[str, ...]
    pictures: dict[str, int]


WIDGET = "application/vnd.jupyter.widget-view+json"

SCALES = {
    "how_players_learn": Scale(
        {"rounds": 400, "noisy_rounds": 1500, "seeds": 4, "steps": 400, "generations": 1200},
        (
            r"^hedge: exploitability of the last round 0\.\d+, of the average 0\.0\d",
            r"optimistic hedge: exploitability of the last round 0\.0\d+",
            r"0\.1 for both: 0 of 4 runs end closer",
            r"move by 0\.02: 4 of 4 runs end closer",
            r"naive: -(1\.[89]\d|2\.00) a round, 0 of 4",
            r"LOQA: -1\.0\d a round, 4 of 4",
            r"it was cheated, the learner cooperates 0\.9\d of the time",
            r"defectors, once it goes round: [12]% at the fewest, [56]\d% at the most",
        ),
        {"image/png": 4},
    ),
    "quickstart": Scale(
        {"preset": "quick", "minutes": None, "steps": 8},
        (r"value: [+-][\d.]+ without search",),
        {"image/svg+xml": 2, WIDGET: 1},
    ),
    "write_your_own_game": Scale(
        {"preset": "quick", "minutes": None, "steps": 2},
        (
            r"204 random games, 4\.\d moves each; the first player won \d\d%",
            r"player [01] wins: player 0 earned",
            r"250 positions; the first player wins: True",
            r"winning first moves: c3",
            r"with a search: a winning move in \d+% of 216 won positions",
        ),
        {"image/png": 1, "image/svg+xml": 1, WIDGET: 1},
    ),
    "how_fast": Scale(
        {"repeats": 1, "quick": True, "games": {"env": "tic_tac_toe"}},
        (r"jaxplay-benchmarks\.jsonl: [2-9] measurements", r'"unit": "ply"'),
        {"image/png": 1},
    ),
    "league": Scale(
        {"steps": 6, "looks": 2, "matches": 16, "width": 16, "freeze": 2},
        (
            r"exploitability of random moves: 0\.960",
            r"step 6: main 0\.\d+, nash 0\.\d+",
            r"\d% (main|initial)",
            r"_exploiter(-\d)? against main-\d: 0\.\d+ of the points",
            r"of 200 games: \d+ won",
        ),
        {"image/png": 2, "text/html": 1},
    ),
    "solving_poker": Scale(
        {"iterations": 64, "steps": 2, "every": 1, "preset": "quick"},
        (
            r"KuhnPoker\(players=2\): 58 histories, 12 information sets;\n.* 0\.458 chips",
            r"LeducPoker\(players=2\): 9,457 histories, 936 information sets;\n.* 2\.374 chips",
            r"Kuhn poker, predictive CFR\+: \d\.\de-05 after 64 iterations",
            r"network, exploitability: 0\.\d+ before, 0\.\d+ after 2 steps",
            r"bluffs with the jack 0\.3\d+ of the time",
            r"can lose 0\.0\d+ chips a game",
        ),
        {"image/png": 4, "image/svg+xml": 3},
    ),
}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_it_showed_is_kept(path: Path):
    """By a run from top to bottom, without an error, a warning, or a path of somebody's machine."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    outputs = [output for cell in cells for output in cell.outputs]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [
        output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"
    ]
    assert not re.search(r"/(home|root|work|Users)/", json.dumps(outputs))
    for kind, count in SCALES[path.stem].pictures.items():
        assert sum(kind in output.get("data", {}) for output in outputs) == count


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_from_top_to_bottom(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    scale = SCALES[path.stem]
    monkeypatch.setenv("JAXPLAY_NOTEBOOK", json.dumps(scale.settings))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    flags = xla_flags("--xla_backend_optimization_level=0")  # what compiles here runs little
    monkeypatch.setenv("XLA_FLAGS", flags)
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=1200, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    for kind, count in scale.pictures.items():
        assert sum(kind in output.get("data", {}) for output in shown) == count
    text = "".join(output.get("text", "") for output in shown)
    for pattern in scale.text:
        assert re.search(pattern, text), pattern
    assert not [output for output in shown if output.get("name") == "stderr"]
