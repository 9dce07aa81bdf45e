"""Every option of every command is fed nonsense: status 0 or 2, one line of error at most, no file left.

What a command does once its input is read is left out (`boundary`): training, games, benchmarks, drawings.
All that reads and judges input is the command's own.
"""

import argparse
import importlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from saved_runs import save_run

from jaxplay.benchmarks.catalog import AMOUNTS, PLAYERS, SPEED, TRAINING
from jaxplay.cli.failures import Done
from jaxplay.cli.main import COMMANDS, build_parser, main

WHOLE = ["0", "-1", "1", "3", "99999999999999999999999", "9" * 5000, "\u0661\u0662", "1_000", "0x10", "1.5"]
NUMBERS = ["nan", "inf", "-inf", "1e-320", "1e400", "-0.0", ".5", "\u00bd", "1e3"]
WORDS = [
    "",
    " ",
    "true",
    "none",
    "%s",
    "%(default)s",
    "[bold]",
    "'",
    "\n",
    "\0",
    "\udcff",
    "--",
    "-",
    "=",
    ",,,",
]
PATHS = [
    "a" * 300,
    "a/" * 3000,
    "..",
    "/",
    "/dev/null",
    "folder",
    "run",
    "file.toml",
    "none.svg",
    "no/x.json",
]
GAMES = [
    "tic_tac_toe",
    "nim,misere=true",
    "nim,piles=x",
    "hex,size=3.5",
    "nim,misere=1,misere=0",
    "nim,",
    "pgx:no",
]
OWN = ["own:Own", "own:nothing", "broken:Game", "os:getcwd", "builtins:print", "own:Own,size=3", ".x:y", "a:"]
PLAYER = [
    "random",
    "mcts:2",
    "mcts:",
    "mcts:x",
    "mcts:" + "9" * 5000,
    "mcts:99999999",
    "randm",
    "scripted:no",
]
RUNS = [
    "run,sims=2",
    "run,sims=0",
    "run@7",
    "run@x",
    "run:nobody",
    "run:all",
    "run:nash",
    "run@0:main,sims=3",
]
CHOICES = [
    "quick",
    "cpu",
    "first",
    "none",
    "all",
    "target",
    "copy",
    "steps",
    "puct",
    "resnet",
    "games",
    "gumbel",
]
POOL = [*WHOLE, *NUMBERS, *WORDS, *PATHS, *GAMES, *OWN, *PLAYER, *RUNS, *CHOICES]

COMMAND_LINES = [
    *([name] for name in COMMANDS),
    *(["bench", name] for name in (*SPEED, *AMOUNTS, *PLAYERS, *TRAINING)),
]
GIVEN = {
    **dict.fromkeys(("play", "exploit", "resume", "plot"), ("run",)),
    **dict.fromkeys(("games", "demo", "bench"), ()),
    "arena": ("run", "random"),
}
"""Positional arguments of commands; others take a game."""
OWN_GAME = """
from dataclasses import dataclass
from jaxplay.games.tic_tac_toe import TicTacToe

@dataclass(frozen=True)
class Own(TicTacToe):
    pass
"""


def options_of(words: list[str]) -> list[argparse.Action]:
    """The options of a command, and of a benchmark below it."""
    parser: Any = build_parser(words[0])
    for word in words:
        (commands,) = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        parser = commands.choices[word]
    parser.complete()
    return [action for action in parser._actions if action.option_strings and action.dest != "verbose"]


OPTIONS = {" ".join(words): options_of(words) for words in COMMAND_LINES}


@pytest.fixture(scope="module")
def boundary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a run and other things, and commands that do nothing more than read."""

    def done(*_: Any, **__: Any) -> None:
        raise Done(0)

    folder = tmp_path_factory.mktemp("nonsense")
    save_run(folder / "run")
    (folder / "folder").mkdir()
    (folder / "file.toml").write_text("seed = 3\n")
    (folder / "own.py").write_text(OWN_GAME)
    (folder / "broken.py").write_text("1 / 0\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.syspath_prepend(str(folder))
        patch.setattr("sys.stdin", io.StringIO())
        for heavy in (
            *("run.train", "run.resume", "exploit.exploit", "testing.check_game", "cli.plot.draw"),
            *("arena.tournament.round_robin", "arena.match", "rollout.host.HostEpisode", "players.solve"),
            *("cli.games.position", "cli.games.describe", "solving.solve_game", "solve.solve"),
            *("exploit.exact_exploitability", "solving.resume_solving", "planning.make_plan"),
            "serve.server.Server",
        ):
            module, _, name = heavy.rpartition(".")
            patch.setattr(importlib.import_module(f"jaxplay.{module}"), name, done)
        for name in SPEED:
            patch.setattr(f"jaxplay.benchmarks.{name}.suites", lambda options: iter(()))
        for name in (*AMOUNTS, "strength"):
            patch.setattr(f"jaxplay.benchmarks.{name}.amounts", lambda options: iter(()))
        for name in (*PLAYERS, *TRAINING):
            patch.setattr(f"jaxplay.benchmarks.{name}.rows", lambda *_, **__: iter(()))
        cached = getattr(jax.config, "jax_enable_compilation_cache")  # which --no-cache turns off
        yield folder
        jax.config.update("jax_enable_compilation_cache", cached)
    for name in ("own", "broken"):
        sys.modules.pop(name, None)


def check(words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One command line, as it is typed."""
    before = {*folder.rglob("*")}
    status = main(words)
    error = capsys.readouterr().err
    assert status in (0, 2), (words, error)
    assert "Traceback" not in error and "internal error" not in error, (words, error)
    assert len(error.splitlines()) == (status == 2), (words, error)
    assert not error or (error.startswith("jaxplay: error: ") and len(error) < 1100), (words, error)
    left = {path for path in {*folder.rglob("*")} - before if "__pycache__" not in path.parts}
    if status == 0 and words[:1] == ["config"]:  # the one file that is asked for
        left = {path for path in left if path.suffix != ".toml" or path.unlink()}
    assert not left, (words, left)


@pytest.mark.parametrize("command", OPTIONS)
def test_every_option_takes_nonsense(command: str, boundary: Path, capsys: pytest.CaptureFixture[str]):
    """Two values each, every value of the pool in turn."""
    turn = list(OPTIONS).index(command) * 7
    for action in OPTIONS[command]:
        for text in [] if action.nargs == 0 else [POOL[turn % len(POOL)], POOL[(turn + 40) % len(POOL)]]:
            words = [*command.split(), *GIVEN.get(command.partition(" ")[0], ("tic_tac_toe",))]
            check([*words, f"{action.option_strings[-1]}={text}"], boundary, capsys)
        turn += 1


@st.composite
def command_lines(draw: Any) -> list[str]:
    """A command with arguments and options, which are its own or nearly so, and values of all kinds."""
    command = draw(st.sampled_from(sorted(OPTIONS)))
    values = st.one_of(st.sampled_from(POOL), st.sampled_from(POOL), st.text(max_size=30))
    words = [*command.split(), *draw(st.lists(values, max_size=2))]
    for action in draw(st.lists(st.sampled_from(OPTIONS[command]), max_size=3)):
        name = action.option_strings[-1]
        name = draw(st.sampled_from([name, name, name, name, name[:-1], name + "x", name.replace("-", "_")]))
        words += [name] if action.nargs == 0 and draw(st.booleans()) else [name, draw(values)]
    return words


@settings(
    max_examples=700,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(words=command_lines())
@example(words=[])
@example(words=["nonsense"])
@example(words=["--nonsense"])
def test_any_command_line(words: list[str], boundary: Path, capsys: pytest.CaptureFixture[str]):
    check(words, boundary, capsys)
