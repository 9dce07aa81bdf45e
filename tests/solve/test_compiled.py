"""Exploitability as one program: equal to the host's, compiled once, for many policies too."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_games import Race

from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.solve import compiled_exploitability, compiled_policy, exploitability, reachable, solve


def by_temperature(params, states):
    """A policy that weighs moves by their numbers."""
    logits = params * jnp.arange(states.legal_action_mask.shape[-1], dtype=jnp.float32)
    return jnp.where(states.legal_action_mask, jnp.exp(logits), 0.0)


@pytest.fixture(scope="module")
def graph():
    return reachable(TicTacToe())


def test_equal_to_the_host(graph):
    table = compiled_policy(graph, by_temperature, batch=512)
    gaps = compiled_exploitability(graph)
    traces = []

    @jax.jit
    def program(params):
        traces.append(params)
        return table(params), gaps(table(params))

    for params in (0.0, 0.3, -1.0):
        probs, found = program(jnp.float32(params))
        told = exploitability(graph, np.asarray(probs))
        by_hand = exploitability(graph, lambda states, p=params: by_temperature(p, states))
        assert found.exploitability == pytest.approx(told.exploitability, abs=2e-6)
        assert told.exploitability == pytest.approx(by_hand.exploitability, abs=2e-6)
        np.testing.assert_allclose(found.best_responses, told.best_responses, atol=2e-6)
        np.testing.assert_allclose(found.values, told.values, atol=2e-6)
    assert len(traces) == 1


def test_random_and_exact_play(graph):
    gaps = jax.jit(compiled_exploitability(graph))
    uniform = jax.jit(compiled_policy(graph, by_temperature))(jnp.float32(0.0))
    assert gaps(uniform).exploitability == pytest.approx(0.9598297, abs=2e-6)
    exact = solve(TicTacToe()).optimal.astype(np.float32)
    exact /= np.maximum(exact.sum(axis=1, keepdims=True), 1)
    assert abs(gaps(jnp.asarray(exact)).exploitability) < 1e-6


def test_a_policy_without_weights_is_uniform(graph):
    probs = jax.jit(compiled_policy(graph, lambda params, states: params * jnp.zeros((4096, 9))))(1.0)
    assert exploitability(graph, np.asarray(probs)).exploitability == pytest.approx(0.9598297, abs=1e-6)


def test_chance_and_many_policies():
    """Many policies of a game with chance and double moves at once."""
    graph = reachable(Race(players=2, length=3))
    table, gaps = compiled_policy(graph, by_temperature), compiled_exploitability(graph)
    many = jnp.array([-0.5, 0.0, 2.0])
    found = jax.jit(jax.vmap(lambda params: gaps(table(params))))(many)
    for i, params in enumerate(many):
        told = exploitability(graph, np.asarray(jax.jit(table)(params)))
        assert found.exploitability[i] == pytest.approx(told.exploitability, abs=1e-5)
        np.testing.assert_allclose(found.values[i], told.values, atol=1e-5)
