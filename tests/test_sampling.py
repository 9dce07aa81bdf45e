"""Draws by one uniform number: which element, and how often."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.sampling import by_probability, kth_set

ALMOST_ONE = np.float32(1 - 2**-23)
"""The greatest number that `jax.random.uniform` gives."""

kth = jax.jit(jax.vmap(kth_set))
drawn = jax.jit(jax.vmap(by_probability))


def test_every_set_element_is_as_likely():
    mask = jnp.tile(jnp.array([False, True, False, True, True]), (3000, 1))
    places = np.asarray(kth(mask, jax.random.uniform(jax.random.key(0), (3000,))))
    counts = np.bincount(places, minlength=5)
    assert counts[[0, 2]].tolist() == [0, 0]
    assert (abs(counts[[1, 3, 4]] - 1000) < 120).all()


@pytest.mark.parametrize("length", [1, 2, 3, 31, 32, 33, 82, 256, 257, 362, 768, 4672])
def test_set_elements_are_counted_from_the_first(length: int):
    random = np.random.default_rng(length)
    mask = random.random((200, length)) < random.random((200, 1))
    mask[:, random.integers(length)] |= ~mask.any(axis=1)
    uniform = random.random(200).astype(np.float32)
    uniform[:2] = 0, ALMOST_ONE
    k = np.floor(uniform * mask.sum(axis=1).astype(np.float32)).astype(int)
    expected = [np.flatnonzero(row)[i] for row, i in zip(mask, k, strict=True)]
    assert kth(jnp.asarray(mask), jnp.asarray(uniform)).tolist() == expected


@pytest.mark.parametrize("length", [1, 2, 3, 6, 21, 32, 64, 150])
def test_an_outcome_is_where_the_running_sum_passes_the_threshold(length: int):
    random = np.random.default_rng(length)
    weights = random.integers(0, 4, (500, length)).astype(np.float32)
    weights[:, random.integers(length)] += 1
    uniform = random.random(500).astype(np.float32)
    uniform[:2] = 0, ALMOST_ONE
    reach = weights.cumsum(axis=1)
    expected = (reach > (uniform * reach[:, -1])[:, None]).argmax(axis=1)
    assert drawn(jnp.asarray(weights), jnp.asarray(uniform)).tolist() == expected.tolist()


def test_no_outcome_of_probability_zero_at_either_end():
    probs = np.random.default_rng(0).random((2000, 40)).astype(np.float32)
    probs[:, [0, 1, -2, -1]] = 0
    probs /= probs.sum(axis=1, keepdims=True)
    for uniform in (np.float32(0), ALMOST_ONE):
        outcomes = np.asarray(drawn(jnp.asarray(probs), jnp.full(2000, uniform)))
        assert (outcomes == (2 if uniform == 0 else 37)).all()


def test_outcomes_are_as_likely_as_their_probabilities():
    probs = jnp.array([0.1, 0, 0.6, 0.3], jnp.float32)
    outcomes = drawn(jnp.tile(probs, (20_000, 1)), jax.random.uniform(jax.random.key(1), (20_000,)))
    shares = np.bincount(np.asarray(outcomes), minlength=4) / 20_000
    assert np.abs(shares - np.asarray(probs)).max() < 0.015 and shares[1] == 0
