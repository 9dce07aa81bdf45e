"""How long a search goes on: budgets, early ends, the clock."""

import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from positions import linear, position, random_positions
from quick import quick_jit

from jaxplay import search
from jaxplay.evaluator import Prediction, uniform
from jaxplay.game import make
from jaxplay.search._loop import certain
from jaxplay.search._puct import settled
from jaxplay.search.rules import Edges

GAME = make("connect_four")
PARAMS, EVALUATE = linear(GAME)


def edges(visits, prior=None, proven=None):
    count = jnp.array([visits], jnp.float32)
    zero = jnp.zeros_like(count)
    prior = zero if prior is None else jnp.array([prior])
    proven = zero.astype(jnp.int8) if proven is None else jnp.array([proven], jnp.int8)
    return Edges(prior, count, zero, jnp.zeros(1), proven)


@pytest.mark.parametrize(
    ("visits", "left", "expected"),
    [([5, 3, 0], 1, True), ([5, 3, 0], 2, False), ([5, 5, 0], 0, False), ([7, 0, 0], 6, True)],
)
def test_a_lead_that_cannot_be_caught(visits, left, expected):
    assert settled(edges(visits), jnp.array([left]))[0] == expected


def test_a_proven_win_and_a_single_move_are_settled():
    assert settled(edges([1, 1], proven=[0, 1]), jnp.array([9]))[0]
    assert settled(edges([1, 0], prior=[1.0, -1.0]), jnp.array([9]))[0]


def test_what_is_certain():
    """A lead alone is not: losses may be proven, and Gumbel search does not go by visits."""
    assert not certain(edges([70, 3, 0]), jnp.array([1]))[0]
    assert not certain(edges([7, 3], proven=[-1, 0]), jnp.array([1]))[0]
    assert certain(edges([1, 1], proven=[0, 1]), jnp.array([9]))[0]


def test_an_early_end_changes_no_action_and_saves_simulations():
    states = random_positions(GAME, 64, 20)
    whole = quick_jit(search.puct(GAME, EVALUATE, 64))(PARAMS, jax.random.key(0), states)
    early = quick_jit(search.puct(GAME, EVALUATE, 64, stop_early=True))(PARAMS, jax.random.key(0), states)
    np.testing.assert_array_equal(whole.action, early.action)
    np.testing.assert_array_equal(early.visits.sum(1), early.num_simulations)
    assert early.num_simulations.mean() < 60


def test_a_thought_lasts_as_long_as_it_may():
    """The time is kept to, and more time makes more simulations."""
    states = position(GAME, "4 4 3")
    think = search.thinker(GAME, search.puct(GAME, EVALUATE, 32, capacity=2**14))
    first = think(PARAMS, jax.random.key(0), states, 0.0)
    assert first.num_simulations.tolist() == [32]
    start = time.monotonic()
    long = think(PARAMS, jax.random.key(0), states, 1.0)
    assert time.monotonic() - start < 3.0
    assert int(long.num_simulations[0]) > 64
    assert int(long.visits.sum()) == int(long.num_simulations[0])


def test_a_thought_ends_where_the_tree_is_full_or_the_move_is_sure():
    """A lead that cannot be caught is no reason to end, as not all searches go by visits."""

    def sure_of_the_middle(params, key, states):
        return Prediction(jnp.tile(9.0 * jnp.eye(7)[3], (len(states.terminated), 1)), jnp.zeros(1))

    think = search.thinker(GAME, search.puct(GAME, sure_of_the_middle, 32, capacity=100))
    full = think(None, jax.random.key(0), position(GAME, "4"), 60.0)
    assert full.num_simulations.tolist() == [99] and full.visits[0, 3] > 75
    think = search.thinker(GAME, search.puct(GAME, uniform(GAME), 16, prove=True, capacity=2**14))
    sure = think(None, jax.random.key(0), position(GAME, "1 2 1 2 1 2"), 60.0)
    assert sure.action[0] == 0 and int(sure.num_simulations[0]) <= 64


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_simulations": 0}, "num_simulations is 0; allowed: 1 or more"),
        ({"num_simulations": 8, "capacity": 8}, "capacity is 8; allowed: more than num_simulations"),
        ({"num_simulations": 8, "max_edges": 0}, "max_edges is 0; allowed: 1 or more"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        search.puct(GAME, EVALUATE, **options)
