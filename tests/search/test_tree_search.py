"""A selection rule as one function."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from positions import linear, random_positions
from quick import quick_jit

from jaxplay import search
from jaxplay.game import make
from jaxplay.search import rules

GAME = make("tic_tac_toe")
PARAMS, EVALUATE = linear(GAME)


def least_likely_first(edges: search.Edges):
    """Visits are kept even; of equals, the edge of least prior."""
    return -edges.visits - edges.prior


def likeliest_first(edges: search.Edges):
    return -edges.visits + edges.prior


def test_a_rule_that_goes_against_the_prior():
    """It holds from the first edge of a node on: nodes are numbered in the order in which they were added."""
    states = random_positions(GAME, 8, 3)
    run = search.tree_search(GAME, EVALUATE, 80, least_likely_first, at_root=likeliest_first)
    found = quick_jit(run)(PARAMS, jax.random.key(0), states)
    np.testing.assert_array_equal(found.visits.sum(-1), 80)
    tree = jax.tree.map(np.asarray, found.tree)
    seen = 0
    for element in range(8):
        for node in range(81):
            child, prior = tree.children[node, element], tree.prior[node, element]
            added = child[child >= 0].argsort()
            order = prior[child >= 0][added] * (1 if node else -1)
            assert (np.diff(order) > 0).all()
            if node and len(added):
                assert prior[child >= 0].min() == prior[prior >= 0].min()
                seen += 1
    assert seen > 8 * 9


@pytest.mark.parametrize("rule", [rules.puct(), rules.improved_policy()])
def test_rules_that_need_not_be_asked_of_a_new_node(rule):
    """Those of PUCT and Gumbel search take the likeliest edge first."""
    noise = np.random.default_rng(0)
    prior = noise.dirichlet(np.full(7, 0.5), 200).astype(np.float32)
    prior[noise.random(prior.shape) < 0.2] = -1.0
    nothing = jnp.zeros(prior.shape)
    value = jnp.asarray(noise.uniform(-1, 1, 200), jnp.float32)
    scores = rule(search.Edges(jnp.asarray(prior), nothing, nothing, value, nothing.astype(jnp.int8)))
    np.testing.assert_array_equal(np.where(prior < 0, -np.inf, scores).argmax(-1), prior.argmax(-1))
