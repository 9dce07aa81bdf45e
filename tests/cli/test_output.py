"""Tables that cut nothing, and what is shown meanwhile."""

import io

import pytest
from rich.console import Console

from jaxplay.cli import output
from jaxplay.cli.main import main

ROWS = [
    {"player": f"runs/a_rather_long_name_{i}:main_exploiter-{i}", "won": 10 * i, "odd": "[b]"} for i in (1, 2)
]


@pytest.fixture
def screen(monkeypatch):
    """A terminal of so many columns."""

    def make(width: int) -> io.StringIO:
        file = io.StringIO()
        terminal = Console(file=file, width=width, force_terminal=True, color_system=None, **output.PLAIN)
        monkeypatch.setattr(output, "console", lambda: terminal)
        return file

    return make


def test_a_table_that_fits(screen):
    file = screen(80)
    output.show_table(ROWS)
    lines = [line.split() for line in file.getvalue().splitlines() if line.strip()]
    assert lines[0] == ["player", "won", "odd"]
    assert lines[2:] == [[str(value) for value in row.values()] for row in ROWS]


def test_a_table_that_does_not_fit_becomes_a_list(screen, capsys):
    screen(30)
    output.show_table(ROWS)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [f"player  {ROWS[0]['player']}", "   won  10", "   odd  [b]", ""]
    assert lines[4] == f"player  {ROWS[1]['player']}" and len(lines) == 7


def test_what_goes_on_is_a_line_where_nobody_looks(capsys):
    with output.working("counting") as tell:
        tell("counted to 1")
    assert capsys.readouterr() == ("", "counted to 1\n")
    with output.working("counting", quiet=True) as tell:
        tell("counted to 1")
    assert capsys.readouterr() == ("", "")


def test_what_goes_on_vanishes_from_a_terminal(monkeypatch):
    file = io.StringIO()
    terminal = Console(file=file, width=60, force_terminal=True, **output.PLAIN)
    monkeypatch.setattr("rich.console.Console", lambda **_: terminal)
    with output.working("counting") as tell:
        tell("at [2]")
    text = file.getvalue()
    assert "at [2]  0 s" in text and "\x1b[2K" in text


def test_every_game_is_told_in_a_line_and_in_its_group(capsys, monkeypatch):
    from jaxplay.game import names

    monkeypatch.setenv("COLUMNS", "80")
    assert main(["games"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert {line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "} == set(names())
    assert sum(not line.startswith(" ") for line in lines if line) >= 3


def test_a_picture_of_a_game(capsys):
    assert main(["games", "--show", "hex,size=5", "--seed", "1"]) == 0
    text = capsys.readouterr().out
    assert "actions  26\n" in text and text.count("X") + text.count("O") > 10


def test_bench_alone_lists_the_benchmarks(capsys):
    assert main(["bench"]) == 0
    text = capsys.readouterr().out
    assert "\n  env " in text and "\n  ablations " in text and "`jaxplay bench NAME` measures" in text
    assert main(["bench", "env", "--help"]) == 0
    options = capsys.readouterr().out
    assert "--batch-sizes" in options and "--rounds" not in options and "jaxplay bench env --games" in options


def test_jaxplay_alone_says_what_to_do_first(capsys):
    assert main([]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  jaxplay ")]
    assert {"play", "serve", "train", "games"} == {line.split()[1] for line in lines}
