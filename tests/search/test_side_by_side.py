"""Several simulations of one tree side by side: rounds of Gumbel search, leaves of PUCT."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from positions import linear, position, random_positions
from quick import quick_jit

from jaxplay import search
from jaxplay.evaluator import uniform
from jaxplay.game import make
from jaxplay.search._halving import halving_table, rounds

GAME = make("connect_four")
PARAMS, EVALUATE = linear(GAME)
KEY = jax.random.key(0)


@pytest.fixture(scope="module")
def states():
    return random_positions(GAME, 48, 12)


def run(make_search, states, **options):
    return quick_jit(make_search)(PARAMS, KEY, states, **options)


@pytest.mark.parametrize(
    ("considered", "simulations", "expected"),
    [
        (16, 32, [(16, 1), (8, 1), (4, 2)]),
        (7, 32, [(7, 1), (3, 3), (2, 8)]),
        (4, 8, [(4, 1), (2, 2)]),
        (4, 7, [(4, 1), (2, 1), (1, 1)]),
        (1, 3, [(1, 3)]),
    ],
)
def test_rounds_of_sequential_halving(considered, simulations, expected):
    """By hand from the paper's figure; 32 simulations of 16 actions are 4 rounds."""
    table = halving_table(considered, simulations)
    assert rounds(table[-1]) == expected
    assert sum(width * repeats for width, repeats in expected) == simulations


def test_one_round_is_the_same_in_sequence_and_side_by_side(states):
    """Every considered action once: nothing is decided in between, so that every number agrees."""
    options = {"max_considered": 4, "noise": 0.0}
    one = run(search.gumbel(GAME, EVALUATE, 4, **options), states)
    other = run(search.gumbel(GAME, EVALUATE, 4, parallel=True, **options), states)
    for field in ("action", "visits", "q", "action_weights", "value", "depth", "num_simulations"):
        np.testing.assert_allclose(getattr(one, field), getattr(other, field), atol=1e-6, err_msg=field)


def test_rounds_follow_the_paper(states):
    """Visits by sequential halving done in NumPy on the values that the search reports at its end.

    With two phases, 4 actions and then the best 2 of them: the second phase's choice can be checked from
    trees of the first phase alone, which a search of 4 simulations shows.
    """
    options = {"max_considered": 4, "noise": 0.0, "parallel": True}
    first = run(search.gumbel(GAME, EVALUATE, 4, **options), states)
    both = run(search.gumbel(GAME, EVALUATE, 8, **options), states)
    legal = np.asarray(states.legal_action_mask).sum(1)
    score = np.where(first.visits == 1, np.log(first.action_weights + 1e-30), -np.inf)
    best_two = np.argsort(-score, axis=1)[:, :2]
    for b in np.flatnonzero(legal >= 4):
        expected = np.array(first.visits[b])
        expected[best_two[b]] += 2
        np.testing.assert_array_equal(both.visits[b], expected)


def test_rounds_are_the_same_where_their_calls_are_narrow(states, monkeypatch):
    """Positions enough to fill a call: one action of a round after another, backups in blocks of five."""
    few = jax.tree.map(lambda x: x[:12], states)
    make_search = partial(search.gumbel, GAME, EVALUATE, 12, max_considered=4, noise=0.0, parallel=True)
    budget = jnp.where(jnp.arange(12) % 3 == 0, 5, 12)
    wide = run(make_search(), few, num_simulations=budget)
    monkeypatch.setattr("jaxplay.search._gumbel.CPU_ENOUGH", 1)
    monkeypatch.setattr("jaxplay.search._backup.MOST_BLOCK", 5)
    narrow = run(make_search(), few, num_simulations=budget)
    for field in ("action", "visits", "q", "action_weights", "value", "depth", "num_simulations"):
        np.testing.assert_allclose(getattr(wide, field), getattr(narrow, field), atol=1e-6, err_msg=field)


@pytest.mark.parametrize("make_search", [search.puct, search.gumbel])
def test_blocks_of_several_levels_change_nothing(states, monkeypatch, make_search):
    """The ways of few positions in one block, and a level at a time."""
    few = jax.tree.map(lambda x: x[:2], states)
    long = run(make_search(GAME, EVALUATE, 60), few)
    monkeypatch.setattr("jaxplay.search._gumbel.LEAST_BLOCK", 1)
    monkeypatch.setattr("jaxplay.search._backup.BLOCK_LEVELS", 1)
    short = run(make_search(GAME, EVALUATE, 60), few)
    assert int(long.max_depth.max()) > 4
    for field in ("action", "visits", "q", "action_weights", "value", "depth", "num_simulations"):
        np.testing.assert_allclose(getattr(long, field), getattr(short, field), atol=1e-6, err_msg=field)


def test_side_by_side_finds_what_sequence_finds(states):
    options = {"max_considered": 7, "noise": 0.0}
    one = run(search.gumbel(GAME, EVALUATE, 32, **options), states)
    other = run(search.gumbel(GAME, EVALUATE, 32, parallel=True, **options), states)
    assert (one.action == other.action).mean() > 0.9
    full = np.asarray(states.legal_action_mask).all(1)
    np.testing.assert_array_equal(np.asarray(other.visits.sum(1))[full], 32)
    np.testing.assert_array_equal(other.visits.sum(1), other.num_simulations)
    apart = np.abs(one.action_weights - other.action_weights).max(1)
    assert np.median(apart) < 1e-5  # the rest took another action into a later phase


@pytest.mark.parametrize("prove", [pytest.param(False, marks=pytest.mark.full), True])
@pytest.mark.parametrize("options", [{"parallel": True, "noise": 0.0}, {"leaves": 4}])
def test_a_win_is_found(options, prove):
    """In the first position the mover wins in the first column, in the second it must defend it."""
    make_search = search.puct if "leaves" in options else search.gumbel
    for moves in ("1 2 1 2 1 2", "1 2 1 2 1"):
        found = run(make_search(GAME, uniform(GAME), 96, prove=prove, **options), position(GAME, moves))
        assert found.action[0] == 0


@pytest.mark.parametrize(
    "leaves", [pytest.param(2, marks=pytest.mark.full), 5, pytest.param(16, marks=pytest.mark.full)]
)
def test_leaves_of_puct_add_up(states, leaves):
    found = run(search.puct(GAME, EVALUATE, 40, leaves=leaves), states)
    np.testing.assert_array_equal(found.visits.sum(1), 40)
    np.testing.assert_array_equal(found.num_simulations, 40)
    assert not np.asarray(found.tree.pending).any()
    total = np.asarray(found.tree.value_sum[0, ..., 0]).sum(1)
    sign = np.where(np.asarray(states.current_player) == 0, 1.0, -1.0)
    np.testing.assert_allclose(total, sign * (found.visits * found.q).sum(1), atol=1e-4)


def test_every_leaf_of_a_batch_is_another_where_there_are_enough(states):
    """Seven leaves of an even prior are the seven actions, as in seven simulations one by one."""
    full = jax.tree.map(lambda x: x[np.asarray(states.legal_action_mask).all(1)], states)
    found = run(search.puct(GAME, uniform(GAME), 7, leaves=7), full)
    np.testing.assert_array_equal(found.visits, 1)


def test_budgets_hold_side_by_side(states):
    budget = jnp.arange(48) % 24
    for make_search in (
        search.puct(GAME, EVALUATE, 20, leaves=6),
        search.gumbel(GAME, EVALUATE, 20, parallel=True, noise=0.0),
    ):
        found = run(make_search, states, num_simulations=budget)
        assert (found.visits.sum(1) <= np.minimum(budget, 20)).all()
        np.testing.assert_array_equal(found.visits.sum(1), found.num_simulations)
        full = np.asarray(states.legal_action_mask).all(1)
        np.testing.assert_array_equal(np.asarray(found.visits.sum(1))[full], np.minimum(budget, 20)[full])
