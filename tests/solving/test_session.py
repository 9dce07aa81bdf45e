"""Solving in a folder: it goes on bit for bit, keeps what it found, and refuses what does not fit."""

import os
import signal
import subprocess
import sys
import time

import jax
import numpy as np
import pytest

from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.players import make_players
from jaxplay.solve import exploitability, sequence_form
from jaxplay.solving import (
    ALGORITHMS,
    SolveConfig,
    Target,
    cached_tree,
    load_strategy,
    read_curve,
    read_facts,
    resume_solving,
    solve_game,
)
from jaxplay.solving.session import STATE_FILE, next_point

KUHN = SolveConfig("kuhn_poker")


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """Kuhn poker, solved for 100 iterations."""
    folder = tmp_path_factory.mktemp("solved") / "kuhn"
    return solve_game(KUHN, target=Target(iterations=100), out=folder)


def test_points_of_the_curve():
    points, at = [], 0
    while at < 100:
        at = next_point(at)
        points.append(at)
    assert points == [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128]


def test_what_is_kept(solved):
    assert solved.iterations == 100
    assert solved.result.exploitability < 1e-4
    curve = read_curve(solved.folder)
    assert [point["iteration"] for point in curve] == [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 100]
    assert curve[-1]["exploitability"] == solved.result.exploitability
    facts = read_facts(solved.folder / "strategy.safetensors")
    assert facts == ("kuhn_poker", (), "pcfr+", 100, solved.result.exploitability)


def test_the_card_tells_what_was_found(solved):
    text = (solved.folder / "card.md").read_text()
    assert "had reached the goal" in text and "| iterations | 100 |" in text
    assert f"| exact exploitability | {solved.result.exploitability:.6g} |" in text
    assert "58 histories, 12 information sets" in text


def test_the_strategy_plays_what_was_found(solved):
    """Asked for its policy like any player, it gives nothing away."""
    game = make("kuhn_poker")
    _, (contender,) = make_players([str(solved.folder)])
    assert contender.agent is not None
    form = sequence_form(game)
    logits = jax.device_get(contender.agent.predict(jax.device_put(form.tree.states)).logits)
    probs = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    assert exploitability(form, probs).exploitability == pytest.approx(solved.result.exploitability, abs=1e-6)
    value = np.asarray(contender.agent.predict(jax.device_put(form.tree.states)).value)
    cards, plies = form.tree.states.cards, form.tree.states.plies
    (jack,) = np.flatnonzero((form.tree.owner == 0) & (plies == 0) & (cards[:, 0] == 0))
    assert -1.01 < value[jack] * 2 < -0.95  # who holds the jack loses its ante, or a little less


def test_going_on_is_bit_for_bit(solved, tmp_path):
    once = solve_game(KUHN, target=Target(iterations=150), out=tmp_path / "once")
    for stop in (1, 7, 100, 150):
        twice = solve_game(KUHN, target=Target(iterations=stop), out=tmp_path / "twice")
    np.testing.assert_array_equal(once.table, twice.table)
    one, other = ((tmp_path / name / STATE_FILE).read_bytes() for name in ("once", "twice"))
    assert one == other
    assert read_curve(tmp_path / "twice")[-1]["exploitability"] == once.result.exploitability


def test_killed_and_resumed(tmp_path):
    """SIGKILL at some moment: what was saved last goes on to the same numbers."""
    folder = tmp_path / "killed"
    code = (
        "from jaxplay.solving import session; session.SAVE_SECONDS = 0.0\n"
        f"session.solve_game(session.SolveConfig('kuhn_poker'), out={str(folder)!r})"
    )
    process = subprocess.Popen([sys.executable, "-c", code], env=os.environ)
    deadline = time.monotonic() + 120
    while not (folder / STATE_FILE).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    process.wait()
    last = read_curve(folder)[-1]["iteration"]
    resumed = resume_solving(folder, target=Target(iterations=2 * last))
    fresh = solve_game(KUHN, target=Target(iterations=2 * last))
    np.testing.assert_array_equal(resumed.table, fresh.table)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_every_algorithm_improves_on_uniform_play(name):
    iterations = 10 if name.startswith("psro") else 60  # each of these solves a matrix game
    solved = solve_game(SolveConfig("kuhn_poker", algorithm=name), target=Target(iterations=iterations))
    assert solved.result.exploitability < 0.2, name
    assert solved.folder is None


def test_targets(solved):
    until = solve_game(KUHN, target=Target(exploitability=0.01))
    assert until.result.exploitability <= 0.01 and until.iterations == 16
    timed = solve_game(KUHN, target=Target(minutes=0.001))
    assert timed.iterations >= 1


def test_three_players_and_options(tmp_path):
    config = SolveConfig("kuhn_poker", (("players", 3),), "cfr+")
    solved = solve_game(config, target=Target(iterations=200), out=tmp_path / "three")
    assert solved.result.exploitability < 0.02
    _, (contender,) = make_players([str(tmp_path / "three")])
    assert contender.agent is not None
    assert contender.agent.game.num_players == 3


def test_trees_are_kept_and_found_again(tmp_path):
    game = make("kuhn_poker")
    first = cached_tree(game, tmp_path)
    (file,) = tmp_path.iterdir()
    again = cached_tree(game, tmp_path)
    for one, other in zip(jax.tree.leaves(vars(first)), jax.tree.leaves(vars(again)), strict=True):
        np.testing.assert_array_equal(one, other)
    file.write_bytes(file.read_bytes()[:-7])
    assert cached_tree(game, tmp_path).num_histories == 58
    cached_tree(make("kuhn_poker", players=3), tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    assert cached_tree(game, tmp_path / "file.txt" / "below").num_histories == 58


def test_folders_that_do_not_fit(solved, tmp_path):
    with pytest.raises(UserError, match="holds another solution"):
        solve_game(SolveConfig("kuhn_poker", algorithm="cfr"), out=solved.folder)
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(UserError, match="not an empty folder"):
        solve_game(KUHN, out=tmp_path)
    with pytest.raises(UserError, match="no algorithm 'cfr-'; did you mean"):
        SolveConfig("kuhn_poker", algorithm="cfr-")


@pytest.mark.parametrize("name", ["solve.json", "state.safetensors", "strategy.safetensors"])
def test_damage_is_told_in_a_line(solved, tmp_path, name):
    folder = tmp_path / "damaged"
    solve_game(KUHN, target=Target(iterations=3), out=folder)
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 0x10
    (folder / name).write_bytes(data)
    read = {"strategy.safetensors": lambda: load_strategy(folder / name, make("kuhn_poker"))}
    with pytest.raises(UserError, match="cannot read"):
        read.get(name, lambda: resume_solving(folder, target=Target(iterations=5)))()


def test_a_strategy_for_another_game(solved):
    with pytest.raises(UserError, match="for another game"):
        load_strategy(solved.folder / "strategy.safetensors", make("leduc_poker"))
