"""The command line from outside: output, errors, exit status."""

import json

import pytest
from source import python

from jaxplay.cli import games
from jaxplay.cli.main import COMMANDS, main
from jaxplay.cli.named import split_game
from jaxplay.errors import UserError


def test_help_loads_no_jax():
    code = "import sys; from jaxplay.cli.main import main; main([]); print({'jax', 'rich'} & {*sys.modules})"
    done = python("-c", code)
    assert done.stdout.splitlines()[-1] == "set()" and not done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_an_example(command: str, capsys: pytest.CaptureFixture[str]):
    assert main([command, "--help"]) == 0
    assert f"example:\n  jaxplay {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("gmes", "no command 'gmes'; did you mean 'games'?"),
        ("games --jsn", "no option '--jsn'; did you mean '--json'?"),
        ("bench nev", "no benchmark 'nev'; did you mean 'env'?"),
        ("bench env --repeats x", "--repeats is 'x'; allowed: a whole number from 1 to 10,000"),
        ("bench env --repeats 0", "--repeats is '0'; allowed: a whole number from 1 to 10,000"),
        ("bench env --games conect_four", "no game 'conect_four'; did you mean 'connect_four'?"),
    ],
)
def test_errors_are_one_line(line: str, message: str, capsys: pytest.CaptureFixture[str]):
    assert main(line.split()) == 2
    seen = capsys.readouterr()
    assert seen.err == f"jaxplay: error: {message}\n"
    assert seen.out == ""


def test_games_as_json(capsys: pytest.CaptureFixture[str]):
    assert main(["games", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["tic_tac_toe"]["actions"] == 9
    assert rows["tic_tac_toe"]["symmetries"] == 8


def test_games_as_table(capsys: pytest.CaptureFixture[str]):
    assert main(["games", "--sizes"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split()[:3] == ["connect_four", "2", "7"] for line in lines)


def test_interrupt_has_its_own_status(monkeypatch: pytest.MonkeyPatch):
    def interrupt(args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(games, "run", interrupt)
    assert main(["games"]) == 130


def test_a_closed_pipe_is_no_error():
    code = (
        "import subprocess, sys\np = subprocess.Popen([sys.executable, '-m', 'jaxplay.cli.main', 'games'], "
    )
    code += "stdout=subprocess.PIPE, stderr=subprocess.PIPE)\np.stdout.close()\nprint(p.stderr.read())"
    assert python("-c", code).stdout == "b''\n"


def test_options_of_a_game():
    assert split_game("hex,size=5,swap=false") == ("hex", {"size": 5, "swap": False})
    assert split_game("pgx:go_9x9") == ("pgx:go_9x9", {})
    with pytest.raises(UserError, match="allowed: NAME=VALUE"):
        split_game("hex,5")
