"""Play without search, in the form of a search."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from positions import linear, random_positions
from quick import quick_jit
from small_games import Race

from jaxplay import search
from jaxplay.evaluator import Prediction, uniform
from jaxplay.game import make

GAME = make("tic_tac_toe")
PARAMS, EVALUATE = linear(GAME)


def test_a_policy_says_what_its_evaluator_says():
    states = random_positions(GAME, 32, 5)
    found = quick_jit(search.policy(GAME, EVALUATE))(PARAMS, jax.random.key(0), states)
    prediction = EVALUATE(PARAMS, jax.random.key(0), states)
    logits = jnp.where(states.legal_action_mask, prediction.logits, -jnp.inf)
    np.testing.assert_allclose(found.action_weights, jax.nn.softmax(logits), atol=1e-6)
    np.testing.assert_array_equal(found.action, jnp.argmax(logits, axis=-1))
    np.testing.assert_allclose(found.value, prediction.value, atol=1e-6)
    assert (np.asarray(found.action_weights)[~np.asarray(states.legal_action_mask)] == 0.0).all()


def test_it_looks_like_a_search_that_visited_nothing():
    """The same shapes and types as PUCT, so that either plays where the other did."""
    states = random_positions(GAME, 4, 3)
    ask = search.policy(GAME, EVALUATE), search.puct(GAME, EVALUATE, 8)
    found, full = (jax.eval_shape(s, PARAMS, jax.random.key(0), states)._replace(tree=None) for s in ask)
    same = jax.tree.map(lambda a, b: (a.shape, a.dtype) == (b.shape, b.dtype), found, full)
    assert jax.tree.all(same)
    found = ask[0](PARAMS, jax.random.key(0), states)
    assert found.tree is None and found.opponent_value is None and found.opponent_known is None
    assert not any(x.any() for x in (found.visits, found.q, found.depth, found.max_depth))
    assert (found.num_simulations == 0).all()


def test_one_evaluation_however_many_simulations_are_asked_for():
    asked = []

    def counting(params, key, states):
        jax.debug.callback(lambda: asked.append(1))
        return EVALUATE(params, key, states)

    states = random_positions(GAME, 4, 3)
    run = jax.jit(search.policy(GAME, counting))
    run(PARAMS, jax.random.key(0), states, num_simulations=jnp.full(4, 50)).action.block_until_ready()
    jax.effects_barrier()
    assert len(asked) == 1


def test_games_with_more_outcomes_than_actions():
    """The mask is as wide as the die; actions are fewer."""
    game = Race(players=1, length=3)
    states = jax.vmap(lambda key: game.init())(jax.random.split(jax.random.key(0), 2))

    def mostly_roll(params, key, states):
        batch = states.terminated.shape[0]
        return Prediction(jnp.tile(jnp.log(jnp.array([[0.25, 0.75]])), (batch, 1)), jnp.zeros(batch))

    found = search.policy(game, mostly_roll)(None, jax.random.key(0), states)
    np.testing.assert_allclose(found.action_weights, [[0.25, 0.75]] * 2, atol=1e-6)
    assert found.action.tolist() == [1, 1]


def test_a_tree_is_refused():
    states = random_positions(GAME, 4, 3)
    tree = search.puct(GAME, uniform(GAME), 4)(None, jax.random.key(0), states).tree
    with pytest.raises(ValueError, match="no tree"):
        search.policy(GAME, EVALUATE)(PARAMS, jax.random.key(0), states, tree=tree)
