"""Options of PUCT at the root, on games of one move, where a search is a bandit that NumPy can follow."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import Array
from quick import quick_jit

from jaxplay.evaluator import Prediction
from jaxplay.game import GameDefaults
from jaxplay.search import empty_tree, puct
from jaxplay.search._noise import temper
from jaxplay.struct import pytree, replace

ACTIONS, BATCH, SIMULATIONS = 6, 48, 80
K = 2.0


@pytree
class BanditState:
    """Position of `Bandit`."""

    payoff: Array
    """`(A,)` float32: what each action is worth to player 0; nan: it is illegal."""
    logits: Array
    """`(A,)` float32: what the evaluator says."""
    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array


@dataclass(frozen=True)
class Bandit(GameDefaults):
    """One move, which is paid."""

    num_actions = ACTIONS
    max_plies = 1

    def init(self, key: Array | None = None) -> BanditState:
        """All actions are worth nothing."""
        zero = jnp.zeros(ACTIONS)
        legal = jnp.ones(ACTIONS, bool)
        return BanditState(zero, zero, jnp.int32(0), legal, jnp.zeros(2), jnp.array(False))

    def step(self, state: BanditState, action: Array) -> BanditState:
        """The payoff, and the end."""
        rewards = jnp.nan_to_num(state.payoff[action]) * jnp.array([1.0, -1.0])
        legal = jnp.ones(ACTIONS, bool)
        return replace(state, rewards=rewards, terminated=jnp.array(True), legal_action_mask=legal)

    def observe(self, state: BanditState, player: Array | None = None) -> Array:
        """Nothing."""
        return jnp.zeros(1)


def evaluate(params: None, key: Array, states: Any) -> Prediction:
    return Prediction(states.logits, jnp.full(len(states.logits), 0.125))


@cache
def bandits() -> Any:
    """`BATCH` positions: payoffs and logits at random, in half of them some actions illegal."""
    noise = np.random.default_rng(0)
    payoff = noise.uniform(-0.9, 0.9, (BATCH, ACTIONS)).astype(np.float32)
    illegal = noise.random((BATCH, ACTIONS)) < 0.3 * (np.arange(BATCH) % 2)[:, None]
    illegal[:, 0] = False
    payoff[illegal] = np.nan
    logits = (1.5 * noise.normal(size=payoff.shape)).astype(np.float32)
    first = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (BATCH, *leaf.shape)), Bandit().init())
    return replace(first, payoff=payoff, logits=logits, legal_action_mask=~illegal)


@cache
def find(**options: Any) -> Any:
    search = puct(Bandit(), evaluate, SIMULATIONS, **options)
    run = quick_jit(lambda key, states: search(None, key, states)._replace(tree=None))  # pyright: ignore
    return jax.device_get(run(jax.random.key(0), bandits()))


def priors() -> np.ndarray:
    logits = np.where(np.isnan(bandits().payoff), -np.inf, bandits().logits)
    power = np.exp(logits - logits.max(-1, keepdims=True))
    return power / power.sum(-1, keepdims=True)


def scores(prior: np.ndarray, visits: np.ndarray, q: np.ndarray) -> np.ndarray:
    """PUCT with the defaults of `puct`, for one position."""
    seen, total = visits > 0, 1.0 + visits.sum()
    mean = (0.125 + (visits * np.nan_to_num(q)).sum()) / total
    value = np.where(seen, q, mean - 0.2 * np.sqrt(prior[seen].sum()))
    explore = (1.25 + np.log((total + 19653.0) / 19652.0)) * np.sqrt(total)
    return value + prior * explore / (1.0 + visits)


def follow(prior: np.ndarray, q: np.ndarray, k: float) -> np.ndarray:
    """Visits of one position after all simulations, one at a time."""
    visits = np.zeros(ACTIONS)
    for _ in range(SIMULATIONS):
        score = np.where(np.isnan(q), -np.inf, scores(prior, visits, q))
        below = (visits > 0) & (visits < np.sqrt(k * prior * visits.sum()))
        visits[np.argmax(np.where(below, score + 1e3, score))] += 1
    return visits


def prune(prior: np.ndarray, q: np.ndarray, visits: np.ndarray, k: float) -> np.ndarray:
    """Take forced visits away one at a time, as Wu 2019 says."""
    best, left = int(visits.argmax()), visits.copy()
    limit = scores(prior, visits, q)[best]
    explore = (1.25 + np.log((visits.sum() + 19654.0) / 19652.0)) * np.sqrt(1.0 + visits.sum())
    for action in np.flatnonzero(visits > 0):
        most = int(np.sqrt(k * prior[action] * visits.sum()))
        while action != best and left[action] > 0 and visits[action] - left[action] < most:
            if q[action] + prior[action] * explore / left[action] >= limit:
                break
            left[action] -= 1
        if left[action] == 1 and visits[action] > 1:
            left[action] = 0
    return left


@pytest.mark.parametrize("k", [0.0, K, 8.0])
def test_forced_visits_are_those_of_a_loop(k):
    found, prior, payoff = find(forced_playouts=k), priors(), bandits().payoff
    expected = np.array([follow(p, q, k) for p, q in zip(prior, payoff, strict=True)])
    np.testing.assert_array_equal(found.visits, expected)
    assert (found.visits.sum(-1) == SIMULATIONS).all()
    assert (found.visits != find().visits).any() == (k > 0)


@pytest.mark.parametrize("k", [K, 8.0])
def test_the_target_leaves_out_what_only_forcing_explains(k):
    """Equal to a loop that takes visits away, some in most positions; the most visited keeps all its own."""
    found, prior = find(forced_playouts=k), priors()
    rows = zip(prior, bandits().payoff, found.visits.astype(float), strict=True)
    left = np.array([prune(p, q, visits, k) for p, q, visits in rows])
    np.testing.assert_allclose(found.action_weights, left / left.sum(-1, keepdims=True), atol=1e-6)
    assert (left < found.visits).any(-1).mean() > 0.8 and (left > 0).sum() > BATCH
    best = found.visits.argmax(-1)[:, None]
    kept = np.take_along_axis(left, best, -1)
    np.testing.assert_array_equal(kept, np.take_along_axis(found.visits, best, -1))


def test_pruning_undoes_the_forcing():
    """The pruned target is nearer to plain visits than the forced visits are."""
    plain, found = find().action_weights, find(forced_playouts=8.0)
    forced = np.abs(found.visits / SIMULATIONS - plain).sum(-1)
    pruned = np.abs(found.action_weights - plain).sum(-1)
    assert pruned.mean() < 0.5 * forced.mean()


def test_the_roots_prior_has_a_temperature():
    """To the power of 1 / T before the noise, whose mass stays what it was."""
    expected = priors() ** (1 / 1.5)
    expected /= expected.sum(-1, keepdims=True)
    np.testing.assert_allclose(find(root_temperature=1.5).prior, expected, atol=1e-6)
    np.testing.assert_allclose(find().prior, priors(), atol=1e-6)
    noise = find(root_temperature=1.5, dirichlet_fraction=0.25).prior - 0.75 * expected
    assert (noise > -1e-6).all()
    np.testing.assert_allclose(noise.sum(-1), 0.25, atol=1e-5)


def test_a_search_that_goes_on_keeps_its_noise():
    """Forty simulations and forty more are eighty: the second call adds no noise to the noise."""
    options = {"root_temperature": 1.5, "dirichlet_fraction": 0.25, "capacity": SIMULATIONS + 1}
    run = quick_jit(puct(Bandit(), evaluate, SIMULATIONS, **options))
    shapes = jax.eval_shape(run, None, jax.random.key(0), bandits()).tree
    half, whole = (jnp.full(BATCH, n) for n in (SIMULATIONS // 2, SIMULATIONS))

    def go(seed, tree, budget):
        return run(None, jax.random.key(seed), bandits(), tree=tree, num_simulations=budget)

    first, once = go(0, empty_tree(shapes), half), go(0, empty_tree(shapes), whole)
    twice = go(1, first.tree, half)
    np.testing.assert_array_equal(first.prior, twice.prior)
    np.testing.assert_array_equal(once.visits, twice.visits)
    assert (go(1, empty_tree(shapes), whole).prior != once.prior).any()


def test_temperature_by_hand():
    """Missing edges keep their mark, and a prior of zero stays zero."""
    prior = jnp.array([[0.8, 0.2, 0.0, -1.0]])
    np.testing.assert_allclose(temper(prior, 2.0), [[2 / 3, 1 / 3, 0.0, -1.0]], rtol=1e-6)
    np.testing.assert_allclose(temper(prior, 1.0), prior, rtol=1e-6)
