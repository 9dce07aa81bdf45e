"""`jaxplay bench`: a table, JSON, and a file of records."""

import json
from dataclasses import is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from jaxplay.benchmarks import env
from jaxplay.benchmarks.catalog import KINDS, PLAYERS
from jaxplay.benchmarks.harness import Case
from jaxplay.benchmarks.running import options_of
from jaxplay.cli.bench_rows import rows
from jaxplay.cli.main import main
from jaxplay.game import Game

QUICK = ["bench", "env", "--games", "tic_tac_toe", "--quick", "--repeats", "2"]


@pytest.mark.parametrize("name", [name for kind in KINDS.values() for name in kind])
def test_every_benchmark_has_options_of_its_own(name: str):
    """Each is a file, whose settings are a dataclass where its names are not players."""
    if name not in PLAYERS:
        assert is_dataclass(options_of(name))
    assert main(["bench", name, "--help"]) == 0


def test_records_are_appended(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = tmp_path / "results" / "env.jsonl"
    for batch_size in ("8", "16"):
        assert main([*QUICK, "--batch-sizes", batch_size, "--out", str(out)]) == 0
    records = [json.loads(line) for line in out.read_text().splitlines()]
    assert [record["name"] for record in records] == ["tic_tac_toe/rules", "tic_tac_toe/observed"] * 2
    assert all(record["benchmark"] == "env" and record["rate"] > 0 for record in records)
    assert [record["sizes"]["batch_size"] for record in records] == [8, 8, 16, 16]
    assert records[0]["machine"]["versions"]["jax"]
    assert "tic_tac_toe/rules" in capsys.readouterr().out


def test_json_goes_to_standard_output_alone(capsys: pytest.CaptureFixture[str]):
    assert main([*QUICK, "--json"]) == 0
    seen = capsys.readouterr()
    assert [json.loads(line)["unit"] for line in seen.out.splitlines()] == ["ply", "ply"]
    assert "measuring" in seen.err


def test_the_row_of_a_peer_says_what_ours_are_beside_it():
    numbers = {
        "unit": "ply",
        "rate": 2.0,
        "rate_min": 1.0,
        "rate_max": 3.0,
        "rate_iqr": 0.5,
        "of_limit": None,
    }
    sizes = {"batch_size": 8, "state_bytes": 10}
    own = {"name": "nim/rules", "compile_seconds": 1.0, "sizes": sizes, "beside": {}, "also": {}} | numbers
    beside = {
        "nim/rules": {"rate": 4.25, "compile_seconds": 0.5, "state_bytes": 0.25},
        "nim/observed": {"rate": 2.0, "compile_seconds": 0.75, "state_bytes": 0.25},
    }
    first, second = rows([own, own | {"name": "nim/pgx", "beside": beside}])
    assert first["batch"] == 8 and list(first) == list(second)
    assert {second[title] for title in ("rules_x", "observed_x", "compile_%", "bytes_%")} == {
        *("4.25", "2", "75", "25")
    }
    assert "rules_x" not in rows([own])[0]


def test_batch_sizes_that_are_none(capsys: pytest.CaptureFixture[str]):
    assert main([*QUICK, "--batch-sizes", "4,none"]) == 2
    assert "--batch-sizes is '4,none'; allowed: a whole number from 1" in capsys.readouterr().err


@pytest.mark.parametrize("at", ["build", "run"])
def test_a_game_that_fails_costs_nothing_of_the_others(
    at: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    own_case = env._own_case

    def broken(name: str, game: Game[Any], sizes: dict[str, Any], *, observed: bool) -> Case:
        made = own_case(name, game, sizes, observed=observed)
        if not name.startswith("kuhn_poker"):
            return made
        if at == "build":
            raise ValueError("no cards\nand a second line")
        return replace(made, run=lambda states, keys: states.nothing)

    monkeypatch.setattr(env, "_own_case", broken)
    out = tmp_path / "env.jsonl"
    options = ["--quick", "--repeats", "1", "--out", str(out)]
    assert main(["bench", "env", "--games", "nim,kuhn_poker,tic_tac_toe", *options]) == 1
    names = [json.loads(line)["name"].partition("/")[0] for line in out.read_text().splitlines()]
    assert names == ["nim", "nim", "tic_tac_toe", "tic_tac_toe"]
    seen = capsys.readouterr()
    assert "tic_tac_toe/rules" in seen.out and "kuhn" not in seen.out
    (line,) = [line for line in seen.err.splitlines() if line.startswith("failed ")]
    assert line.startswith("failed kuhn_poker") and "second line" not in line


def test_records_are_kept_when_a_later_game_is_refused(tmp_path: Path):
    out = tmp_path / "env.jsonl"
    assert main([*QUICK[:3], "nim,chekers", "--quick", "--repeats", "1", "--out", str(out)]) == 2
    assert len(out.read_text().splitlines()) == 2
