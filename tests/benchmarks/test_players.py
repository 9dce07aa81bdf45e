"""Benchmarks of strength: against exact play, and against OpenSpiel."""

import json

import numpy as np
import pytest
from saved_runs import save_run

from jaxplay.agent import load
from jaxplay.arena.outcomes import load_positions, outcome_kept
from jaxplay.cli.main import main


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return str(save_run(tmp_path_factory.mktemp("runs") / "c4", game="connect_four"))


def rows(line, capsys):
    assert main([*line.split(), "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_strength_of_a_run_searched_and_raw(run, capsys):
    searched, raw, chance = rows(f"bench strength {run} random --sims 2", capsys)
    assert [row["mode"] for row in (searched, raw, chance)] == ["2 simulations", "policy alone", "itself"]
    for name, kept in (("held_out", "kept"), ("tuned", "kept_tuned")):
        positions = load_positions(name)
        logits = np.asarray(load(run).predict(positions.states).logits)
        assert raw[kept] == outcome_kept(logits.argmax(axis=1), positions).share
        assert 0.3 < chance[kept] < 0.45
    assert searched["positions"] == 1000 and searched["positions_tuned"] == 750


def test_a_match_against_open_spiel(capsys):
    pytest.importorskip("pyspiel")
    line = "bench peers random --game tic_tac_toe --num-games 20 --peer-sims 50"
    (row,) = rows(line, capsys)
    assert row["opponent"] == "open_spiel_mcts:50"
    assert row["low"] <= row["score"] <= row["high"] and row["score"] < 0.4
    assert row["points_first"] + row["points_second"] == 20 * row["score"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("bench strenth", "no benchmark 'strenth'; did you mean 'strength'?"),
        (
            "bench peers",
            "the following arguments are required: PLAYER, such as: jaxplay bench peers runs/c4",
        ),
        ("bench strength rndom", "no player 'rndom'; did you mean 'random'?"),
        ("bench peers random", "say which with --game"),
        ("bench peers random --game connect_four,rows=5", "has no match in OpenSpiel here"),
    ],
)
def test_errors(line, message, capsys):
    assert main(line.split()) == 2
    assert message in capsys.readouterr().err


def test_a_run_of_another_board(tmp_path, capsys):
    options = (("rows", 4), ("columns", 4), ("k", 3))
    run = save_run(tmp_path / "small", game="connect_four", game_options=options)
    assert main(["bench", "strength", str(run)]) == 2
    assert "exact outcomes are known of ConnectFour(rows=6, columns=7, k=4)" in capsys.readouterr().err
