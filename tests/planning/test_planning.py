"""`jaxplay plan`: bytes beside the compiler's own report, what fits, and what is refused."""

import json

import jax
import jax.numpy as jnp
import pytest

from jaxplay.cli import memory
from jaxplay.cli.main import main
from jaxplay.config import TrainingConfig
from jaxplay.planning import compiled_bytes, largest_matches, make_plan, peak_bytes
from jaxplay.planning.fit import planned
from jaxplay.planning.plan import compile_in_haste
from jaxplay.presets import preset, with_league
from jaxplay.struct import replace

MEBI = 2**20


def peak(function, *arguments) -> float:
    """MiB that a function needs besides its arguments."""
    return peak_bytes(jax.jit(function).trace(*arguments).jaxpr) / MEBI


def test_what_a_program_holds():
    """Of arrays of a MiB: products are stored until they were read, sums of elements on the way are not."""
    x = jax.ShapeDtypeStruct((512, 512), jnp.float32)
    assert peak(lambda x: x @ x, x) == 1
    assert peak(lambda x: (x @ x) @ x, x) == 2
    assert peak(lambda x: ((x @ x) @ x).sum(), x) == pytest.approx(2, rel=1e-3)
    assert peak(lambda x: (2 * x + 1).sum(), x) == pytest.approx(0, abs=1e-3)
    assert peak(lambda x: x + 1, x) == 0  # in the place of the argument
    assert peak(lambda x: (x @ x, x), x) == 1


def test_loops_carry_in_place():
    """However often they turn: one array is updated, a turn has what it needs, rows of turns are kept."""
    x = jax.ShapeDtypeStruct((512, 512), jnp.float32)

    def update(x):
        return jax.lax.fori_loop(0, 100, lambda i, y: y.at[i].add(1.0), x)

    def multiply(x):
        return jax.lax.fori_loop(0, 100, lambda i, y: jnp.tanh(y @ y), x)

    def keep(x):
        return jax.lax.scan(lambda y, _: (y, y @ y), x, None, length=10)

    assert peak(update, x) == pytest.approx(0, abs=0.01)
    assert peak(multiply, x) == pytest.approx(1, abs=0.01)
    assert peak(keep, x) == pytest.approx(11, abs=0.01)


CASES = [
    ("tic_tac_toe", "quick", False),
    ("kuhn_poker", "cpu", False),
    pytest.param("tic_tac_toe", "cpu", False, marks=pytest.mark.full),
    pytest.param("connect_four", "cpu", False, marks=pytest.mark.full),
    pytest.param("othello", "cpu", False, marks=pytest.mark.full),
    pytest.param("hex", "cpu", False, marks=pytest.mark.full),
    pytest.param("tic_tac_toe", "cpu", True, marks=pytest.mark.full),
]


@pytest.mark.parametrize(("game", "name", "league"), CASES)
def test_the_plan_is_what_the_compiler_reports(game, name, league):
    """Within 15 %."""
    config = preset(game, name)
    config = (with_league(config) if league else config).training
    reported = compiled_bytes(compile_in_haste(config))
    assert reported is not None and 0.85 < make_plan(config).total / reported < 1.15


def test_what_fits():
    """Twice as many matches would not; leagues are left out."""
    config = preset("tic_tac_toe", "quick").training
    most = largest_matches(config, 1e9)
    assert most is not None and most > 10_000 and planned(config, most) <= 1e9 < planned(config, 2 * most)
    assert largest_matches(with_league(preset("tic_tac_toe", "quick")).training, 1e9) is None


def test_parts():
    plan = make_plan(preset("connect_four").training)
    sizes = {part.what: part.size for part in (*plan.state, *plan.besides)}
    assert sizes["averaged parameters"] == sizes["parameters"] and sizes["replay"] > 16_000_000
    assert plan.largest.what == "replay" and plan.total == sum(p.size for p in plan.state) + plan.temporary


@pytest.fixture
def probed(monkeypatch):
    """A probe that trains nothing."""
    from jaxplay.planning import Probe

    monkeypatch.setattr("jaxplay.planning.probe", lambda *_: Probe(1000.0, 5, 12.0, 200_000))
    monkeypatch.setattr("jaxplay.planning.largest_matches", lambda *_: 4096)


def test_the_command(probed, capsys):
    assert main(["plan", "tic_tac_toe", "--preset", "quick", "--positions", "3600000", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["hours"] == 1.0 and found["compiled"] == 200_000 and found["largest_num_matches"] == 4096
    assert found["total"] == found["parts"][-1]["bytes"]
    assert main(["plan", "tic_tac_toe", "--preset", "quick"]) == 0
    text = capsys.readouterr().out
    assert "search trees" in text and "1,000 positions a second" in text and "take 2.78 hours" in text


def test_what_does_not_fit_is_refused_with_a_table(capsys, monkeypatch):
    """By a rough count, or where that does not tell, by the plan."""
    monkeypatch.setattr("jaxplay.run.train", lambda **_: pytest.fail("it was trained"))
    config = preset("connect_four", "cpu").training
    plan, rough = make_plan(config), sum(n.size for n in memory.training_needs(config, memory.measure(GAME)))
    for there in (0.9 * plan.total, 0.5 * rough):
        monkeypatch.setattr(memory, "available", lambda there=there: there)
        assert main(["train", "connect_four"]) == 2
        seen = capsys.readouterr()
        assert seen.err.count("\n") == 1 and "there are " in seen.err and "replay" in seen.out
    assert rough < 0.9 * plan.total
    monkeypatch.setattr(memory, "available", lambda: 1.1 * plan.total)
    monkeypatch.setattr("jaxplay.run.train", lambda **_: None)
    assert main(["train", "connect_four"]) == 0


GAME = memory.make("connect_four")


def test_a_probe_trains():
    """The clock turns a second at each look, so that the steps are few."""
    from jaxplay.planning import probe

    ticks = iter(range(10_000))
    config = replace(preset("tic_tac_toe", "quick").training, seed=3)
    found = probe(config, 1.0, clock=lambda: float(next(ticks)))
    assert isinstance(config, TrainingConfig) and found.steps == 3
    assert found.positions_per_second == pytest.approx(
        config.selfplay.num_matches * config.selfplay.num_plies / 2, rel=1.0
    )
    assert found.hours(3600.0 * found.positions_per_second) == pytest.approx(1.0)
