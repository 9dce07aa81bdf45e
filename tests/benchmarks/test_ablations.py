"""`jaxplay bench ablations`: settings, and one tiny training from the command line."""

import json

import pytest

from jaxplay.benchmarks.ablations import PUCT, SETTINGS, make_config
from jaxplay.cli.main import main
from jaxplay.config import GumbelConfig, PUCTConfig, to_json


def flat(data, name=""):
    """Fields by dotted name."""
    if not isinstance(data, dict):
        return {name: data}
    return {
        key: value for part, below in data.items() for key, value in flat(below, f"{name}.{part}").items()
    }


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_setting_is_its_baseline_and_what_it_says(setting):
    """No two are the same, and each changes no other field."""
    baseline = "puct" if setting in PUCT else "gumbel"
    kind = PUCTConfig if setting in PUCT else GumbelConfig
    first, second = (flat(to_json(make_config(name))) for name in (baseline, setting))
    assert isinstance(make_config(setting).search, kind)
    said = {
        f".{part}.{field}": value for part, new in SETTINGS[setting].items() for field, value in new.items()
    }
    assert {name: value for name, value in second.items() if value != first[name]} == said
    assert (said == {}) == (setting == baseline)
    assert make_config(setting, quick=True).selfplay.num_matches == 8


def test_a_tiny_training(tmp_path, capsys):
    out = tmp_path / "ablations.jsonl"
    line = f"bench ablations resignation --quick --minutes 0 --rounds 2 --seed 3 --json --out {out}"
    assert main(line.split()) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["setting"], row["seed"]) for row in found] == [("resignation", 3), ("resignation", 4)]
    row = found[0]
    assert row["steps"] == 2 and row["positions"] == 2 * 8 * 2
    assert 0.2 < row["kept"] < 0.6 and 0.2 < row["half_kept_policy"] < 0.6
    assert row["resign_errors"] <= row["resign_tests"]
    records = [json.loads(text) for text in out.read_text().splitlines()]
    assert [record["kept"] for record in records] == [row["kept"] for row in found]
    assert records[0]["machine"]["versions"]["jax"]


def test_a_setting_that_there_is_not(capsys):
    assert main(["bench", "ablations", "resignatio"]) == 2
    assert "no setting 'resignatio' in this benchmark; did you mean 'resignation'?" in capsys.readouterr().err
