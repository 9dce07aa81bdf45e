"""A league as a run: players on disk, the table, resumption."""

import contextlib
import dataclasses
import io
import shutil
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
import pytest
from rich.console import Console
from small_leagues import LEAGUE, TRAINING
from small_runs import RUN, abstract, digest, plain

from jaxplay.checkpoint import Checkpoints, list_players, load_player, read_config, read_goal, read_payoff
from jaxplay.cli.league import INLINE, LEFT_OUT
from jaxplay.cli.main import main
from jaxplay.cli.values import show
from jaxplay.presets import PRESETS, preset, with_league
from jaxplay.run import Run
from jaxplay.run.standing import league_line, league_map, league_ratings
from jaxplay.training import learner_names, make_training

STEPS = 14
MIDDLE = 8
CONFIG = dataclasses.replace(RUN, training=TRAINING, checkpoint_minutes=0.0, keep_checkpoints=20)


def as_options(config: Any, prefix: str = "") -> Iterator[str]:
    """Every setting of a configuration, as options of the command line."""
    for field in dataclasses.fields(config):
        value, name = getattr(config, field.name), prefix + field.name
        if field.name in LEFT_OUT and field.name != "league":
            continue
        if not dataclasses.is_dataclass(value):
            yield f"--{name.replace('_', '-')}={show(value)}"
        elif field.name in INLINE:
            yield from as_options(value, prefix)
        else:
            if field.name in ("network", "search"):
                yield f"--{name.replace('_', '-')}={show(value)}"
            yield from as_options(value, f"{name}.")


def command(*words: str) -> str:
    """What `jaxplay` says of these words."""
    with contextlib.redirect_stdout(io.StringIO()) as text:
        assert main(words) == 0
    return text.getvalue()


@pytest.fixture(scope="module")
def said_of_whole(tmp_path_factory):
    """A run that nothing interrupts, from the command line, and what was said of it."""
    folder = tmp_path_factory.mktemp("leagues") / "whole"
    line = ["league", "tic_tac_toe", "--preset", "quick", "--steps", str(STEPS), "--out", str(folder)]
    said = command(*line, *as_options(CONFIG))
    return Run(folder, CONFIG, STEPS), said


@pytest.fixture(scope="module")
def whole(said_of_whole):
    return said_of_whole[0]


def test_the_command(said_of_whole):
    """It makes the league that its options say, and tells how it stands."""
    run, said = said_of_whole
    assert read_config(run.folder) == CONFIG and read_goal(run.folder).steps == STEPS
    assert f"finished at step {STEPS}" in said
    assert f"step {STEPS}: " in said and "players; Elo: " in said and "main_exploiter" in said


def state_of(folder, step=None) -> Any:
    return Checkpoints(folder).restore(abstract(make_training(TRAINING)), step)[0]


def test_every_player_is_on_disk(whole):
    """Also those that had to leave, bit for bit, and the one that has learned nothing."""
    found = list_players(whole.folder)
    lines = whole.metrics()
    assert len(found) == 1 + sum(line["frozen"] for line in lines) > LEAGUE.slots
    assert found[0].name == "initial" and {f.parent for f in found[1:]} == set(learner_names(TRAINING))
    seen = set()
    for step in range(1, STEPS + 1):
        state = state_of(whole.folder, step)
        people = state.league.population
        for slot in np.flatnonzero(people.present):
            facts = next(f for f in found if is_in_slot(f, people, slot))
            params = load_player(whole.folder, facts.name, one_player(people.params, slot))[1]
            assert digest(params) == digest(one_player(people.params, slot))
            seen.add(facts.name)
    assert seen == {facts.name for facts in found}


def is_in_slot(facts, people, slot):
    parent = people.parent[slot]
    learner = None if parent < 0 else learner_names(TRAINING)[parent]
    same = (facts.parent, facts.generation, facts.born)
    return same == (learner, people.generation[slot], people.born[slot])


def one_player(params, slot):
    return jax.tree.map(lambda leaf: leaf[slot], params)


def test_the_table_is_that_of_the_state(whole):
    table, state = read_payoff(whole.folder), state_of(whole.folder)
    assert table.step == STEPS and table.names[:2] == learner_names(TRAINING)
    assert len(table.names) == 2 + int(state.league.population.present.sum())
    games = np.asarray(state.league.payoff.games).sum(-1)
    np.testing.assert_allclose(table.games.sum(), games.sum(), rtol=1e-4)


def test_metrics_of_all_learners(whole):
    last = whole.metrics()[-1]
    names = ("main_exploiter.value_loss", "main_exploiter.updates", "utilization", "learned_share")
    assert {*names, "policy_loss", "players", "frozen", "resets"} <= last.keys()
    assert 0.5 < last["utilization"] <= 1.0
    assert "NaN" not in (whole.folder / "metrics.jsonl").read_text()


def test_a_resumed_league_is_the_same_league(whole, tmp_path):
    """Checkpoints after the middle are lost; players frozen after it are forgotten and made again."""
    folder = tmp_path / "resumed"
    shutil.copytree(whole.folder, folder)
    for step in range(MIDDLE + 1, STEPS + 1):
        shutil.rmtree(folder / "checkpoints" / f"{step:09d}")
    late = [f.name for f in list_players(folder) if f.born > MIDDLE]
    assert late
    (folder / "players" / f"{late[0]}.safetensors").write_bytes(b"of another history")
    assert f"finished at step {STEPS}" in command("resume", str(folder), "--steps", str(STEPS))
    again = Run(folder, CONFIG, STEPS)
    assert digest(state_of(folder)) == digest(state_of(whole.folder))
    assert plain(again.metrics()) == plain(whole.metrics())
    assert list_players(folder) == list_players(whole.folder)
    for facts in list_players(folder):
        one, other = (path / "players" / f"{facts.name}.safetensors" for path in (folder, whole.folder))
        assert one.read_bytes() == other.read_bytes()


def test_the_table_of_players(whole):
    table = read_payoff(whole.folder)
    facts = {player.name: player for player in list_players(whole.folder)}
    ratings = league_ratings(table)
    assert ratings is not None and abs(ratings.elo.sum()) < 1e-6
    for width in (60, 100, 200):
        console = Console(width=width, record=True, file=io.StringIO())
        console.print(league_map(table, facts, width))
        text = console.export_text()
        assert width == 60 or all(name in text for name in table.names)
        assert "main exploiter" in text and "learns" in text
    assert league_line(table).startswith(f"{len(table.names)} players; Elo: ")


def test_presets_as_leagues():
    for game in ("tic_tac_toe", "connect_four", "hex", "chess", "go", "kuhn_poker", "dark_hex"):
        for name in PRESETS:
            config = with_league(preset(game, name)).training
            league = config.league
            assert league is not None
            exploiter, exploiters = league.main_exploiters, (league.main_exploiters, league.league_exploiters)
            assert [one.reset for one in exploiters] == [1.0, 0.25] and league.main_agents.reset == 0.0
            for one in exploiters:
                assert one.models_opponent and one.minimax.form == "target"
                assert one.minimax.schedule == (0.5, one.updates * one.max_steps // 2)
            assert not league.main_agents.models_opponent
            assert exploiter.matches % (2 * exploiter.lanes) == 0 < exploiter.matches
            assert exploiter.matches <= config.selfplay.num_matches


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("kuhn_poker --learner alphazero", "hidden information"),
        ("twenty_forty_eight", "has not two sides"),
        ("tic_tac_toe --league.slots 1", "league.slots is 1"),
        ("tic_tac_toe --league.main-agents.matches 31", "league.main_agents.matches is 31"),
        ("tic_tac_toe --league.main-agents.matchmaking nsh", "MemberConfig.matchmaking is 'nsh'"),
        ("tic_tac_toe --selfplay.keep-nodes 8", "selfplay.keep_nodes is 8; allowed: in a league 0"),
    ],
)
def test_bad_input_is_one_line(words, said, tmp_path, capsys):
    out = tmp_path / "run"
    assert main(["league", *words.split(), "--preset", "quick", "--steps", "1", "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1 and not out.exists()
