"""Gumbel search: sequential halving for every budget, its noise, and its calls of the evaluator."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from quick import quick_jit
from small_games import Nim

from jaxplay import search
from jaxplay.evaluator import Prediction, uniform
from jaxplay.search._halving import halving_table

WIDE = Nim((8, 8))
"""Sixteen actions."""
LOGITS = np.array([0.0, 1.0, -1.0, 0.5, 1.5, -0.5], np.float32)


def by_loops(considered: int, num_simulations: int) -> list[int]:
    """Sequential halving as the paper says it: visits of the edge to take, one after another."""
    if considered <= 1:
        return list(range(num_simulations))
    phases, left = int(np.ceil(np.log2(considered))), considered
    sequence, visits = [], [0] * considered
    while len(sequence) < num_simulations:
        for _ in range(max(1, num_simulations // (phases * left))):
            sequence.extend(visits[:left])
            visits[:left] = [count + 1 for count in visits[:left]]
        left = max(2, left // 2)
    return sequence[:num_simulations]


@pytest.mark.parametrize("considered", [1, 2, 3, 7, 16, 65])
def test_the_table_is_that_of_loops(considered):
    for simulations in (1, 2, 5, 16, 31, 50, 128):
        table = halving_table(considered, simulations)
        expected = [by_loops(number, simulations) for number in range(considered + 1)]
        np.testing.assert_array_equal(table, expected)


def roots(game: Nim, batch: int):
    return jax.tree.map(lambda x: jnp.broadcast_to(x, (batch, *x.shape)), game.init())


def test_halving_is_made_for_the_budget_of_each_element():
    """A budget is not the beginning of a longer search's schedule."""
    budget = np.arange(40)
    run = quick_jit(search.gumbel(WIDE, uniform(WIDE), 32, noise=0.0))
    found = run(None, jax.random.key(0), roots(WIDE, 40), num_simulations=jnp.asarray(budget))
    differ = 0
    for visits, number in zip(np.sort(found.visits)[:, ::-1], np.minimum(budget, 32), strict=True):
        widths = np.bincount(by_loops(16, number), minlength=1)
        expected = [(widths > rank).sum() for rank in range(16)]
        np.testing.assert_array_equal(visits, expected)
        cut = np.bincount(by_loops(16, 32)[:number], minlength=1)
        differ += len(cut) != len(widths)
    assert differ > 0


def test_rounds_in_parallel_call_the_evaluator_once_each():
    """Four calls for 32 simulations of 16 actions, and one for the root."""
    asked = []

    def counting(params, key, states):
        jax.debug.callback(lambda: asked.append(len(states.terminated)))
        return uniform(WIDE)(params, key, states)

    run = quick_jit(search.gumbel(WIDE, counting, 32, parallel=True))
    found = jax.block_until_ready(run(None, jax.random.key(0), roots(WIDE, 3)))
    jax.effects_barrier()
    assert asked == [3, 48, 24, 12, 12]
    assert found.visits.sum(-1).tolist() == [32] * 3


@pytest.fixture(scope="module")
def drawn():
    """Actions considered at 8000 roots of one position: the first half tries one, the second half two."""
    game = Nim((6,))

    def evaluate(params, key, states):
        return Prediction(jnp.tile(LOGITS, (len(states.terminated), 1)), jnp.zeros(len(states.terminated)))

    run = quick_jit(search.gumbel(game, evaluate, 2, max_considered=2))
    budget = jnp.repeat(jnp.array([1, 2]), 4000)
    found = run(None, jax.random.key(3), roots(game, 8000), num_simulations=budget)
    return jax.device_get(found._replace(tree=None))


def probabilities():
    return np.exp(LOGITS) / np.exp(LOGITS).sum()


def test_one_simulation_samples_the_policy(drawn):
    """The action of greatest noise plus logit is a sample of the softmax; neighbours are independent."""
    action, chance = drawn.action[:4000], probabilities()
    np.testing.assert_allclose(np.bincount(action, minlength=6) / 4000, chance, atol=0.025)
    assert (drawn.visits[:4000].argmax(-1) == action).all()
    same = (action[1:] == action[:-1]).mean()
    assert same == pytest.approx((chance**2).sum(), abs=0.03)


def test_more_actions_are_drawn_without_replacement(drawn):
    """Gumbel-Top-k: the pairs considered, against two draws from the softmax, the first put aside."""
    chance = probabilities()
    visits = drawn.visits[4000:]
    assert (visits.sum(-1) == 2).all() and (visits <= 1).all()
    pairs = (visits[:, :, None] * visits[:, None, :]).mean(0)
    first = chance[:, None] * chance[None] / (1.0 - chance[:, None])
    expected = first + first.T
    np.testing.assert_allclose(pairs[~np.eye(6, dtype=bool)], expected[~np.eye(6, dtype=bool)], atol=0.025)
