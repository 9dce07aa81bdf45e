"""The agents that ship: what their files say, how they are loaded, made and named."""

import dataclasses
import json
import runpy
from pathlib import Path

import jax
import numpy as np
import pytest
from saved_runs import save_run
from source import ROOT

from jaxplay.agent import load
from jaxplay.agents import (
    FOLDER,
    MOST_BYTES,
    add_agent,
    agent_card,
    agent_facts,
    agent_for,
    agent_names,
    agent_path,
    card_text,
    default_player,
    game_of,
    load_agent,
)
from jaxplay.checkpoint.weights import SUFFIX
from jaxplay.cli.main import main
from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.players import make_players, parse_player
from jaxplay.solve import exploitability, form_of
from jaxplay.solve.behaviour import asked
from jaxplay.solving import legal_probs

NAMES = agent_names()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one agent, made of a run of tic-tac-toe, which stands beside it."""
    folder = tmp_path_factory.mktemp("agents")
    run = save_run(folder / "run")
    (run / "metrics.jsonl").write_text('{"kind": "training", "step": 0, "seconds": 120.0}\n')
    add_agent(run, "small", "jaxplay train ...", anchors=(0,), num_games=8, num_simulations=2, folder=folder)
    return folder


def test_the_page_has_a_row_for_each_measurement():
    """After an agent was made: `python docs/agent_table.py`."""
    page = (ROOT / "docs" / "agents.md").read_text()
    filled = runpy.run_path(str(ROOT / "docs" / "agent_table.py"))["filled"]
    assert filled(page) == page
    assert all(f"`{name}` (" in page for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_file_and_card_agree_and_say_what_was_measured(name):
    facts = agent_facts(name)
    assert facts.name == name
    assert facts.trust is not None, "an agent that nobody measured must not ship"
    assert facts.command.startswith("jaxplay ")
    assert agent_card(name) == card_text(facts)
    assert agent_for(game_of(facts)) is not None
    for found in facts.measurements:
        assert (found.interval is None) == (found.trust == "exact")
        assert name in found.command or found.command.startswith("jaxplay.")


def test_nothing_else_ships_and_all_is_small():
    paths = [*FOLDER.iterdir()]
    assert {path.stem for path in paths} == set(NAMES)
    assert {path.suffix for path in paths} == {SUFFIX, ".md"}
    assert sum(path.stat().st_size for path in paths) < MOST_BYTES
    assert {"kuhn_poker", "leduc_poker", "liars_dice"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_agent_loads_and_moves_legally(name):
    agent = load_agent(name)
    state = jax.tree.map(lambda leaf: leaf[None], _decision(agent.game))
    found = agent.predict(state)
    assert np.isfinite(found.value).all()
    assert state.legal_action_mask[0, int(np.argmax(found.logits[0]))]


def test_a_strategy_is_worth_what_its_file_says():
    agent, (told,) = load_agent("kuhn_poker"), agent_facts("kuhn_poker").measurements
    form = form_of(agent.game)
    ask = asked(form, legal_probs(agent.game, agent.programs.predict))
    found = exploitability(form, np.asarray(jax.jit(ask)(agent.params)))
    assert found.exploitability == pytest.approx(told.value, abs=1e-7)
    assert told.value < 1e-6


def test_an_agent_is_its_run_in_sixteen_bits(made):
    run, agent = load(made / "run"), load_agent("small", made)
    halved = jax.tree.map(lambda x: np.asarray(x).astype(np.float16).astype(np.float32), run.params)
    assert jax.tree.all(jax.tree.map(lambda a, b: bool((a == np.asarray(b)).all()), halved, agent.params))
    assert agent.game == run.game and agent.num_simulations == 2
    plain = sum(leaf.nbytes for leaf in jax.tree.leaves(run.params))
    assert agent_path("small", made).stat().st_size < plain / 2 + 8000


def test_an_agent_says_how_it_was_made_and_what_was_measured(made):
    facts = agent_facts("small", made)
    assert (facts.game_text, facts.command) == ("tic_tac_toe", "jaxplay train ...")
    assert facts.effort == "0 steps, 2 minutes of wall clock"
    lines, score = facts.measurements
    assert lines.trust == facts.trust == "exact" and lines.value == int(lines.value)
    assert score.measure.startswith("score with 2 simulations against random, 8 games")
    assert score.interval is not None and score.interval[0] <= score.value <= score.interval[1]
    assert "jaxplay arena agents:small random --games 8" in agent_card("small", made)


def test_bad_names_and_damaged_files_are_told_in_a_line(made, tmp_path):
    with pytest.raises(UserError, match="no shipped agent 'kuhn'; did you mean 'kuhn_poker'"):
        agent_facts("kuhn")
    with pytest.raises(UserError, match="'a b' cannot name an agent"):
        add_agent(made / "run", "a b", "")
    data = bytearray(agent_path("small", made).read_bytes())
    data[-1] ^= 1
    (tmp_path / "small.safetensors").write_bytes(data)
    with pytest.raises(UserError, match=r"cannot read agent .*not what was written"):
        load_agent("small", tmp_path)


def test_what_cannot_be_measured_is_not_left_behind(made, tmp_path, monkeypatch):
    monkeypatch.setattr("jaxplay.agents.add.measurements", lambda *_, **__: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        add_agent(made / "run", "other", "", folder=tmp_path)
    assert not [*tmp_path.iterdir()]


def test_default_players():
    assert default_player(make("kuhn_poker")) == "agents:kuhn_poker"
    assert default_player(make("kuhn_poker", players=3)) == "random"
    assert default_player(make("hex", size=3)) == "mcts:100"


def test_grammar():
    spec = parse_player("agents:leduc_poker")
    assert (spec.kind, spec.player, spec.run) == ("shipped", "leduc_poker", agent_path("leduc_poker"))
    game, (first, second) = make_players(["agents:kuhn_poker", "random"], num_simulations=5)
    assert game == make("kuhn_poker") and first.agent is not None
    assert first.player.name == "agents:kuhn_poker" and second.agent is None
    for text, message in (
        ("agents", "no shipped agent ''; allowed: "),
        ("agents:nobody", "no shipped agent 'nobody'"),
        ("agents:kuhn_poker,sim=4", "is not an option of a player"),
        ("agnts:kuhn_poker", "did you mean 'agents:NAME'"),
    ):
        with pytest.raises(UserError, match=message):
            parse_player(text)
    with pytest.raises(UserError, match="plays by its policy, without search"):
        make_players(["agents:kuhn_poker,sims=4"])
    with pytest.raises(UserError, match="plays kuhn_poker, not"):
        make_players(["agents:kuhn_poker"], "leduc_poker")


def test_command_lists_and_shows(capsys):
    assert main(["agents", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["agent"] for row in rows] == [f"agents:{name}" for name in NAMES]
    assert all(row["trust"] in {"exact", "sampled", "matches"} for row in rows)
    assert main(["agents", "kuhn_poker"]) == 0
    assert capsys.readouterr().out == agent_card("kuhn_poker")
    assert main(["agents", "kuhn"]) == 2
    assert "did you mean 'kuhn_poker'" in capsys.readouterr().err


def test_command_makes_one_of_a_run(made, tmp_path, capsys):
    words = [
        "agents",
        "mine",
        "--add",
        str(made / "run"),
        "--command",
        "jaxplay train",
        "--to",
        str(tmp_path),
    ]
    assert main([*words, "--anchors", "0", "--games", "8", "--sims", "2"]) == 0
    assert "score with 2 simulations against random" in capsys.readouterr().out
    found = agent_facts("mine", tmp_path)
    assert found.measurements == tuple(
        dataclasses.replace(other, command=other.command.replace("small", "mine"))
        for other in agent_facts("small", made).measurements
    )
    assert main([*words[:4], "--to", str(tmp_path)]) == 2
    assert main([*words, "--games", "7"]) == 2


def test_play_takes_a_game(capsys):
    assert main(["play", "kuhn_poker", "--seat", "none", "--seed", "1"]) == 0
    assert "you play against agents:kuhn_poker" in capsys.readouterr().out
    assert main(["play", "kuhn_poker", "--game", "kuhn_poker"]) == 2


def _decision(game):
    """A position of a decision."""
    from jaxplay.game import fresh

    return fresh(game, jax.random.key(0))
