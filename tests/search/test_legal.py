"""Whatever evaluators say, searches play legal actions, and report what was not finite."""

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from positions import random_positions
from quick import quick_jit
from small_games import Nim, Race

from jaxplay import search
from jaxplay.evaluator import Prediction
from jaxplay.game import make, resolve_chance

TIC_TAC_TOE, NIM, DICE = make("tic_tac_toe"), Nim((1, 2, 3)), Race(players=2, length=4)
NAN, INF = float("nan"), float("inf")
ODD = (NAN, INF, -INF, 3e38, -3e38, 1e-40, 0.0, -1.0, 2.5)
BATCH, SIMULATIONS = 24, 6


def speak(params: tuple[jax.Array, jax.Array], key: jax.Array, states: Any) -> Prediction:
    """Says of all positions of an element the same: parameters are logits `(B, A)` and values `(B,)`."""
    logits, value = params
    times = states.terminated.shape[0] // logits.shape[0]
    return Prediction(jnp.tile(logits, (times, 1)), jnp.tile(value, times))


def lawless(edges: search.Edges) -> jax.Array:
    """A rule whose scores are no numbers, or all the same least one."""
    return jnp.where(edges.visits.sum(-1, keepdims=True) % 2 == 0, jnp.nan, -jnp.inf) * (1.0 + edges.visits)


SEARCHES = {
    "puct": lambda game: search.puct(game, speak, SIMULATIONS),
    "puct, few edges, proofs": lambda game: search.puct(
        game, speak, SIMULATIONS, max_edges=max(3, game.num_chance_outcomes), prove=True
    ),
    "puct, explores": lambda game: search.puct(
        game, speak, SIMULATIONS, leaves=2, dirichlet_fraction=0.25, root_temperature=1.2, forced_playouts=2.0
    ),
    "gumbel": lambda game: search.gumbel(game, speak, SIMULATIONS),
    "gumbel, rounds": lambda game: search.gumbel(game, speak, SIMULATIONS, parallel=True, prove=True),
    "uct": lambda game: search.uct(game, SIMULATIONS, evaluate=speak),
    "a rule of one's own": lambda game: search.tree_search(game, speak, SIMULATIONS, lawless),
    "policy": lambda game: search.policy(game, speak),
}


@cache
def program(name: str, game: Any) -> Any:
    states = random_positions(game, BATCH, 4)
    keys = jax.random.split(jax.random.key(9), BATCH)
    states = jax.vmap(lambda state, key: resolve_chance(game, state, key))(states, keys)
    return quick_jit(SEARCHES[name](game)), states


def odd_numbers(game: Any, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Logits and values of which some are odd, and the logits of the first three positions alike."""
    draw = np.random.default_rng(seed)
    logits = draw.choice(ODD, (BATCH, game.num_actions)).astype(np.float32)
    logits[:3] = [[NAN], [INF], [-INF]]
    logits[3:9] = draw.normal(size=(6, game.num_actions))
    value = draw.uniform(-1, 1, BATCH).astype(np.float32)
    value[:2], value[8] = [NAN, INF], NAN
    return logits, value


def check(game: Any, found: search.SearchOutput, states: Any) -> None:
    """Actions are legal, weights probabilities of legal actions; nothing is NaN."""
    legal = np.asarray(states.legal_action_mask)[:, : game.num_actions]
    action, weights = np.asarray(found.action), np.asarray(found.action_weights)
    assert legal[np.arange(len(action)), action].all()
    assert (weights >= 0).all() and (weights[~legal] == 0).all()
    np.testing.assert_allclose(weights.sum(1), 1.0, atol=1e-5)
    assert (np.asarray(found.visits)[~legal] == 0).all()
    assert np.isfinite(found.value).all() and np.isfinite(found.q).all() and np.isfinite(found.prior).all()


@pytest.mark.parametrize("game", [TIC_TAC_TOE, pytest.param(NIM, marks=pytest.mark.full), DICE], ids=str)
@pytest.mark.parametrize("name", SEARCHES)
def test_actions_are_legal_whatever_is_said(name, game):
    run, states = program(name, game)
    params = odd_numbers(game, 0)
    found = run(params, jax.random.key(0), states)
    check(game, found, states)
    sound = np.isfinite(params[0]).all(1) & np.isfinite(params[1])
    assert found.finite[sound].all() and sound.sum() >= 5
    assert not found.finite[:3].any() and not found.finite[8]


@settings(max_examples=40, deadline=None)
@given(numbers=st.lists(st.sampled_from(ODD), min_size=9 * BATCH, max_size=9 * BATCH), seed=st.integers(0, 9))
@pytest.mark.parametrize("name", ["puct", "gumbel", "uct"])
def test_actions_are_legal_whatever_the_logits(name, numbers, seed):
    run, states = program(name, TIC_TAC_TOE)
    logits = np.array(numbers, np.float32).reshape(BATCH, 9)
    check(TIC_TAC_TOE, run((logits, np.zeros(BATCH, np.float32)), jax.random.key(seed), states), states)


@pytest.mark.parametrize("name", ["puct", "gumbel", "policy"])
def test_logits_that_are_not_finite_are_even(name):
    """NaN, infinity or no finite number make all legal actions equally likely; not those of illegal ones."""
    run, states = program(name, TIC_TAC_TOE)
    legal, odd = np.asarray(states.legal_action_mask), np.tile(np.arange(9.0, dtype=np.float32), (BATCH, 1))
    first, last = legal.argmax(1), (~legal).argmax(1)
    rows = np.arange(BATCH)
    odd[rows[:8], first[:8]] = [NAN, INF] * 4
    odd[8:12] = -INF
    odd[rows[12:], last[12:]] = INF
    found = run((odd, np.zeros(BATCH, np.float32)), jax.random.key(0), states)
    even = legal / legal.sum(1, keepdims=True)
    np.testing.assert_allclose(found.prior[:12], even[:12], atol=1e-6)
    assert not found.finite[:12].any()
    assert (np.abs(found.prior - even).max(1)[12:] > 0.1).all()


def test_one_logit_of_minus_infinity_is_a_prior_of_zero():
    run, states = program("policy", TIC_TAC_TOE)
    legal = np.asarray(states.legal_action_mask)
    rows, first = np.arange(BATCH), legal.argmax(1)
    logits = np.zeros((BATCH, 9), np.float32)
    logits[rows, first] = -INF
    found = run((logits, np.zeros(BATCH, np.float32)), jax.random.key(0), states)
    assert found.finite.all() and (found.prior[rows, first] == 0).all()


@pytest.mark.parametrize("sample", [False, True])
def test_a_modelled_opponent_replies_legally(sample):
    """Its positions are those of Nim: an illegal reply would leave a pile with less than nothing."""
    run = search.puct(NIM, speak, 12, opponent=search.Opponent(speak, sample=sample))
    states = jax.tree.map(lambda x: jnp.repeat(x[None], BATCH, axis=0), NIM.init())
    odd = odd_numbers(NIM, 1)
    calm = jax.tree.map(np.zeros_like, odd)
    found = quick_jit(run)(search.SearchParams(calm, odd), jax.random.key(0), states)
    check(NIM, found, states)
    child = np.asarray(found.tree.children)
    piles = np.asarray(found.tree.state.piles)[child, np.arange(BATCH)[:, None]]
    assert (piles[child >= 0] >= 0).all() and (child >= 0).sum() > 5 * BATCH
    sound = np.isfinite(odd[0]).all(1) & np.isfinite(odd[1])
    assert found.finite[sound].all() and not found.finite[:3].any()


def test_an_end_is_not_asked_about():
    """What evaluators say of terminal positions means nothing, also where it is no number."""

    def evaluate(params: None, key: jax.Array, states: Any) -> Prediction:
        value = jnp.where(states.terminated, jnp.nan, 0.0)
        return Prediction(jnp.broadcast_to(value[:, None], (len(value), NIM.num_actions)), value)

    states = jax.tree.map(lambda x: jnp.repeat(x[None], 2, axis=0), NIM.init())
    for run in (search.puct(NIM, evaluate, 60), search.gumbel(NIM, evaluate, 60)):
        found = quick_jit(run)(None, jax.random.key(0), states)
        assert found.tree.state.terminated.any() and found.finite.all()


LIKELIEST = {
    "puct": lambda: search.puct(TIC_TAC_TOE, speak, 8),
    "puct, forced": lambda: search.puct(TIC_TAC_TOE, speak, 8, forced_playouts=2.0, prove=True),
    "a rule of one's own": lambda: search.tree_search(TIC_TAC_TOE, speak, 8, search.rules.uct()),
    "uct": lambda: search.uct(TIC_TAC_TOE, 8, evaluate=speak),
    "gumbel": lambda: search.gumbel(TIC_TAC_TOE, speak, 8, noise=0.0),
}


@pytest.mark.parametrize("name", LIKELIEST)
def test_without_simulations_the_prior_decides(name):
    states = random_positions(TIC_TAC_TOE, BATCH, 4)
    logits = np.random.default_rng(0).normal(size=(BATCH, 9)).astype(np.float32)
    budget = np.arange(BATCH) % 2 * 8
    found = quick_jit(LIKELIEST[name]())(
        (logits, np.zeros(BATCH, np.float32)), jax.random.key(0), states, num_simulations=budget
    )
    none = budget == 0
    np.testing.assert_array_equal(found.num_simulations, budget)
    np.testing.assert_array_equal(found.action[none], np.asarray(found.prior).argmax(1)[none])
    np.testing.assert_allclose(found.action_weights[none], found.prior[none], atol=1e-5)
    assert (found.visits.sum(1)[~none] == 8).all()
