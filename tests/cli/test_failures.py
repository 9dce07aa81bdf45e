"""What goes wrong inside a command becomes one line."""

import io
from unittest.mock import Mock

import pytest

from jaxplay.cli import games
from jaxplay.cli.failures import LONGEST
from jaxplay.cli.main import main
from jaxplay.errors import UserError

FAULTY = """
from dataclasses import dataclass
from jaxplay.games.tic_tac_toe import TicTacToe

@dataclass(frozen=True)
class Faulty(TicTacToe):
    def init(self, key):
        return 1 / 0

@dataclass(frozen=True)
class Leaving(TicTacToe):
    def init(self, key):
        exit()
"""


def failing(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `jaxplay games` raise."""
    monkeypatch.setattr(games, "run", Mock(side_effect=error))


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (UserError("no"), 2, "jaxplay: error: no"),
        (
            KeyError("x"),
            1,
            "jaxplay: internal error: KeyError: 'x'; please report it, with what --verbose shows",
        ),
        (RecursionError(), 1, "jaxplay: internal error: RecursionError; please report it"),
        (RuntimeError("a\nb"), 1, "jaxplay: internal error: RuntimeError: a b; please"),
        (
            MemoryError("too much"),
            2,
            "jaxplay: error: not enough memory (MemoryError: too much); smaller sizes",
        ),
        (OSError(28, "No space left on device", "f"), 2, "jaxplay: error: 'f': No space left on device"),
        (SystemExit(0), 1, "jaxplay: internal error: SystemExit: 0; please"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_one_line_and_a_status(error, status, line, monkeypatch, capsys):
    failing(error, monkeypatch)
    assert main(["games"]) == status
    said = capsys.readouterr().err
    assert said.startswith(line) and said.count("\n") == bool(line) and "Traceback" not in said


def test_verbose_shows_the_traceback(monkeypatch, capsys):
    failing(KeyError("x"), monkeypatch)
    assert main(["games", "--verbose"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("Traceback") and said.splitlines()[-1].startswith(
        "jaxplay: internal error: KeyError"
    )


def test_long_and_odd_lines_are_shortened_and_escaped(monkeypatch, capsys):
    failing(UserError("a" * 5000 + "\x1b[31m\udcff" + "z"), monkeypatch)
    assert main(["games"]) == 2
    said = capsys.readouterr().err
    assert len(said) < LONGEST + 10 and "\x1b" not in said and said.endswith("\\x1b[31m\\udcffz\n")


@pytest.mark.parametrize(
    ("name", "told"), [("Faulty", "ZeroDivisionError: division by zero"), ("Leaving", "SystemExit")]
)
def test_what_a_module_of_ones_own_raises_is_told_with_its_place(name, told, tmp_path, monkeypatch, capsys):
    (tmp_path / "faulty_game.py").write_text(FAULTY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert main(["games", "--show", f"faulty_game:{name}"]) == 2
    said = capsys.readouterr().err
    place = 8 if name == "Faulty" else 13
    assert said.startswith(f"jaxplay: error: faulty_game.py, line {place}: {told}") and said.count("\n") == 1
    assert main(["games", "--show", f"faulty_game:{name}", "--verbose"]) == 2
    assert "faulty_game.py" in capsys.readouterr().err


def test_standard_input_that_is_not_utf_8(monkeypatch, capsys):
    typed = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\nb2\n"), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", typed)
    assert main(["play", "random", "--game", "tic_tac_toe", "--seed", "0"]) == 0
    text = capsys.readouterr().out
    assert "'\\\\xff\\\\xfe' is not an action" in text and "> b2\n" in text
