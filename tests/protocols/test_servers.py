"""jaxplay as an engine: GTP, UCI and analysis in JSON."""

import json
import time
from functools import partial
from pathlib import Path

import jax
import numpy as np
import pytest

from jaxplay.agent import Agent, Programs
from jaxplay.arena import on_host, random_player
from jaxplay.errors import UserError
from jaxplay.evaluator import uniform
from jaxplay.game import make
from jaxplay.protocols.analysis import Analyst
from jaxplay.protocols.gtp_commands import COMMANDS, obey
from jaxplay.protocols.gtp_session import GtpSession, Sitter, TimeSettings
from jaxplay.protocols.inbox import Inbox
from jaxplay.protocols.uci import serve
from jaxplay.protocols.uci_limits import Limits, parse_limits
from jaxplay.protocols.uci_session import UciSession
from jaxplay.search import puct

KEY = jax.random.key(8)
DATA = Path(__file__).parent.parent / "data" / "records"
AGENTS: dict[object, Agent] = {}


def sitter(game) -> Sitter:
    """A small search that knows nothing, on any game."""
    if game not in AGENTS:
        evaluate = uniform(game)
        AGENTS[game] = Agent("tree", game, None, Programs(game, evaluate, partial(puct, game, evaluate)), 16)
    agent = AGENTS[game]
    return Sitter(on_host(agent.player()), agent)


class Gtp:
    """A session, spoken to by lines."""

    def __init__(self, game) -> None:
        self.session = GtpSession(game, sitter, KEY)

    def __call__(self, line: str) -> str:
        answer = obey(self.session, line)
        assert answer is not None and answer.endswith("\n")
        assert answer[0] in "=?" and "\n\n" not in answer[:-1]
        return answer[1:].strip() if answer[0] == "=" else "? " + answer[1:].strip()


@pytest.fixture(scope="module")
def go() -> Gtp:
    return Gtp(make("go", size=5, komi=0.5))


def test_gtp_leads_a_game_of_go(go: Gtp):
    assert go("protocol_version") == "2" and go("name") == "jaxplay tree" and go("7 name") == "7 jaxplay tree"
    assert go("known_command play") == "true" and go("known_command fly") == "false"
    assert set(go("list_commands").split()) == set(COMMANDS)
    assert go("clear_board") == "" and go("play b C3 # a remark") == "" and go("play w pass") == ""
    assert go("final_score") == "B+24.5" and go("final_status_list alive") == "C3"
    assert go("play b C3") == "? illegal move: C3" and go("play x C3").startswith("? syntax error")
    assert go("play b A1") == ""
    vertex = go("genmove w")
    assert vertex in [go.session.game.action_to_string(a) for a in range(26)]
    assert "O played " + vertex in go("showboard") or vertex == "pass"
    assert go("undo") == "" and go("undo") == "" and go("undo") == "" and go("undo") == ""
    assert go("undo") == "? cannot undo"
    assert go("play w A1") == "" and [e.player for e in go.session.episode.events] == [0, 1]
    assert go("undo") == "" and go.session.episode.events == []
    assert go("reg_genmove w") and go.session.episode.events == []
    assert go("boardsize 99").startswith("? unacceptable size") and go("boardsize 5 4").startswith("? unacc")
    assert go("komi 3.5") == "" and go.session.game == make("go", size=5, komi=3.5)
    assert go("komi x").startswith("? syntax")
    assert go("komi 0.5") == "" and go("fly") == "? unknown command: fly" and go("\x07fly").startswith("?")
    assert obey(go.session, "  # nothing\n") is None and go("quit") == "" and go.session.closed


def test_two_passes_end_a_game(go: Gtp):
    go("clear_board")
    assert go("play b pass") == go("play w pass") == "" and go("genmove b") == "PASS"
    assert go("play b A1") == "? illegal move: A1" and go("final_score") == "W+0.5"


def test_gtp_loads_records_and_analyses(go: Gtp, tmp_path: Path):
    (tmp_path / "a.sgf").write_text("(;GM[1]SZ[5]KM[0.5];B[cc];W[aa];B[bb])")
    assert go(f"loadsgf {tmp_path}/a.sgf 3") == "b" and go("showboard").count("X") == 2
    assert go(f"loadsgf {tmp_path}/a.sgf") == "w" and go("undo") == ""
    assert go(f"loadsgf {tmp_path}/no.sgf").startswith("? cannot read")
    assert go(f"loadsgf {DATA}/othello.sgf") == "? the file is of another game"
    for line in go("gogui-analyze_commands").splitlines():
        kind, title, command = line.split("/")
        assert kind in ("gfx", "pspairs", "var", "string") and title and go(command)[0] != "?"
    assert go("gogui-analyze_commands") == go("hexgui-analyze_commands")
    words = go("jaxplay-variation").split()
    assert words[0] == "b" and set(words[::2]) <= {"b", "w"}


def test_gtp_swaps_in_hex():
    hexes = Gtp(make("hex", size=3))
    assert hexes("play b a1") == "" and hexes("play w swap-pieces") == ""
    assert hexes.session.episode.history == (0, 9)
    assert hexes("play w b2") == "? illegal move: b2" and hexes("final_score") == "? the game is not over"
    for move in ("b b1", "w a2", "b b2", "w b3", "b c1", "w c3", "b c2"):
        if not hexes.session.episode.state.terminated:
            assert hexes(f"play {move}") == ""
    assert hexes("gogui-rules_game_id") == "hex" and hexes("komi 1") == "? komi is for go"


def test_time_is_shared_out(go: Gtp):
    session = GtpSession(go.session.game, sitter, KEY)
    assert session.seconds(0) == 0.0
    session.settings = TimeSettings(60.0, 0.0, 0)
    assert 0.0 < session.seconds(0) < 10.0
    session.left[0] = (2.0, 0)
    assert session.seconds(0) <= 0.5
    session.left[0] = (10.0, 5)
    assert session.seconds(0) == pytest.approx(1.8)
    session.settings, session.left[0] = TimeSettings(0.0, 30.0, 3), None
    assert session.seconds(0) == pytest.approx(9.0)
    session.settings = TimeSettings(0.0, 1.0, 0)
    assert session.seconds(0) == 0.0


def test_gtp_keeps_the_clock():
    """Ten moves in a second: the search is as long as the clock allows."""
    go = Gtp(make("go", size=5, komi=0.5))
    assert go("time_settings 1 0 0") == ""
    began = time.monotonic()
    for i in range(6):
        assert go(f"genmove {'bw'[i % 2]}")[0] != "?"
    assert go.session.left == [None, None] and time.monotonic() - began < 10.0
    assert go("time_left b 0.2 0") == "" and go("time_left b").startswith("? syntax")
    go("genmove b")
    told = go.session.left[0]
    assert told is not None and told[0] < 0.2


class Moving:
    """A UCI session that was told some lines."""

    def __init__(self, *lines: str) -> None:
        self.written: list[str] = []
        session = UciSession(sitter(make("chess")), KEY)
        serve(session, Inbox(lines), self.written.append)

    def best(self) -> list[str]:
        return [line.split()[1] for line in self.written if line.startswith("bestmove")]


def test_uci_without_a_search():
    """The same commands, to a player of whom nothing is compiled but the rules."""
    chess, told = make("chess"), list[str]()
    random = Sitter(on_host(random_player()), None)
    lines = [
        *("uci", "isready", "ucinewgame", "position startpos moves e2e4 e7e5 e1e3", "go infinite"),
        *("position fen 7k/6Q1/5K2/8/8/8/8/8 b - - 0 1", "go", "position nowhere", "fly", "stop"),
        *(
            "position startpos moves g1f3 g8f6 f3g1 f6g8 g1f3 g8f6 f3g1 f6g8 e2e4",
            "go movetime 9",
            "d",
            "quit",
        ),
    ]
    serve(UciSession(random, KEY), Inbox([*lines, "go"]), told.append)
    assert told[0] == "id name jaxplay random" and {"uciok", "readyok"} < set(told)
    assert any("e1e3" in line for line in told if line.startswith("info string"))
    first, none, reply = [line.split()[1] for line in told if line.startswith("bestmove")]
    assert (
        chess.init(KEY).legal_action_mask[chess.parse_action(first)] and none == "(none)" and reply[1] in "78"
    )
    assert "info string unknown command fly" in told and told[-1] == "black to move"
    assert any("position is startpos or fen" in line for line in told)


@pytest.mark.full
def test_uci_leads_a_game_of_chess():
    told = Moving(
        "uci",
        "setoption name Simulations value 64",
        "setoption name Simulations value many",
        "isready",
        "ucinewgame",
        "position startpos moves e2e4 e7e5 e1e3",
        "position fen 7k/8/5KQ1/8/8/8/8/8 w - - 0 1",
        "go nodes 192",
        "position fen 7k/6Q1/5K2/8/8/8/8/8 b - - 0 1",
        "go",
        "position startpos moves g1f3 g8f6 f3g1 f6g8 g1f3 g8f6 f3g1 f6g8 e2e4",
        "go movetime 10",
        "go nodes x",
        "wake up",
        "d",
        "quit",
        "go",
    ).written
    assert told[0] == "id name jaxplay tree" and "uciok" in told and "readyok" in told
    assert "option name Simulations type spin default 16 min 1 max 10000000" in told
    assert "info string simulations is 'many'; allowed: a whole number to 10000000" in told
    assert "info string 'e1e3' is not legal" in told or any("e1e3" in line for line in told)
    mate, none, reply = [line for line in told if line.startswith("bestmove")]
    assert mate.startswith("bestmove g6g7") or "g6" in mate
    assert none == "bestmove (none)" and reply.split()[1][1] in "78"
    infos = [line for line in told if line.startswith("info depth")]
    assert infos and all(" score cp " in line and " nodes " in line and " pv " in line for line in infos)
    assert "info string unknown command wake" in told and told[-1] == "black to move"


@pytest.mark.full
def test_uci_stops_when_told():
    class Slow:
        """Says stop while the search goes on."""

        def __iter__(self):
            yield "position startpos"
            yield "isready"
            yield "go infinite"
            time.sleep(0.5)
            yield "isready"
            yield "stop"
            yield "go infinite"
            time.sleep(0.2)

    told = Moving.__new__(Moving)
    told.written = []
    serve(UciSession(sitter(make("chess")), KEY), Inbox(Slow()), told.written.append)
    assert len(told.best()) == 2 and told.written.count("readyok") == 2


def test_limits_of_uci():
    read = partial(parse_limits, overhead=100)
    assert read([], black=False) == Limits() and read(["infinite"], black=False).endless
    assert read(["movetime", "1100"], black=True).seconds == 1.0
    clocks = ["wtime", "60000", "btime", "1000", "winc", "1000", "binc", "0"]
    assert read(clocks, black=False).seconds == pytest.approx(2.7)
    assert read(clocks, black=True).seconds == pytest.approx(0.001)
    assert read(["depth", "3"], black=False).nodes == 256 and read(["nodes", "5"], black=False).nodes == 5
    with pytest.raises(UserError, match="go depth takes a number"):
        read(["depth"], black=False)


@pytest.fixture(scope="module")
def analyst() -> Analyst:
    return Analyst(make("go", size=5, komi=0.5), sitter, KEY)


def ask(analyst: Analyst, **query) -> list[dict]:
    return list(analyst.answer(json.dumps({"id": "q"} | query)))


def test_positions_are_analysed(analyst: Analyst):
    (told,) = ask(analyst, moves=[["B", "C3"], ["W", "pass"]], maxVisits=16, includePolicy=True)
    assert told["id"] == "q" and told["turnNumber"] == 2 and not told["isDuringSearch"]
    infos, root = told["moveInfos"], told["rootInfo"]
    assert [info["order"] for info in infos] == list(range(len(infos)))
    assert sum(info["visits"] for info in infos) == root["visits"] and root["currentPlayer"] == "B"
    assert all(info["pv"][0] == info["move"] and 0 <= info["winrate"] <= 1 for info in infos)
    assert len(told["policy"]) == 26 and told["policy"][12] == -1
    np.testing.assert_allclose(sum(share for share in told["policy"] if share >= 0), 1, atol=1e-4)
    several = ask(analyst, moves=["C3", "A1", "B2"], analyzeTurns=[0, 1, 3])
    assert [one["turnNumber"] for one in several] == [0, 1, 3]
    assert [one["rootInfo"]["currentPlayer"] for one in several] == ["B", "W", "W"]
    (over,) = ask(analyst, moves=["pass", "pass"])
    assert over["noResults"]
    (handicap,) = ask(analyst, initialStones=[["B", "A1"], ["B", "E5"]], initialPlayer="W")
    assert handicap["turnNumber"] == 0 and handicap["rootInfo"]["currentPlayer"] == "W"


def test_bad_queries_are_answered(analyst: Analyst):
    for query, field, told in (
        ({"moves": ["C3", "C3"]}, "moves", "not legal"),
        ({"moves": [["B"]]}, "moves", "is not a move"),
        ({"moves": 3}, "moves", "a list of moves"),
        ({"maxVisits": 0}, "maxVisits", "a whole number from 1"),
        ({"maxVisits": True}, "maxVisits", "a whole number from 1"),
        ({"boardXSize": 90, "boardYSize": 90}, "boardXSize", "size=90"),
        ({"boardXSize": 4}, "boardYSize", "square"),
        ({"komi": "x"}, "komi", "a number"),
        ({"analyzeTurns": [5]}, "analyzeTurns", "from 0 to 0"),
        ({"initialPlayer": "X"}, "initialPlayer", "B or W"),
        ({"action": "dance"}, "action", "no action 'dance'"),
    ):
        (answer,) = ask(analyst, **query)
        assert answer["id"] == "q" and answer["field"] == field and told in answer["error"]
    for line in ("", "[]", "{", "[" * 100_000, '{"id": 3}', "9" * 5000, '{"a": "' + "x" * 2**20 + '"}'):
        (answer,) = analyst.answer(line)
        assert set(answer) == {"error"}
    assert ask(analyst, action="query_version")[0]["version"]
