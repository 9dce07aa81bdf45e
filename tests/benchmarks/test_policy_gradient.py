"""`jaxplay bench policy_gradient`: settings as they say, a tiny run."""

import json

import pytest

from jaxplay.benchmarks.policy_gradient import GAMES, SETTINGS, make_config
from jaxplay.cli.main import main
from jaxplay.config import PolicyGradientConfig


@pytest.mark.parametrize("game", GAMES)
def test_settings_differ_in_what_they_name(game):
    base = make_config(game, "refreshed_magnet")
    for setting, changes in SETTINGS.items():
        config = make_config(game, setting)
        assert isinstance(config.learner, PolicyGradientConfig)
        assert (config.network, config.selfplay) == (base.network, base.selfplay)
        assert all(getattr(config.learner, name) == value for name, value in changes.items())


def test_a_tiny_run(tmp_path, capsys):
    out = tmp_path / "rows.jsonl"
    line = f"bench policy_gradient q --games kuhn_poker --quick --rounds 1 --seed 2 --json --out {out}"
    assert main(line.split()) == 0
    (row,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (row["game"], row["setting"], row["seed"]) == ("kuhn_poker", "q", 2)
    assert row["steps"] == 4 and row["positions"] == 4 * 16 * 4
    assert row["curve"]["updates"] == [8, 16] and row["curve"]["exploitability"][-1] == row["exploitability"]
    assert 0.3 < row["exploitability"] < 0.6
    assert json.loads(out.read_text())["curve"] == row["curve"]


def test_errors(capsys):
    for words, message in (
        ("plane", "no setting 'plane' in this benchmark; did you mean 'plain'?"),
        ("q --games kuhn", "no game 'kuhn' in this benchmark; did you mean 'kuhn_poker'?"),
    ):
        assert main(f"bench policy_gradient {words}".split()) == 2
        assert message in capsys.readouterr().err
