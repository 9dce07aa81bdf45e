"""`jaxplay bench league`: what its cases are, what they are compared with, and a tiny run of two of them."""

import json
from typing import Any

import jax
import pytest
from quick import quick_jit
from small_programs import LEAST

from jaxplay.benchmarks import league
from jaxplay.benchmarks.harness import Case, Compiled, measure
from jaxplay.benchmarks.league import _among
from jaxplay.cli.bench_rows import comparisons
from jaxplay.cli.main import main
from jaxplay.config import AlphaZeroConfig, RunConfig
from jaxplay.presets import preset, with_league
from jaxplay.struct import replace

CONFIG = with_league(preset("connect_four", "cpu")).training
LEAGUE: Any = CONFIG.league
CASES = league.settings(CONFIG)


def rules(name):
    """The league of a case of one."""
    (training,) = CASES[name].trainings
    assert training.league is not None
    return training.league


def test_self_play_of_the_same_learners():
    """As many matches, simulations and gradient steps as in the league, without it."""
    assert [c.selfplay.num_matches for c in CASES["selfplay"].trainings] == [512]
    alone = CASES["selfplay_all"].trainings
    assert [c.selfplay.num_matches for c in alone] == [512, 128, 128]
    assert all(c.league is None and c.search == CONFIG.search for c in alone)
    main_agent, exploiter = alone[0].learner, alone[1].learner
    assert isinstance(main_agent, AlphaZeroConfig) and isinstance(exploiter, AlphaZeroConfig)
    assert main_agent.num_updates == 4 * exploiter.num_updates
    trained = (main_agent.num_updates + 2 * exploiter.num_updates) * main_agent.batch_size
    assert sum(map(league._trained, alone)) == league._trained(CONFIG) == trained


def test_what_is_allowed():
    """Leagues of main agents only, however many slots and by a rule that solves games; against self-play."""
    of_main_agents = {"main": 8, "main_256": 256, "nash": 8, "nash_256": 256}
    held = {name for name, case in CASES.items() if 1.25 in case.against.values()}
    assert held == set(of_main_agents)
    for name, slots in of_main_agents.items():
        found = rules(name)
        assert CASES[name].against["selfplay"] == 1.25 and found.slots == slots
        assert found.main_exploiters.count == found.league_exploiters.count == found.referees.matches == 0
        assert (found.main_agents.matchmaking == "nash") == name.startswith("nash")
    assert CASES["main_256"].against["main"] is CASES["nash_256"].against["nash"] is None
    assert rules("referees") == replace(rules("main"), referees=LEAGUE.referees)
    assert rules("exploiters").main_exploiters == LEAGUE.main_exploiters
    assert not rules("unmodelled").main_exploiters.models_opponent
    for name in ("exploiters", "unmodelled"):
        assert rules(name).slots == 8 and CASES[name].against["selfplay_all"] is None


def test_times_of_another_case(monkeypatch):
    """A case whose calls do half of the units in the same time takes twice as long for each."""
    clock = iter(range(1000))
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    one, half = (
        Case(n, lambda x: x, (1.0,), w, "step", against={"one": 1.5}, also={"position": 10})
        for n, w in (("one", 2.0), ("half", 1.0))
    )
    first, second = measure([one, half], repeats=2, seconds=0.0)
    assert first.times == {"one": 1.0} and second.times == {"one": 2.0} and second.allowed == {"one": 1.5}
    assert first.also == {"position": 10.0} and first.rate == 2.0 and second.also == {"position": 10.0}
    said = list(
        comparisons({"name": "half"} | {name: getattr(second, name) for name in ("times", "allowed")})
    )
    assert said == ["half takes 2.00 times as long as one (at most 1.5: no)"]


def test_a_case_is_held_against_those_that_are_measured_too():
    found = league.settings(with_league(RunConfig(training=LEAST)).training)
    assert set(found["main_256"].against) == {"selfplay", "main"}
    assert set(_among(("main_256", "selfplay"), found["main_256"]).against) == {"selfplay"}


LINE = ["bench", "league", "--quick", "--games", "tic_tac_toe", "--repeats", "1"]


def test_the_command(monkeypatch, capsys):
    """Two cases, which are traced and not run: that takes no time."""
    settings = league.settings

    def few(config):
        return {name: case for name, case in settings(config).items() if name in ("selfplay", "main")}

    def traced(case):
        shapes = jax.eval_shape(case.run, *case.arguments)
        return Compiled(lambda *_: shapes, 1.0, None)

    monkeypatch.setattr(league, "settings", few)
    monkeypatch.setattr(league, "preset", lambda *_: RunConfig(training=LEAST))
    monkeypatch.setattr("jaxplay.benchmarks.harness._compile", traced)
    monkeypatch.setattr("jax.block_until_ready", lambda x: x)
    monkeypatch.setattr("jax.jit", quick_jit)
    assert main([*LINE, "--json"]) == 0
    alone, found = map(json.loads, capsys.readouterr().out.splitlines())
    assert (alone["name"], found["name"]) == ("tic_tac_toe/selfplay", "tic_tac_toe/main")
    assert found["unit"] == "step" and found["allowed"] == {"tic_tac_toe/selfplay": 1.25}
    assert found["times"]["tic_tac_toe/selfplay"] == pytest.approx(alone["rate"] / found["rate"])
    for record in (alone, found):
        assert record["also"]["positions"] == pytest.approx(32 * record["rate"])
        assert record["also"]["trained"] == pytest.approx(64 * record["rate"])
        assert record["sizes"]["trained_per_step"] == 64


@pytest.mark.full
def test_every_case_runs(capsys):
    assert main(LINE) == 0
    text = capsys.readouterr().out
    assert "nash_256 takes" in text and "(at most 1.25: " in text
    assert all(f"tic_tac_toe/{name}" in text for name in CASES)
