"""Our searches against mctx on the same positions, with the same evaluator.

PUCT: mctx is given our Q (no normalization, first-play urgency) as its Q transform. Gumbel: both use the
completed Q of the paper; the draws of the noise differ, so that it is off.
"""

import functools
import importlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay import search
from jaxplay.evaluator import Prediction
from jaxplay.game import fresh, make, random_action

mctx: Any = importlib.import_module("mctx")

BATCH = 48
GAME = make("connect_four")


def evaluate(params, key, states):
    """A fixed random linear network."""
    features = jax.vmap(GAME.observe)(states).reshape(states.terminated.shape[0], -1)
    out = features @ params
    return Prediction(out[:, :7], jnp.tanh(out[:, 7]))


@pytest.fixture(scope="module")
def params():
    return jax.random.normal(jax.random.key(1), (84, 8)) * 0.3


@pytest.fixture(scope="module")
def states():
    """Positions after 1 to 15 random plies, none of them over."""

    def play(key, plies):
        def ply(i, state):
            after = GAME.step(state, random_action(state.legal_action_mask, jax.random.fold_in(key, i)))
            go = (i < plies) & ~after.terminated
            return jax.tree.map(lambda a, b: jnp.where(go, a, b), after, state)

        return jax.lax.fori_loop(0, 15, ply, fresh(GAME, key))

    return jax.jit(jax.vmap(play))(jax.random.split(jax.random.key(2), BATCH), jnp.arange(BATCH) % 15 + 1)


def mctx_root(params, states):
    prediction = evaluate(params, None, states)
    logits = masked(prediction, states)
    return mctx.RootFnOutput(prior_logits=logits, value=prediction.value, embedding=states)


def masked(prediction, states):
    return jnp.where(states.legal_action_mask, prediction.logits, jnp.finfo(jnp.float32).min)


def recurrent(params, rng_key, action, states):
    mover = states.current_player
    after = jax.vmap(GAME.step)(states, action)
    over = states.terminated | after.terminated
    after = jax.tree.map(lambda a, b: where_rows(states.terminated, b, a), after, states)
    reward = jnp.where(states.terminated, 0.0, after.rewards[jnp.arange(BATCH), mover])
    prediction = evaluate(params, None, after)
    output = mctx.RecurrentFnOutput(
        reward=reward,
        discount=jnp.where(over, 0.0, -1.0),
        prior_logits=masked(prediction, after),
        value=jnp.where(over, 0.0, prediction.value),
    )
    return output, after


def where_rows(condition, yes, no):
    return jnp.where(condition.reshape(-1, *[1] * (yes.ndim - 1)), yes, no)


def our_q(tree, node, fpu_reduction=0.2):
    """Q as `rules.puct` has it: unvisited edges count as the node's mean less a reduction."""
    visits, q = tree.children_visits[node], tree.qvalues(node)
    visited = visits > 0
    prior = jax.nn.softmax(tree.children_prior_logits[node])
    mean = (tree.raw_values[node] + (visits * q).sum()) / (1 + visits.sum())
    first = mean - fpu_reduction * jnp.sqrt(jnp.where(visited, prior, 0.0).sum())
    return jnp.where(visited, q, first)


@pytest.mark.parametrize("num_simulations", [pytest.param(1, marks=pytest.mark.full), 16, 100])
def test_puct_visits_equal_those_of_mctx(params, states, num_simulations):
    ours = jax.jit(search.puct(GAME, evaluate, num_simulations))(params, jax.random.key(0), states)
    policy = functools.partial(
        mctx.muzero_policy,
        recurrent_fn=recurrent,
        num_simulations=num_simulations,
        qtransform=our_q,
        dirichlet_fraction=0.0,
        temperature=0.0,
    )
    theirs = jax.jit(
        lambda p, s: policy(p, jax.random.PRNGKey(0), mctx_root(p, s), invalid_actions=~s.legal_action_mask)
    )(params, states)
    summary = theirs.search_tree.summary()
    np.testing.assert_array_equal(ours.visits, summary.visit_counts)
    np.testing.assert_allclose(ours.value, summary.value, atol=1e-5)
    q = np.where(ours.visits > 0, summary.qvalues, 0.0)
    np.testing.assert_allclose(ours.q, q, atol=1e-5)


@pytest.mark.parametrize(
    ("num_simulations", "considered"),
    [
        pytest.param(8, 4, marks=pytest.mark.full),
        (16, 16),
        (50, 16),
        pytest.param(64, 3, marks=pytest.mark.full),
    ],
)
def test_gumbel_actions_and_policies_equal_those_of_mctx(params, states, num_simulations, considered):
    ours = jax.jit(search.gumbel(GAME, evaluate, num_simulations, max_considered=considered, noise=0.0))(
        params, jax.random.key(0), states
    )
    policy = functools.partial(
        mctx.gumbel_muzero_policy,
        recurrent_fn=recurrent,
        num_simulations=num_simulations,
        max_num_considered_actions=considered,
        gumbel_scale=0.0,
    )
    theirs = jax.jit(
        lambda p, s: policy(p, jax.random.PRNGKey(0), mctx_root(p, s), invalid_actions=~s.legal_action_mask)
    )(params, states)
    np.testing.assert_array_equal(ours.visits, theirs.search_tree.summary().visit_counts)
    np.testing.assert_array_equal(ours.action, theirs.action)
    np.testing.assert_allclose(ours.action_weights, theirs.action_weights, atol=2e-5)
