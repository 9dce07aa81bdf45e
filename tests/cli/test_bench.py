"""`jaxplay bench`: a table, JSON, and a file of records."""

import json
from pathlib import Path

import pytest

from jaxplay.cli.main import main

QUICK = ["bench", "env", "--games", "tic_tac_toe", "--quick", "--repeats", "2"]


def test_records_are_appended(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = tmp_path / "results" / "env.jsonl"
    for _ in range(2):
        assert main([*QUICK, "--out", str(out)]) == 0
    records = [json.loads(line) for line in out.read_text().splitlines()]
    assert [record["name"] for record in records] == ["tic_tac_toe/rules", "tic_tac_toe/observed"] * 2
    assert all(record["benchmark"] == "env" and record["rate"] > 0 for record in records)
    assert records[0]["machine"]["versions"]["jax"]
    assert "tic_tac_toe/rules" in capsys.readouterr().out


def test_json_goes_to_standard_output_alone(capsys: pytest.CaptureFixture[str]):
    assert main([*QUICK, "--json"]) == 0
    seen = capsys.readouterr()
    assert [record["unit"] for record in json.loads(seen.out)] == ["ply", "ply"]
    assert "measuring" in seen.err
