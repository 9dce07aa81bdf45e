"""The commands in which players meet: arena and play."""

import io
import json
from xml.etree import ElementTree

import numpy as np
import pytest
from saved_leagues import save_league
from saved_runs import save_run

from jaxplay.cli.main import main
from jaxplay.cli.play import find_seats
from jaxplay.errors import UserError


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return str(save_run(tmp_path_factory.mktemp("runs") / "small"))


@pytest.fixture(scope="module")
def league(tmp_path_factory):
    return str(save_league(tmp_path_factory.mktemp("runs") / "league"))


def test_a_match_as_json(capsys, run):
    assert main(["arena", f"{run},sims=8", "random", "--games", "20", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    (match,) = data["matches"]
    assert match["second"] == "random" and match["games"] == 20
    assert sum(map(sum, match["wins_draws_losses_by_seat"])) == 20
    low, high = match["interval"]
    assert 0.5 < low < match["score"] <= high <= 1  # search alone beats random play
    assert data["opening_plies"] == 1
    assert "ratings" not in data


def test_scripted_players(capsys):
    players, game = ["scripted:tit_for_tat", "scripted:defect"], "matrix_game,table=chicken,rounds=3"
    options = ["--game", game, "--games", "4", "--opening-plies", "0"]
    assert main(["arena", *players, *options, "--json"]) == 0
    (match,) = json.loads(capsys.readouterr().out)["matches"]
    assert (match["first"], match["score"]) == (players[0], 0.0), "who dares first gains 3 more"
    assert main(["play", players[1], "--game", game, "--seat", "none"]) == 0
    assert "moves: dare dare dare dare dare dare" in capsys.readouterr().out


def test_a_match_as_a_table(capsys):
    line = "arena random random --game tic_tac_toe --games 40 --opening-plies 0"
    assert main(line.split()) == 0
    header, _, row = capsys.readouterr().out.strip().splitlines()
    assert header.split()[:3] == ["first", "second", "games"]
    assert row.split()[:4] == ["random", "random", "(2)", "40"]


def test_a_round_robin_rates_players(capsys):
    line = "arena random random random --game tic_tac_toe --games 40"
    assert main([*line.split(), "--json"]) == 0
    seen = capsys.readouterr()
    data = json.loads(seen.out)
    assert len(data["matches"]) == 3 == len(seen.err.splitlines())
    assert all(row["low"] < row["elo"] < row["high"] for row in data["ratings"])
    assert sum(row["nash_%"] for row in data["ratings"]) == pytest.approx(100, abs=0.2)
    assert main(line.split()) == 0
    text = capsys.readouterr().out
    assert "elo" in text and "moving first is worth" in text and "; draws have a margin of " in text
    best = data["ratings"][0]["player"]
    assert any(line.split()[:2] == ["1", best.split()[0]] for line in text.splitlines())


def test_files_of_a_tournament(capsys, tmp_path):
    line = "arena random random random --game tic_tac_toe --games 40 --json"
    files = ["--matrix", str(tmp_path / "m.json"), "--picture", str(tmp_path / "m.svg")]
    assert main([*line.split(), *files]) == 0
    matches = json.loads(capsys.readouterr().out)["matches"]
    data = json.loads((tmp_path / "m.json").read_text())
    assert data["names"] == ["random", "random (2)", "random (3)"] and data["game"] == "TicTacToe()"
    assert data["games"] == [[0, 40, 40], [40, 0, 40], [40, 40, 0]]
    assert [data["score"][i][j] for i, j in ((0, 1), (0, 2), (1, 2))] == [m["score"] for m in matches]
    root = ElementTree.parse(tmp_path / "m.svg").getroot()
    told = [element.text for element in root.iter("{http://www.w3.org/2000/svg}title")]
    assert f"random against random (2): {100 * data['score'][0][1]:.0f} %" in told


def test_a_game_for_one(capsys):
    line = "arena random random --game small_games:Race,players=1,length=2 --games 8 --json"
    assert main(line.split()) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["player"] for row in rows] == ["random", "random"]
    assert all(1 <= row["mean_return"] <= 12 for row in rows)


def test_a_game_for_three(capsys):
    line = "arena random random random random --game kuhn_poker,players=3 --seed 4"
    assert main([*line.split(), "--json"]) == 0
    seen = capsys.readouterr()
    data = json.loads(seen.out)
    assert [match["games"] for match in data["matches"]] == [102] * 4 and len(seen.err.splitlines()) == 4
    assert data["matches"][0]["players"] == ["random", "random (2)", "random (3)"]
    for match in data["matches"]:
        assert sum(match["scores"]) == pytest.approx(1) and sum(match["mean_returns"]) == pytest.approx(0)
        assert np.shape(match["mean_returns_by_seat"]) == (3, 3)
    for row in data["standings"]:
        assert row["num_games"] == 306 and row["interval"][0] < row["score"] < row["interval"][1]
        assert row["return_interval"][0] < row["mean_return"] < row["return_interval"][1]
    assert main(line.split()) == 0
    header, _, *rows = capsys.readouterr().out.strip().splitlines()
    assert header.split()[:2] == ["player", "games"] and len(rows) == 4
    best = max(data["standings"], key=lambda row: row["mean_return"])
    assert rows[0].strip().startswith(best["name"]) and f"{best['mean_return']:.3g}" in rows[0]


def test_a_game_of_one_team_has_no_score(capsys):
    line = ["arena", "random", "random", "--game", "lewis_signaling", "--games", "20"]
    assert main([*line, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [row["score"] for row in data["standings"]] == [None, None] and len(data["matches"]) == 2
    assert main(line) == 0
    assert " - " in capsys.readouterr().out


def test_an_order_by_few_games(capsys):
    """Three players of equal strength: all games are spent, and there is doubt about everything."""
    line = "arena random random random --game tic_tac_toe --budget 80 --games 20 --json"
    assert main(line.split()) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["games"] == 80 and sum(row["games"] for row in found["order"]) == 160
    assert {row["player"] for row in found["order"]} == {"random", "random (2)", "random (3)"}
    assert all(0 < row["next_is_better_%"] < 50 for row in found["order"][:2])
    for words, message in (
        ("--game kuhn_poker,players=3 --budget 60", "--budget finds an order by strength, in games for two"),
        (
            "--game tic_tac_toe --budget 60 --picture x.svg",
            "--matrix, --picture and --records need all matches",
        ),
        ("--game tic_tac_toe --budget 60", "max_games is 60; allowed: 96 or more, a match of each player"),
    ):
        assert main(f"arena random random random {words}".split()) == 2
        assert message in capsys.readouterr().err


def test_everybody_of_a_league_in_the_arena(capsys, league, tmp_path):
    line = ["arena", f"{league}:all", "--sims", "1", "--games", "2"]
    assert main([*line, "--picture", str(tmp_path / "m.svg")]) == 0
    seen = capsys.readouterr()
    assert len(seen.err.splitlines()) == 8 * 7 / 2
    for name in ("main", "league_exploiter", "main_exploiter-1", "initial"):
        assert any(line.split()[1:2] == [name] for line in seen.out.splitlines())
    assert "won-drawn-lost" not in seen.out  # the table of matches would be long
    assert (tmp_path / "m.svg").read_text().startswith("<svg")


def test_a_mixture_plays_as_one_member(capsys, monkeypatch, league):
    first = set()
    for seed in range(8):
        monkeypatch.setattr("sys.stdin", io.StringIO("quit\n"))
        assert main(["play", f"{league}:nash", "--sims", "1", "--seed", str(seed)]) == 0
        first.add(capsys.readouterr().out.splitlines()[0])
    assert all(line.startswith(f"{league}:nash plays this game as {league}:") for line in first)
    assert {line.rpartition(":")[2] for line in first} <= {"main-3", "main-1", "main_exploiter-1"}
    assert len(first) > 1


def test_one_player_is_played_not_all(capsys, league):
    assert main(["play", f"{league}:all"]) == 2
    error = capsys.readouterr().err
    assert f"{league}:all is 8 players; name one of: {league}:main, " in error and error.endswith(", ...\n")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("arena random mcts:8", "these players play any game: say which with --game"),
        ("arena random --game tic_tac_toe", "a match needs two players or more"),
        ("arena random random --game tic_tac_toe --games 7", "num_games 7 is not a positive multiple of 2"),
        (
            "arena random random --game tic_tac_toe --games 0",
            "--games is '0'; allowed: a whole number from 1",
        ),
        ("arena random random --game tic_tac_toe --opening-plies -1", "--opening-plies is '-1'; allowed"),
        ("arena random random --game tic_tac_toe --picture scores.png", "allowed: the name of a .svg file"),
        ("arena random random --game tic_tac_toe --matrix nowhere/m.json", "there is no folder 'nowhere'"),
        ("arena random --game small_games:Race,players=1 --matrix m.json", "this game is for one player"),
        ("arena random random --game kuhn_poker,players=3", "needs 3 players, 2 given"),
        (
            "arena random random random --game kuhn_poker,players=3 --games 100",
            "is not a positive multiple of 3",
        ),
        ("arena random randm --game tic_tac_toe", "no player 'randm'; did you mean 'random'?"),
        ("play random --game tic_tac_toe --seat secnd", "no seat 'secnd'; did you mean 'second'?"),
        ("play random --game tic_tac_toe --sims 0", "--sims is '0'; allowed: a whole number from 1"),
        ("play random --game tictactoe", "no game 'tictactoe'; did you mean 'tic_tac_toe'?"),
    ],
)
def test_errors(line, message, capsys):
    assert main(line.split()) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_play_reads_a_pipe_to_its_end(capsys, monkeypatch, run):
    monkeypatch.setattr("sys.stdin", io.StringIO("b2\nhint\n"))
    assert main(["play", run, "--seat", "first", "--seed", "0"]) == 0
    text = capsys.readouterr().out
    assert "> b2\n" in text and "> hint\n" in text
    assert f"{run} (player 2) plays " in text
    assert text.splitlines()[-1].startswith("moves: b2 ")


def test_seats():
    assert find_seats("second", 2, 0) == {1}
    assert find_seats("3", 4, 0) == {2}
    assert {find_seats("random", 2, seed) for seed in range(2)} == {frozenset({0}), frozenset({1})}
    assert find_seats("all", 3, 0) == {0, 1, 2}
    assert find_seats("none", 3, 0) == frozenset()
    with pytest.raises(UserError, match="no seat 'second'; allowed: 1, all, first, none, random"):
        find_seats("second", 1, 0)
