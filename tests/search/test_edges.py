"""Trees in less memory: the likeliest edges only, and priors in half precision."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from positions import linear, random_positions
from quick import quick_jit
from small_games import Race

from jaxplay import search
from jaxplay.evaluator import uniform
from jaxplay.game import fresh, make
from jaxplay.search import Opponent, SearchParams, Signal

GAME = make("tic_tac_toe")
PARAMS, EVALUATE = linear(GAME)
KEY = jax.random.key(0)


@pytest.fixture(scope="module")
def states():
    """At least three of nine cells are taken, so that six edges hold all legal moves."""
    positions = random_positions(GAME, 64, 6)
    enough = np.asarray(positions.legal_action_mask).sum(1) <= 6
    return jax.tree.map(lambda x: x[enough], positions)


@pytest.mark.parametrize("factory", [search.puct, lambda *a, **k: search.gumbel(*a, noise=0.0, **k)])
def test_as_many_edges_as_moves_change_nothing(factory, states):
    whole = quick_jit(factory(GAME, EVALUATE, 40))(PARAMS, KEY, states)
    part = quick_jit(factory(GAME, EVALUATE, 40, max_edges=6))(PARAMS, KEY, states)
    assert part.tree.prior.shape[-1] == 6
    for field in ("action", "visits"):
        np.testing.assert_array_equal(getattr(whole, field), getattr(part, field), err_msg=field)
    for field in ("action_weights", "q", "prior", "value"):
        np.testing.assert_allclose(getattr(whole, field), getattr(part, field), atol=1e-6, err_msg=field)
    one, other = (list(search.walk(GAME, found.tree, 3)) for found in (whole, part))
    key = [sorted((n.depth, n.action, n.visits) for n in nodes) for nodes in (one, other)]
    assert key[0] == key[1]


def test_the_likeliest_edges_are_kept(states):
    found = quick_jit(search.puct(GAME, EVALUATE, 40, max_edges=3))(PARAMS, KEY, states)
    logits = np.where(states.legal_action_mask, EVALUATE(PARAMS, KEY, states).logits, -np.inf)
    third = np.sort(logits, axis=1)[:, -3]
    assert (np.asarray(found.visits)[logits < third[:, None]] == 0).all()
    assert (found.visits.sum(1) == 40).all()
    assert states.legal_action_mask[jnp.arange(len(found.action)), found.action].all()


def test_edges_must_hold_the_outcomes_of_chance():
    with pytest.raises(ValueError, match="max_edges is 2; allowed: 3 or more"):
        search.puct(Race(), uniform(Race()), 8, max_edges=2)


def test_half_precision_priors(states):
    whole = quick_jit(search.puct(GAME, EVALUATE, 40))(PARAMS, KEY, states)
    half = quick_jit(search.puct(GAME, EVALUATE, 40, bfloat16_priors=True))(PARAMS, KEY, states)
    assert half.tree.prior.dtype == jnp.bfloat16
    assert (whole.action == half.action).mean() > 0.95
    np.testing.assert_allclose(whole.prior, half.prior, rtol=2**-7)
    assert ((half.visits > 0) <= states.legal_action_mask).all()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("tic_tac_toe", {}),
        ("tic_tac_toe", {"prove": True, "leaves": 4}),
        ("tic_tac_toe", {"max_edges": 4, "bfloat16_priors": True, "capacity": 40}),
        ("tic_tac_toe", {"capacity": 20_000}),
        ("tic_tac_toe", {"opponent": Opponent(EVALUATE, signal=Signal("potential"))}),
        ("pig", {}),
        ("chess", {"max_edges": 64, "prove": True}),
    ],
)
def test_bytes_are_those_of_the_tree(name, options):
    game, batch = make(name), 3
    keys = jax.random.split(KEY, batch)
    states = jax.eval_shape(jax.vmap(lambda key: fresh(game, key)), keys)
    params = SearchParams(None, PARAMS, 0.0) if "opponent" in options else None
    tree = jax.eval_shape(search.puct(game, uniform(game), 21, **options), params, KEY, states).tree
    whole = sum(x.size * x.dtype.itemsize for x in jax.tree.leaves(tree)) - tree.size.dtype.itemsize
    assert search.tree_bytes(game, 21, **options) * batch == whole
