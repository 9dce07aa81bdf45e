"""`jaxplay serve`: what it shows, where it listens, and what it refuses."""

import signal
import subprocess
import sys
from urllib.request import urlopen

import pytest
from source import ROOT

from jaxplay.cli import serve
from jaxplay.cli.main import build_parser, main
from jaxplay.errors import UserError
from jaxplay.serve import server

RUN = str(ROOT / "tests" / "data" / "format_1" / "run")


def shown(*words):
    return serve._shown(build_parser("serve").parse_args(["serve", *words]))


def test_what_is_shown_first():
    name, game, contender, watched = shown()
    assert (name, contender, watched) == ("connect_four", None, None) and game.num_actions == 7
    assert shown("--game", "hex,size=3")[0] == "hex,size=3"
    name, _, contender, watched = shown("tic_tac_toe")
    assert name == "tic_tac_toe" and contender.player.name.startswith("agents:") and watched is None


def test_a_run_brings_its_game_and_its_dashboard():
    name, _, contender, watched = shown(RUN, "--sims", "8")
    assert name == "tic_tac_toe" and contender.agent.num_simulations == 8 and str(watched) == RUN
    name, _, contender, watched = shown("mcts:8", "--game", "tic_tac_toe", "--run", RUN)
    assert contender.player.name == "mcts:8" and str(watched) == RUN


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--token", "short"], "--token is 5 characters"),
        (["--sims", "8"], "none of these is one: no player"),
        (["--host", "nowhere.invalid", "--port", "0"], "cannot listen at nowhere.invalid"),
        (["nobody"], "no player 'nobody'"),
        (["--port", "x"], "--port is 'x'"),
    ],
)
def test_what_is_refused(words, line, capsys):
    assert main(["serve", *words]) == 2
    told = capsys.readouterr().err.strip()
    assert line in told and "\n" not in told


def test_the_extra_is_named_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(UserError, match=r"pip install 'jaxplay\[web\]'"):
        server._uvicorn()


def test_elsewhere_a_token_is_made():
    from jaxplay.game import make

    found = server.Server("tic_tac_toe", make("tic_tac_toe"), None, server.Address("0.0.0.0", 0))
    found.socket.close()
    assert len(found.path) > 20 and found.path.startswith("/?token=")


def test_it_serves_until_it_is_interrupted():
    command = [sys.executable, "-m", "jaxplay.cli.main", "serve", "tic_tac_toe", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    address = process.stdout.readline().split()[-1]
    assert address.startswith("http://127.0.0.1:")
    assert b"jaxplay" in urlopen(address, timeout=60).read()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert "Traceback" not in told
