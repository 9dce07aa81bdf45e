"""Dirichlet noise: where it falls, how much of it, and its moments."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from quick import quick_jit

from jaxplay.search._noise import gamma_draws, mix_dirichlet

DRAWS = 200_000


def test_noise_falls_on_existing_edges_only():
    """The rest keeps its mark; of each prior `1 - fraction` stays, and the noise adds up to `fraction`."""
    prior = jnp.array([[0.5, -1.0, 0.5, 0.0], [1.0, -1.0, -1.0, -1.0]])
    prior = jnp.tile(prior, (50, 1))
    mixed = quick_jit(lambda key: mix_dirichlet(key, prior, 0.25, 10.0))(jax.random.key(0))
    exists = prior >= 0
    np.testing.assert_array_equal(mixed[~exists], -1.0)
    noise = jnp.where(exists, mixed - 0.75 * prior, 0.0)
    assert (noise[exists] > -1e-7).all()
    np.testing.assert_allclose(noise.sum(-1), 0.25, atol=1e-6)
    np.testing.assert_allclose(mixed[1::2, 0], 1.0, atol=1e-6)
    assert np.unique(noise[::2, 3]).size == 50


def test_no_noise_leaves_the_prior():
    prior = jnp.array([[0.25, 0.75, -1.0]])
    np.testing.assert_allclose(mix_dirichlet(jax.random.key(0), prior, 0.0, 10.0), prior)


@pytest.mark.parametrize("edges", [2, 7, 200])
def test_moments_of_the_noise(edges):
    """Of a symmetric Dirichlet with parameters `10 / edges`: mean 1 / edges, and its variance to 5 %."""
    prior = jnp.zeros((DRAWS // edges, edges))
    noise = quick_jit(lambda key: mix_dirichlet(key, prior, 1.0, 10.0))(jax.random.key(1))
    mean = 1 / edges
    np.testing.assert_allclose(noise.mean(), mean, rtol=1e-4)
    np.testing.assert_allclose(noise.var(), mean * (1 - mean) / 11, rtol=0.05)


def test_moments_of_gamma_draws():
    """Mean and variance of `Gamma(a)` are both `a`: to 1 %, and five standard deviations of the estimates."""
    shapes = np.array([0.03, 0.1, 0.3, 1.0, 1.43, 3.0, 10.0])
    tiled = jnp.tile(jnp.asarray(shapes, jnp.float32), (DRAWS, 1))
    draws = np.asarray(quick_jit(lambda key: gamma_draws(key, tiled))(jax.random.key(2)), np.float64)
    error_mean = np.sqrt(1 / shapes / DRAWS)
    error_variance = np.sqrt((2 + 6 / shapes) / DRAWS)
    assert (np.abs(draws.mean(0) / shapes - 1) < 0.01 + 5 * error_mean).all()
    assert (np.abs(draws.var(0) / shapes - 1) < 0.01 + 5 * error_variance).all()
    assert (draws >= 0).all()
