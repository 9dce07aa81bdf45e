"""Benchmarks of self-play, compilation, memory and devices: what they say of what was measured."""

import dataclasses
import json
import sys
from typing import Any

import jax
import pytest

from jaxplay.benchmarks import compile as compilation
from jaxplay.benchmarks import memory, scaling, selfplay
from jaxplay.benchmarks.catalog import KINDS, QUICK
from jaxplay.benchmarks.extras import peer
from jaxplay.benchmarks.running import options_of
from jaxplay.cli.main import main
from jaxplay.cli.options import field_docs
from jaxplay.errors import UserError

PEERS = ["pgx_mctx_muzero", "pgx_mctx_gumbel"]


def test_self_play_beside_its_peers():
    """All play as many games, plies and simulations: that is told, and the programs' shapes say so."""
    preset, linear = selfplay.suites(selfplay.Options(peers=True, quick=True))
    for kind, cases in (("mlp", preset), ("linear", linear)):
        assert [case.name for case in cases] == [f"connect_four/{kind}/{x}" for x in ("own", "alone", *PEERS)]
        assert len({(case.work, case.flops, *case.sizes.items()) for case in cases}) == 1
        assert all(case.peer_of == (cases[0].name,) for case in cases[2:])
        assert cases[0].limit_by == cases[1].name
    own, _, muzero, _ = linear
    plies, matches = 4, own.sizes["num_matches"]
    rolled = jax.eval_shape(own.run, *own.arguments)
    assert rolled.trajectory.action.shape == (plies, matches) and own.work == plies * matches
    _, (seen, weights, *_) = jax.eval_shape(muzero.run, *muzero.arguments)
    assert weights.shape == (plies, matches, 7) and seen.shape[:2] == (plies, matches)


def test_a_library_that_is_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "mctx", None)
    with pytest.raises(UserError, match=r"mctx is not installed: pip install 'jaxplay\[peers\]'"):
        peer("mctx")


def test_self_play_of_what_is_not_searched():
    with pytest.raises(UserError, match="kuhn_poker is not learned by search"):
        next(selfplay.suites(selfplay.Options(("kuhn_poker",), quick=True)))


def test_devices_beside_one(monkeypatch: pytest.MonkeyPatch):
    """Two devices on two cores that take 1.25 times as long for twice the positions reach 80 %."""
    measured = {1: ([2.0, 1.0, 3.0], 1000), 2: ([2.5], 2000), 8: ([2.0], 8000)}
    monkeypatch.setattr(scaling, "_in_a_process", lambda name, count, options: measured[count])
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    one, two, eight = scaling.amounts(scaling.Options(devices=(1, 2, 8)))
    assert (one.amount, two.amount, eight.amount) == (2.0, 1.25, 0.25)
    assert one.of_limit == 1.0 and two.of_limit == 0.8 and eight.of_limit == 4.0
    assert two.sizes["positions_per_second"] == 800.0 and two.sizes["rate_beside_first"] == 1.6
    assert sorted(one.samples) == [1.0, 2.0, 3.0]


@pytest.mark.full
def test_devices_are_processes():
    one, two = scaling.amounts(scaling.Options(games=("tic_tac_toe",), repeats=1, quick=True))
    assert two.sizes["positions"] == 2 * one.sizes["positions"]


def test_a_step_on_devices_that_fails():
    with pytest.raises(UserError, match=r"the step on 1 devices failed: .*no game 'nmi'"):
        next(scaling.amounts(scaling.Options(games=("nmi",), devices=(1,), quick=True)))


def test_compilation_has_a_budget(monkeypatch: pytest.MonkeyPatch):
    parts = iter([{"trace": 1.0, "compile": 9.0, "lines": 5}, {"trace": 2.0, "compile": 28.0, "lines": 5}])
    monkeypatch.setattr(compilation, "_parts", lambda config: next(parts))
    few, many = compilation.amounts(compilation.Options(games=("nim", "chess")))
    assert (few.amount, few.allowed, few.of_limit) == (10.0, 20.0, 0.5)
    assert (many.amount, many.allowed, many.of_limit) == (30.0, None, None)


def test_memory_beside_the_plan(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory, "compile_in_haste", lambda config: None)
    monkeypatch.setattr(memory, "compiled_bytes", lambda step: 100_000)
    monkeypatch.setattr(memory, "available", lambda: 1e6)
    (found,) = memory.amounts(memory.Options(quick=True))
    assert found.amount == 100_000 and found.of_limit == 0.1
    assert found.sizes["planned_by_compiled"] == found.sizes["planned"] / 100_000


def test_every_benchmark_has_options():
    """Each field is told, as help shows it, and has a default."""
    for name in (name for kind in KINDS.values() for name in kind):
        kind = options_of(name)
        assert {field.name for field in dataclasses.fields(kind())} <= set(field_docs(kind))


def test_all_are_measured_in_turn(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path
):
    asked: dict[str, Any] = {}

    def run(name: str, options: Any, machine: Any, failed: list[str], tell: Any) -> Any:
        asked[name] = options
        if name == "search":
            failed.append("search: ValueError: nothing")
        yield [
            {
                "benchmark": name,
                "name": name,
                "amount": 1.0,
                "unit": "s",
                "allowed": None,
                "sizes": {},
                "of_limit": 1,
            }
        ]

    monkeypatch.setattr("jaxplay.benchmarks.running.run", run)
    out = tmp_path / "all.jsonl"
    assert main(["bench", "all", "--quick", "--out", str(out)]) == 1
    assert tuple(asked) == QUICK and all(options.quick for options in asked.values())
    assert asked["league"].cases == ("selfplay", "main")
    assert [json.loads(line)["name"] for line in out.read_text().splitlines()] == list(QUICK)
    assert "failed search: ValueError: nothing" in capsys.readouterr().err
    assert main(["bench", "all", "--only", "machine"]) == 0 and not asked["machine"].quick
