"""The tutorial, carried out as it stands; only the training is cut short."""

import io
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from source import ROOT

from jaxplay.cli.main import main

TUTORIAL = ROOT / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SHORTER = {
    "--minutes 1": "--steps 2 --preset quick --evaluate-games 0 --network.width 16"
    " --selfplay.num-matches 16 --search.num-simulations 4",
    "play runs/queen": "play runs/queen --sims 4",
}
"""What is written, and what is done instead."""


@pytest.fixture
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("queen", None)


def command(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run `$ jaxplay ...` with the lines after `> ` typed in."""
    line, *typed = text.splitlines()
    for written, done in SHORTER.items():
        line = line.replace(written, done)
    program, *arguments = shlex.split(line.removeprefix("$ "))
    assert program == "jaxplay"
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{text.removeprefix('> ')}\n" for text in typed)))
    assert main(arguments) == 0


def same_beginnings(expected: str, output: str) -> None:
    """Every line that is expected is the beginning of a line of the output, but for spaces."""
    lines = [line.split() for line in output.splitlines()]
    for line in expected.splitlines():
        words = line.split()
        assert any(given[: len(words)] == words for given in lines), f"{line!r} is not in:\n{output}"


def carry_out(text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """Do what the blocks of `text` say, in order; gives what the last one printed."""
    names: dict[str, object] = {"__name__": "tutorial"}
    output = ""
    for kind, name, code in BLOCK.findall(text):
        if kind == "text":
            same_beginnings(code, output)
            continue
        if name:
            Path(name).write_text(code)
        elif kind == "python":
            exec(compile(code, str(TUTORIAL), "exec"), names)
        else:
            command(code, monkeypatch)
        output = capsys.readouterr().out
    return output


@pytest.mark.usefixtures("_folder")
def test_the_game(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    before, train, _ = TUTORIAL.read_text().partition("## Train")
    assert train and "player 0 wins: True" in carry_out(before, monkeypatch, capsys)


@pytest.mark.slow
@pytest.mark.usefixtures("_folder")
def test_all_of_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    assert "moves: left 4" in carry_out(TUTORIAL.read_text(), monkeypatch, capsys)
