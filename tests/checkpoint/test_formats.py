"""Runs of format 1, made by the code that wrote it: their players load, and training does not go on."""

import json
import shutil
from pathlib import Path

import pytest
from small_runs import digest
from source import ROOT

from jaxplay.agent import load
from jaxplay.checkpoint import FORMAT, Checkpoints, list_players, read_config, read_goal, read_payoff
from jaxplay.cli.main import main
from jaxplay.errors import UserError
from jaxplay.players import make_players
from jaxplay.run import resume

OLD = ROOT / "tests" / "data" / "format_1"
DIGESTS = json.loads((OLD / "digests.json").read_text())


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", sorted(DIGESTS))
def test_players_of_old_runs_load(name):
    run, player = name.split(":")
    assert digest(load(OLD / run, player=player).params) == DIGESTS[name]


def test_all_of_an_old_league_may_meet():
    _, contenders = make_players([f"{OLD / 'league'}:all", f"{OLD / 'league'}:nash"])
    assert len(contenders) == 8
    assert [facts.born for facts in list_players(OLD / "league")] == [0, 3, 3, 6, 6]
    assert read_payoff(OLD / "league").step == 6
    assert read_goal(OLD / "league").steps == 6


def test_an_old_run_does_not_go_on(tmp_path, capsys):
    folder = Path(shutil.copytree(OLD / "run", tmp_path / "run"))
    before = contents(folder)
    assert main(["resume", str(folder), "--steps", "9"]) == 2
    error = capsys.readouterr().err
    assert "has format 1, of an older jaxplay: its players load, but" in error and error.count("\n") == 1
    with pytest.raises(UserError, match="has format 1"):
        resume(folder, steps=9, accept_config=True, progress=False)
    assert contents(folder) == before


def test_an_old_checkpoint_in_a_run_of_today(tmp_path):
    with pytest.raises(UserError, match=r"000000004 was written in format 1: only its players load"):
        Checkpoints(OLD / "run").restore(None)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("version", [0, FORMAT + 1, "2", None, [2], {"a": 1}])
def test_other_formats(tmp_path, version):
    about = json.loads((OLD / "run" / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(about | {"format": version}))
    with pytest.raises(UserError, match=f"this version of jaxplay reads 1 and {FORMAT}$"):
        read_config(tmp_path)


@pytest.mark.parametrize("number", range(3))
def test_every_kind_of_old_configuration_is_read(tmp_path, number):
    """Other networks and searches, an exploiter, a league."""
    config = json.loads((OLD / "configs.json").read_text())[number]
    (tmp_path / "config.json").write_text(json.dumps({"format": 1, "config": config}))
    training = read_config(tmp_path).training
    assert (training.league is not None, training.exploiter is not None) == (number == 2, number == 1)


def test_an_unknown_word_in_an_old_configuration(tmp_path):
    text = (OLD / "run" / "config.json").read_text()
    (tmp_path / "config.json").write_text(text.replace('"num_matches"', '"nun_matches"'))
    with pytest.raises(UserError, match=r"has no field 'nun_matches'; did you mean 'num_matches'\?"):
        read_config(tmp_path)
