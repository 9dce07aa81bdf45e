"""Files that are no records, or mean harm: one line that says where, and nothing else happens."""

import json
import random
from contextlib import suppress
from pathlib import Path

import pytest

from jaxplay.cli.main import main
from jaxplay.errors import UserError
from jaxplay.records import RecordError, load, save
from jaxplay.records.files import READ

DATA = Path(__file__).parent.parent / "data" / "records"
FILES = sorted(path for path in DATA.iterdir() if path.suffix in READ)
GO = {"format": "jaxplay games", "version": 1}

BAD = {
    "a.sgf": {
        "": "line 1, column 1: no SGF",
        "(;GM[1]SZ[9];B[zz])": "line 1, column 16: 'zz' is not on the board",
        "(;GM[1]SZ[9]\n;B[aa]\n;W[aa])": "line 3, column 4: move 'aa': not legal here",
        "(;GM[1]SZ[9];B[a": "line 1, column 16: a value in [ ] does not end",
        "(;GM[1]SZ[9];B[aa]": "the file ends inside a game tree",
        "(;GM[1]SZ[99999999999999999999999])": "allowed: a number, or COLUMNS:ROWS",
        "(;GM[1]SZ[77])": "size=",
        "(;GM[1]SZ[9:7])": "SZ is '9:7'; allowed: square boards",
        "(;GM[6];B[aa])": "GM is '6'; allowed: 1 (go), 2 (othello), 4 (gomoku), 11 (hex)",
        "(;GM[1]KM[much])": "KM is 'much'; allowed: a number of points",
        "(;GM[1]SZ[9]JO[komi:1e99];B[aa])": "komi=",
        "(;GM[1]SZ[9];B)": "property B has no value",
        "(;GM[1]SZ[9];B[aa];AB[bb])": "stones are set up after the first node",
        "(;GM[2];W[d3])": "W is not to move",
        "(;GM[4];B[aa];B[bb])": "the colours do not alternate, and in this game nobody passes",
        "(;GM[1]SZ[9]" + "(" * 6000 + ";B[aa]": "variations are nested too deeply",
        "(;GM[1]SZ[9]" + "(;C[x](;C[y]" * 200 + ")": "the file ends inside a game tree",
        "(;GM[1]SZ[5]" + "(;B[](;B[aa])(;W[bb]" * 110 + "))" * 110 + ")": "",
    },
    "a.pgn": {
        "": "no PGN: the file is empty",
        "1. e4 e5 2. Ke3": "line 1, column 13: 'Ke3' is not legal here",
        "1. e4 {never": "line 1, column 7: a comment in { } does not end",
        "1. e4 (1. d4": "the game ends inside a variation",
        "1. e4 )": "')' closes nothing",
        "(1. e4)": "a variation stands before the first move",
        '[Event "x]\n1. e4': "a tag is not as it should be",
        '[FEN "8/8/8/8"]\n1. e4': "FEN: ",
        '[Variant "Atomic"]\n1. e4': "Variant is 'atomic'; allowed: standard chess",
        "1. e4 " + "(1. d4 " * 200: "variations are nested too deeply",
        "1. \u2654e2": "is not expected here",
        "1. N3 e4": "'N3' is not a move of chess",
        "1. e9": "'e9' is not a move of chess",
    },
    "a.json": {
        "": "no JSON",
        "[" * 100_000: "nested too deeply",
        '{"format": "jaxplay games",\n "version": 1,, }': "line 2, column 15: no JSON",
        "{}": "it lacks the format 'jaxplay games'",
        json.dumps(GO | {"version": 2}): "version is 2; allowed: 1",
        json.dumps(GO | {"games": 3}): "games is 3; allowed: a list",
        json.dumps(
            GO | {"games": [{"game": "os:system", "moves": []}]}
        ): "no game 'os:system'; it is not built in",
        json.dumps(GO | {"games": [{"game": "goo", "moves": []}]}): "did you mean 'go'?",
        json.dumps(GO | {"games": [{"game": "go", "options": {"size": 1e9}, "moves": []}]}): "size=",
        json.dumps(
            GO | {"games": [{"game": "tic_tac_toe", "moves": ["a1", "a1"]}]}
        ): "games[0].moves[1]: 'a1'",
        json.dumps(GO | {"games": [{"game": "tic_tac_toe", "moves": [{"move": "a1", "lost": 1}]}]}): "'loss'",
        json.dumps(GO | {"games": [{"game": "tic_tac_toe", "moves": [7]}]}): "moves[0] is 7",
        json.dumps(GO | {"games": [{"game": "tic_tac_toe", "moves": [], "setup": 4}]}): "setup is 4",
        json.dumps(GO | {"games": [{"game": "tic_tac_toe", "moves": [], "ending": "x"}]}): "ending is 'x'",
        json.dumps(GO | {"games": [{"game": "tic_tac_toe", "moves": [], "players": ["a"]}]}): "1 names",
        json.dumps(GO | {"games": [{"game": "tic_tac_toe", "moves": [], "start": "x"}]}): "in chess alone",
        '{"format": "jaxplay games", "version": NaN}': "NaN is no number",
        '{"format": "jaxplay games", "version": 1, "games": [{"returns": ' + "9" * 5000 + "}]}": "",
    },
    "a.mat": {
        "": "no match of backgammon",
        " Game 1\n a : 0      b : 0\n  1) 70: 8/5": "is not expected here",
        " Game 1\n a : 0      b : 0\n  1) 31: 8/9": "line 3, column 6: '8/9' goes backwards",
        " Game 1\n a : 0      b : 0\n  1) 31: 24/1": "these moves are not legal here",
        " Game 1\n a : 0      b : 0\n  1) 31: 99/5 6/5": "points are 1 to 24",
        " Game 1\n a : 0      b : 0\n  1) 33: 8/5": "not legal here",
    },
    "a.fen": {"": "the file has no position", "x": "line 1, column 1: 'x' is not a position"},
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_told_in_one_line(name: str, tmp_path: Path):
    for text, told in BAD[name].items():
        (tmp_path / name).write_text(text)
        with pytest.raises(UserError) as caught:
            load(tmp_path / name)
        message = str(caught.value)
        assert "\n" not in message and len(message) < 600, message
        assert message.startswith(str(tmp_path / name)), message
        assert told in message, (text[:80], message)


def test_bytes_that_are_no_text(tmp_path: Path):
    for suffix in READ:
        for data in (b"\xff\xfe(\0;\0", b"\0" * 10):
            (tmp_path / f"a{suffix}").write_bytes(data)
            with pytest.raises(RecordError, match="no text in UTF-8"):
                load(tmp_path / f"a{suffix}")
    (tmp_path / "a.json").write_bytes(b'{"format":\n "\xe9"}')
    with pytest.raises(RecordError, match="line 2, column 3: no text in UTF-8"):
        load(tmp_path / "a.json")


def test_older_encodings_are_read(tmp_path: Path):
    for said, codec in (("GB2312", "gb2312"), ("Shift_JIS", "shift_jis")):
        (tmp_path / "a.sgf").write_bytes(f"(;GM[1]CA[{said}]SZ[9]PB[\u77f3\u7530])".encode(codec))
        assert load(tmp_path / "a.sgf")[0].players[0] == "\u77f3\u7530"
    (tmp_path / "a.sgf").write_bytes(b"(;GM[1]CA[zip]SZ[9]PB[J\xf6rg])")  # no encoding of texts
    assert load(tmp_path / "a.sgf")[0].players[0] == "J\xf6rg"
    (tmp_path / "a.pgn").write_bytes('[White "J\xf6rg"]\r\n\r\n1. e4\r\n*\r\n'.encode("latin-1"))
    assert load(tmp_path / "a.pgn")[0].players[0] == "J\xf6rg"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_broken_files_never_surprise(path: Path, tmp_path: Path):
    """Files with bytes cut out, doubled and exchanged are read, or refused in a line."""
    data, chooser = path.read_bytes(), random.Random(path.name)
    file = tmp_path / path.name
    for _ in range(25):
        broken = bytearray(data)
        for _ in range(chooser.choice([1, 3])):
            begin = chooser.randrange(len(broken))
            end = min(begin + chooser.choice([1, 2, 10, 400]), len(broken))
            noise = bytes(
                chooser.choice(b'()[]{};\\"/*:0123 eBW\n\xff') for _ in range(chooser.choice([0, 1, 4]))
            )
            broken[begin:end] = noise
        file.write_bytes(bytes(broken))
        with suppress(UserError):
            load(file)


def test_commands_leave_with_2_and_write_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "bad.sgf").write_text("(;GM[1]SZ[9];B[aa];W[aa])")
    (tmp_path / "out.json").write_text("mine")
    for arguments in (
        ["convert", "bad.sgf", "out.json"],
        ["convert", "missing.sgf", "out.json"],
        ["convert", "bad.txt", "out.json"],
        ["annotate", "bad.sgf", "mcts:4", "--out", "out.json"],
    ):
        command = [str(tmp_path / word) if "." in word else word for word in arguments]
        assert main(command) == 2
        told = capsys.readouterr()
        assert told.out == "" and told.err.startswith("jaxplay: error: ") and told.err.count("\n") == 1
    assert (tmp_path / "out.json").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.sgf", "out.json"]


def test_a_form_that_cannot_hold_a_game_refuses_it_whole(tmp_path: Path):
    records = load(DATA / "othello.sgf")
    for suffix, told in ((".pgn", "games of chess"), (".mat", "games of backgammon"), (".fen", "of chess")):
        with pytest.raises(UserError, match=told):
            save(tmp_path / f"a{suffix}", records)
    with pytest.raises(UserError, match="SGF files hold go, othello, gomoku, hex"):
        save(tmp_path / "a.sgf", load(DATA / "annotated.pgn"))
    with pytest.raises(UserError, match="one game, not 3"):
        save(tmp_path / "a.svg", load(DATA / "annotated.pgn"))
    assert not [*tmp_path.iterdir()]
