"""`jaxplay bench dynamics`: a tiny run, errors; in full what each setting is to keep."""

import json

import numpy as np
import pytest

from jaxplay.benchmarks.dynamics import ALL, SETTINGS, Plan, cycle, rows
from jaxplay.cli.main import main


def test_a_tiny_run(tmp_path, capsys):
    out = tmp_path / "rows.jsonl"
    line = f"bench dynamics swap_shapley noise_separated --quick --rounds 2 --seed 3 --json --out {out}"
    assert main(line.split()) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["setting"], row["seed"], row["rounds"]) for row in found] == [
        (name, seed, 20) for name in ("swap_shapley", "noise_separated") for seed in (3, 4)
    ]
    for row in found:
        assert row["value"] == row["curve"][row["measure"]][-1]
        assert row["kept"] == ((row["value"] > row["bound"]) == SETTINGS[row["setting"]].above)
    assert len(out.read_text().splitlines()) == 4


def test_errors(capsys):
    assert main(["bench", "dynamics", "balanced_kun"]) == 2
    assert (
        "no setting 'balanced_kun' in this benchmark; did you mean 'balanced_kuhn'?"
        in capsys.readouterr().err
    )


def test_cycles_are_preferences_without_a_best():
    for size in (3, 5):
        wins = cycle(size)
        np.testing.assert_allclose(wins + wins.T, 1)
        assert ((wins > 0.5).sum(axis=1) == size // 2).all()


@pytest.mark.full
@pytest.mark.parametrize("setting", [name for name, one in ALL.items() if one.bound is not None])
def test_settings_keep_what_they_are_to_keep(setting):
    found = list(rows([setting], Plan(rounds=5)))
    assert all(row["kept"] for row in found), [row["value"] for row in found]
