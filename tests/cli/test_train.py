import json
from pathlib import Path

import pytest
from small_runs import RUN

from jaxplay.checkpoint import Goal, create_run, read_config, read_goal
from jaxplay.cli import cache, demo
from jaxplay.cli.main import main
from jaxplay.config import AlphaZeroConfig, MLPConfig, RunConfig
from jaxplay.run import Run

TINY = [
    *(
        "--preset",
        "quick",
        "--evaluate-games",
        "0",
        "--network.width",
        "8",
        "--learner.learning-rate",
        "0.25",
    ),
    *("--seed", "7", "--steps", "2"),
]


def test_train_and_resume(tmp_path, capsys):
    folder = tmp_path / "run"
    assert main(["train", "tic_tac_toe", *TINY, "--out", str(folder)]) == 0
    training = read_config(folder).training
    assert (training.game, training.network, training.seed) == ("tic_tac_toe", MLPConfig(8, 1), 7)
    assert isinstance(training.learner, AlphaZeroConfig) and training.learner.learning_rate == 0.25
    assert read_goal(folder) == Goal(None, 2)
    assert main(["resume", str(folder), "--steps", "3"]) == 0
    assert "finished at step 3" in capsys.readouterr().out
    assert main(["resume", str(folder)]) == 2
    assert "has reached its goal at step 3" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tic_tac_to"], "did you mean 'tic_tac_toe'"),
        (["tic_tac_toe", "--preset", "fast"], "--preset is 'fast'; allowed: cpu, demo, gpu, quick"),
        (["tic_tac_toe", "--learner.learning-rat", "1"], "did you mean '--learner.learning-rate'"),
        (["tic_tac_toe", "--learner.learning-rate", "-1"], "learning_rate is -1.0; allowed: 0 or more"),
        (
            ["tic_tac_toe", "--minutes", "0"],
            "--minutes is '0'; allowed: a number of minutes from 0.001 to 10,000,000",
        ),
    ],
)
def test_what_cannot_be_trained_is_one_line(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert main(["train", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_game_options_on_the_command_line(tmp_path, monkeypatch):
    monkeypatch.setattr("jaxplay.run.api.run_session", lambda session: session)
    folder = tmp_path / "run"
    main(
        ["train", "connect_four,rows=4,columns=5", "--preset", "quick", "--steps", "1", "--out", str(folder)]
    )
    assert dict(read_config(folder).training.game_options) == {"rows": 4, "columns": 5}


def test_the_cache_is_the_users(monkeypatch):
    monkeypatch.delenv(cache.VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", "/some/cache")
    assert cache.cache_folder() == Path("/some/cache/jaxplay/jax")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache.cache_folder() == Path.home() / ".cache" / "jaxplay" / "jax"
    monkeypatch.setenv(cache.VARIABLE, "/mine")
    assert cache.cache_folder() == Path("/mine")


def test_the_demo_shows_what_little_was_measured():
    line = {"seconds": 300.0, "step": 9, "scores": {}}
    assert demo.summary(line)[1:] == ["  there was no time for games against others"]
    assert demo.summary(line | {"scores": {"random": 0.5}})[1:] == ["  score against random: 50.0%"]


def test_the_demo_shows_what_was_measured(tmp_path, monkeypatch, capsys):
    def train(config: RunConfig, **options: object) -> Run:
        assert config.training.game == "connect_four"
        create_run(tmp_path / "run", RUN)
        line = {"kind": "evaluation", "step": 9, "seconds": 150.0, "probes": {"outcome_kept": 0.75}}
        line |= {"rating": 900.0, "rating_low": 800.0, "rating_high": 1000.0}
        line |= {"scores": {"random": 1.0, "mcts:100": 0.625}}
        (tmp_path / "run" / "metrics.jsonl").write_text(json.dumps(line) + "\n")
        (tmp_path / "run" / "games").mkdir()
        (tmp_path / "run" / "games" / "000000009-1.txt").write_text("moves: 4 4 4\n")
        return Run(tmp_path / "run", RUN, 9)

    monkeypatch.setattr("jaxplay.run.train", train)
    assert main(["demo", "--minutes", "1"]) == 0
    output = capsys.readouterr().out
    assert f"random play  {demo.bar(0.37)} 37.1%" in output
    assert f"2.5 min  {'#' * 30}{'.' * 10} 75.0%" in output
    assert "score against mcts:100: 62.5%" in output
    assert "moves: 4 4 4" in output
    assert f"jaxplay play {tmp_path}/run" in output
