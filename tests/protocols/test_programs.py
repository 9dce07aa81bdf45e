"""Programs outside as players: whole games, clocks, and what is said when they fail."""

import shutil
import sys
from pathlib import Path

import jax
import pytest

from jaxplay.arena import match, random_player
from jaxplay.cli.main import main
from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.players import make_players
from jaxplay.protocols.clock import Clock, TimeControl
from jaxplay.protocols.spec import parse_program
from jaxplay.records import load, replay

KEY = jax.random.key(6)
FAKE = Path(__file__).parent / "fake_engine.py"


def installed(name: str) -> str:
    """Where a program is; the test is skipped where it is not."""
    found = shutil.which(name, path="/usr/games:/usr/local/bin:/usr/bin:/bin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def fake(kind: str, how: str, options: str = "") -> str:
    """A program of a few lines that behaves as it is told."""
    return f"{kind}:{sys.executable} -S {FAKE} {kind} {how}{options}"


def play(name: str, game, num_games: int = 2, **options):
    """A match against random play."""
    found, (contender,) = make_players([name], game)
    players = [contender.player, random_player()]
    return match(found, players, num_games=num_games, key=KEY, **options)


def test_whole_games_against_gnu_go(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """By the command, on both sides, and kept."""
    rules = "--level 1 --chinese-rules --positional-superko --capture-all-dead"
    program = f"gtp:{installed('gnugo')} --mode gtp {rules},clock=300"
    file = str(tmp_path / "games.sgf")
    command = ["arena", program, "random", "--game", "go,size=5,komi=0.5", "--games", "2"]
    assert main([*command, "--opening-plies", "0", "--records", file]) == 0
    assert program in capsys.readouterr().out
    first, second = load(file)
    assert first.players == (program, "random") and second.players == ("random", program)
    assert first.returns == (1.0, -1.0) and second.returns == (-1.0, 1.0)
    assert first.ending == "rules" and replay(first).over


def test_whole_games_against_stockfish():
    program = f"uci:{installed('stockfish')},nodes=50,Skill Level=5"
    kept = []
    result = play(program, "chess", keep=lambda episode, names: kept.append((episode, names)))
    assert result.score >= 0.75 and len(kept) == 2
    assert [names.index(program) for _, names in kept] == [0, 1] and all(e.over for e, _ in kept)


def test_a_program_that_answers_plays_and_resigns():
    kept = []
    result = play(fake("gtp", "play"), make("hex", size=3, swap=False), keep=lambda e, names: kept.append(e))
    assert result.num_games == 2 and all(episode.over for episode in kept)
    result = play(fake("gtp", "resign"), "go", keep=lambda e, names: kept.append(e))
    assert result.losses == (1, 1) and kept[-1].given_up == (1, "resigned") and not kept[-1].truncated


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (fake("gtp", "die"), "the program ended with status 3: out of coffee"),
        (fake("gtp", "illegal"), "'z99' is not legal here"),
        (fake("gtp", "refuse"), "refuses 'komi 7.5': not today"),
        (fake("gtp", "sleep", ",timeout=0.3"), "no answer to 'boardsize 9' within 0 s; timeout=SECONDS"),
        ("gtp:/no/such/program", "cannot start '/no/such/program': No such file"),
        ("gtp:'", "No closing quotation"),
    ],
)
def test_a_program_that_fails_is_told_in_a_line(name: str, told: str):
    with pytest.raises(UserError) as caught:
        play(name, "go")
    assert told in str(caught.value) and "\n" not in str(caught.value)


def test_who_is_late_loses():
    for kind, game in (("gtp", "go"), ("uci", "chess")):
        kept = []
        result = play(fake(kind, "late", ",clock=0.3"), game, keep=lambda e, names: kept.append(e))  # noqa: B023
        assert result.losses == (1, 1) and [e.given_up for e in kept] == [(0, "time"), (1, "time")]


def test_clocks_count_and_add():
    clock = Clock(TimeControl(10.0, 2.0))
    clock.start()
    assert clock.stop() and 11.9 < clock.left <= 12.0
    clock.left = -0.1
    clock.start()
    assert not clock.stop()


def test_names_of_programs():
    spec = parse_program("uci:stockfish --a, b,nodes=100,Skill Level=3,clock=60+0.5,timeout=9")
    assert (spec.command, spec.nodes, spec.options) == ("stockfish --a, b", 100, {"Skill Level": "3"})
    assert spec.clock == TimeControl(60.0, 0.5) and spec.timeout == 9.0
    for text, told in (
        ("gtp:", "has no command, such as 'gtp:gnugo --mode gtp'"),
        ("gtp:gnugo,nodes=3", "has no option 'nodes'"),
        ("uci:x,nodes=0", "nodes is '0'; allowed: a whole number from 1"),
        ("uci:x,clock=1:2", "clock is '1:2'; allowed: SECONDS or SECONDS+INCREMENT"),
        ("uci:x,movetime=1,clock=3", "clock and movetime exclude each other"),
        ("uci:x,timeout=nan", "timeout is 'nan'; allowed: seconds, above 0"),
        ("uci:x,depth=1,depth=2", "gives 'depth' twice"),
    ):
        with pytest.raises(UserError, match=told.replace("+", r"\+")):
            parse_program(text)
    with pytest.raises(UserError, match="uci: programs play chess"):
        make_players(["uci:x"], "go")
    with pytest.raises(UserError, match="is a program; here only players of jaxplay play"):
        make_players(["uci:x"], make("chess"))[1][0].single()
    with pytest.raises(UserError, match="has no option 'eco'"):
        play(fake("uci", "play", ",eco=1"), "chess")
