"""`jaxplay solve`, and its solutions as players of the other commands."""

import json

import pytest

from jaxplay.arena.anchors import random_player
from jaxplay.checkpoint import create_run
from jaxplay.cli.main import main
from jaxplay.players import Contender
from jaxplay.presets import preset
from jaxplay.training import make_game


@pytest.fixture(scope="module")
def kuhn(tmp_path_factory):
    """The folder of a solution of Kuhn poker."""
    folder = tmp_path_factory.mktemp("cli") / "kuhn"
    assert main(["solve", "kuhn_poker", "--iterations", "100", "--out", str(folder), "--no-cache"]) == 0
    return str(folder)


def test_solve_shows_a_curve_and_what_to_do_next(tmp_path, capsys):
    folder = tmp_path / "k"
    assert main(["solve", "kuhn_poker", "--until", "0.01", "--out", str(folder), "--no-cache"]) == 0
    said = capsys.readouterr().out
    assert "1 iterations" in said and "exploitability 0.458" in said
    assert f"`jaxplay play {folder}` plays against it" in said
    assert main(["resume", str(folder), "--steps", "40", "--no-cache"]) == 0
    assert "after 40 iterations" in capsys.readouterr().out


def test_solve_as_json(capsys):
    assert main(["solve", "kuhn_poker", "--iterations", "20", "--json", "--no-cache"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["iterations"] == 20 and told["infosets"] == 12
    assert told["values"][0] == pytest.approx(-1 / 18, abs=0.01)
    assert main(["solve", "nim", "--json", "--no-cache"]) == 0
    assert json.loads(capsys.readouterr().out)["values"] in ([1.0, -1.0], [-1.0, 1.0])


def test_the_exact_figure_of_a_policy(kuhn, capsys):
    assert main(["exploit", kuhn, "--json", "--no-cache"]) == 0
    assert json.loads(capsys.readouterr().out)["exploitability"] < 1e-4
    assert main(["exploit", "random", "--game", "kuhn_poker", "--no-cache"]) == 0
    assert "0.458333 (exact)" in capsys.readouterr().out


def test_arena_with_a_solution(kuhn, capsys):
    assert main(["arena", kuhn, "random", "--games", "200", "--json", "--no-cache"]) == 0
    assert json.loads(capsys.readouterr().out)


def test_play_shows_only_what_the_person_may_know(kuhn, capsys, monkeypatch):
    lines = iter(["hint", "pass", "pass"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(lines))
    assert main(["play", kuhn, "--seed", "3", "--no-cache"]) == 0
    said = capsys.readouterr().out
    before, _, _ = said.partition("wins")
    first = before.split("> ")[0]
    assert "B  ?" in first and "by its policy" in said


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("solve kuhn_poker --algorithm cfr++", "--algorithm is 'cfr++'; did you mean 'cfr+'?"),
        ("solve phantom_tic_tac_toe --minutes 1", "too many histories: about"),
        ("solve tic_tac_toe --minutes 1", "--minutes is for games that hide something"),
        ("solve go", "too many states"),
        ("solve kuhn_poker --until -1", "--until is '-1'"),
        ("exploit random --game tic_tac_toe", "hides nothing"),
        ("exploit random", "say which with --game"),
        ("exploit random --game kuhn_poker --minutes 1", "--minutes is for players with a network"),
        ("exploit random --game dark_hex,rows=5,columns=5", "too many views: about"),
    ],
)
def test_bad_input_is_a_line(command, message, capsys):
    assert main(command.split()) == 2
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1 and "Traceback" not in said


def test_a_solution_takes_no_simulations(kuhn, capsys):
    assert main(["arena", kuhn, "random", "--sims", "4"]) == 2
    assert "--sims is for" in capsys.readouterr().err
    assert main(["play", kuhn, "--think", "1", "--no-cache"]) == 2
    assert "players that search" in capsys.readouterr().err


def test_where_the_tree_does_not_fit_an_exploiter_is_trained(tmp_path, capsys, monkeypatch):
    """A network's policy in a game that is too large: the reason, and then training."""
    config = preset("dark_hex", "quick", {"rows": 5, "columns": 5})
    create_run(tmp_path / "run", config)
    trained = []
    monkeypatch.setattr("jaxplay.exploit.exact.make_players", lambda texts, game: _fake_players(config))
    monkeypatch.setattr("jaxplay.cli.exploit._train", trained.append)
    assert main(["exploit", str(tmp_path / "run"), "--no-cache"]) == 0
    assert "too many views" in (said := capsys.readouterr().err) and "is trained instead" in said
    assert main(["exploit", str(tmp_path / "run"), "--steps", "3", "--no-cache"]) == 0
    assert len(trained) == 2 and not capsys.readouterr().err


def _fake_players(config):
    """The game of a run, and somebody whose policy could be asked."""
    return make_game(config.training), [Contender(random_player())]
