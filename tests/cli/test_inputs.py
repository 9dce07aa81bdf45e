"""The one door for what people type: numbers, names, paths."""

import argparse
from pathlib import Path

import pytest

from jaxplay.cli import inputs
from jaxplay.cli.main import main
from jaxplay.cli.parser import Parser
from jaxplay.errors import UserError


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (inputs.SEED, "0", 0),
        (inputs.SEED, "4294967295", 2**32 - 1),
        (inputs.OWN_SIMULATIONS, "-1", -1),
        (inputs.MINUTES, "0.5", 0.5),
        (inputs.SECONDS, "1e-3", 1e-3),
        (inputs.Several(inputs.GAMES), "1,2", (1, 2)),
        (inputs.OneOf(("a", "b")), "b", "b"),
        (inputs.path, "runs/c4", Path("runs/c4")),
        (inputs.player, "mcts:4", "mcts:4"),
    ],
)
def test_what_is_taken(kind, text, value):
    assert kind(text) == value


@pytest.mark.parametrize(
    ("kind", "text", "allowed"),
    [
        (inputs.SEED, "-1", "allowed: a whole number from 0 to 4,294,967,295"),
        (inputs.SEED, "9" * 5000, "allowed: a whole number from 0"),
        (inputs.GAMES, "\u0663", "allowed: a whole number from 1"),
        (inputs.GAMES, "1.0", "allowed: a whole number from 1"),
        (inputs.MINUTES, "inf", "allowed: a number of minutes from 0.001 to 10,000,000"),
        (inputs.MINUTES, "nan", "allowed: a number of minutes"),
        (inputs.MINUTES, "-1", "allowed: a number of minutes"),
        (inputs.SECONDS, "1e-320", "allowed: a number of seconds from 0.001 to 86,400"),
        (inputs.Several(inputs.GAMES), "1,,2", "allowed: a whole number from 1"),
        (inputs.Several(inputs.word), ",,,", "allowed: a name"),
        (inputs.OneOf(("cpu", "gpu")), "cpi", "did you mean 'cpu'?"),
        (inputs.word, "a\nb", "allowed: a name of letters, digits and signs that can be printed"),
        (inputs.path, "a" * 251, "allowed: 4,000 bytes at most, 250 in each name"),
        (inputs.path, "\u00e9" * 126, "allowed: 4,000 bytes at most, 250 in each name"),
        (inputs.path, "a/" * 2001, "allowed: 4,000 bytes at most"),
        (inputs.path, "a\0", "allowed: the name of a file or folder"),
        (inputs.NewFile((".svg", ".png")), "a.txt", "allowed: the name of a .svg or .png file"),
        (inputs.NewFile((".svg",)), "no/where.svg", "there is no folder 'no'"),
    ],
)
def test_what_is_not_taken(kind, text, allowed):
    with pytest.raises(inputs.Unfit) as error:
        kind(text)
    assert str(error.value).startswith(allowed)


def test_the_line_names_the_option_and_what_was_typed():
    parser = Parser(prog="p")
    parser.add_argument("run", type=inputs.path, metavar="RUN")
    parser.add_argument("-s", "--seed", type=inputs.SEED)
    for words, line in [
        (["r", "-s", "x"], "--seed is 'x'; allowed: a whole number from 0 to 4,294,967,295"),
        (["r", "--seed=--"], "--seed is '--'; allowed: a whole number from 0 to 4,294,967,295"),
        (["a" * 300], f"RUN is '{'a' * 79}...; allowed: 4,000 bytes at most, 250 in each name"),
    ]:
        with pytest.raises(UserError) as error:
            parser.parse_args(words)
        assert str(error.value) == line
    assert parser.parse_args(["r", "--seed", "3"]) == argparse.Namespace(run=Path("r"), seed=3)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "arena random mcts:8 --game nim --sims 4",
            "--sims is for runs that do not say sims=N; none of these",
        ),
        (
            "play random --game nim --think 1",
            "--think is for players that search; none of these is one: random",
        ),
        ("bench strength random --sims 4", "--sims is for runs that do not say sims=N; none of these is one"),
    ],
)
def test_options_that_nobody_can_use_are_refused(line, message, capsys):
    assert main(line.split()) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "largest"),
    [
        (
            "train tic_tac_toe --selfplay.num-matches 2000000000",
            "search trees (selfplay.num_matches 2,000,000",
        ),
        (
            "train connect_four --selfplay.num-matches 100000 --selfplay.num-plies 1000",
            "moves (selfplay.num_matches 100,000, selfplay.num_plies 1,000)",
        ),
        (
            "league tic_tac_toe --learner.replay-positions 150000000",
            "replay (learner.replay_positions 150,000,000)",
        ),
        ("league chess --league.slots 10000", "frozen players (league.slots 10,000)"),
        ("train tic_tac_toe --learner.replay-positions 2000000000000", "allowed: 1 to 2,147,483,647"),
        ("train tic_tac_toe --network.width 65536 --network.depth 1000", "learner (network mlp)"),
        ("train tic_tac_toe --network resnet --network.channels 65536", "learner (network resnet)"),
        ("league tic_tac_toe --learner.batch-size 2147483647", "batches (learner.batch_size 2,147,483,647)"),
        ("bench env --games chess --batch-sizes 2147483647", "states of chess (--batch-sizes 2,147,483,647)"),
        (
            "check chess --num-plies 100000000",
            "positions before and after each move (--num-plies 100,000,000)",
        ),
        (
            "arena mcts:9000000 random --game chess --games 2000",
            "(1,024 games at once, 9,000,000 simulations)",
        ),
        ("play mcts:9000000 --game chess", "(1 games at once, 9,000,000 simulations)"),
    ],
)
def test_what_does_not_fit_into_memory_is_refused_before_it_is_compiled(line, largest, capsys, monkeypatch):
    monkeypatch.setattr("jaxplay.cli.memory.available", lambda: 8e9)
    assert main(line.split()) == 2
    error = capsys.readouterr().err
    assert largest in error and error.count("\n") == 1
    assert "allowed" in error or ("this takes " in error and "; there are 8 GB" in error)
