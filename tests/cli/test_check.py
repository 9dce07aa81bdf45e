"""`jaxplay check`: a game against the laws, from the command line."""

import json
from pathlib import Path

import pytest

from jaxplay.cli.check import EXAMPLE
from jaxplay.cli.main import main

OWN_GAME = """
from dataclasses import dataclass
from jaxplay.games.tic_tac_toe import TicTacToe

@dataclass(frozen=True)
class Sound(TicTacToe):
    pass

@dataclass(frozen=True)
class Generous(TicTacToe):
    max_return = 5.0

@dataclass(frozen=True)
class Broken(TicTacToe):
    max_plies = 3
"""


@pytest.fixture
def _own_game(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_game.py").write_text(OWN_GAME)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("_own_game")
def test_a_sound_game(capsys: pytest.CaptureFixture[str]):
    assert main(["check", "own_game:Sound", "--num-plies", "256", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["game"] == "own_game:Sound"
    assert row["keeps_the_laws"]


@pytest.mark.usefixtures("_own_game")
def test_what_was_seen_is_printed(capsys: pytest.CaptureFixture[str]):
    """How long games are, who won, what is odd, and a game with its result."""
    assert main(["check", "own_game:Generous", "--num-plies", "256"]) == 0
    out = capsys.readouterr().out
    lines = out.partition("decisions in a game: ")[2].splitlines()
    seen, wins, odd, _, _, moves, *_, result = lines
    assert ", at most 8 in 21 games that ended (" in seen
    assert wins.startswith("player 0 won ") and ", drawn " in wins
    assert odd == "look at this: max_return is 5; no player earned more than 1"
    assert moves.startswith("player 0: ")
    assert result == "player 0 wins: player 0 earned +1, player 1 earned -1"


@pytest.mark.usefixtures("_own_game")
def test_a_broken_game(capsys: pytest.CaptureFixture[str]):
    assert main(["check", "own_game:Broken", "--num-plies", "256"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("jaxplay: error: law 7")
    assert error.count("\n") == 1


def test_hidden_information(capsys: pytest.CaptureFixture[str]):
    forgetful = ["check", "matrix_game,table=chicken,rounds=3,memory=1", "--num-plies", "256"]
    assert main(forgetful) == 2
    assert "law 9: an observation holds what its player has seen and done" in capsys.readouterr().err
    assert main([*forgetful, "--may-forget"]) == 0
    assert "chicken" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("check", f"the following arguments are required: GAME, such as: {EXAMPLE}"),
        ("check conect_four", "no game 'conect_four'; did you mean 'connect_four'?"),
        ("check nowhere:Game", "no game 'nowhere:Game': ModuleNotFoundError: No module named 'nowhere'"),
    ],
)
def test_errors_are_one_line(line: str, message: str, capsys: pytest.CaptureFixture[str]):
    assert main(line.split()) == 2
    assert capsys.readouterr().err == f"jaxplay: error: {message}\n"
