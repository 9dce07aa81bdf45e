"""The optimizer: a rate that depends on the gradient step alone, weight decay, clipping."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.config import AlphaZeroConfig
from jaxplay.learners import make_optimizer


def changes(config: AlphaZeroConfig, gradients: list[float], param: float = 0.0) -> list[float]:
    """What each gradient changes, all at the same parameter."""
    optimizer, params = make_optimizer(config), jnp.float32(param)
    state: Any = optimizer.init(params)
    change: Any
    found = []
    for gradient in gradients:
        change, state = optimizer.update(jnp.float32(gradient), state, params)
        found.append(float(change))
    return found


@pytest.mark.parametrize("gradient", [0.5, -0.01])
def test_the_rate_rises_and_stays(gradient):
    """Equal gradients move Adam by the rate itself, whatever their size: so the rate can be read off."""
    config = AlphaZeroConfig(learning_rate=0.1, warmup_steps=4, weight_decay=0.0)
    expected = -np.sign(gradient) * np.array([0, 0.025, 0.05, 0.075, 0.1, 0.1, 0.1])
    np.testing.assert_allclose(changes(config, [gradient] * 7), expected, atol=1e-6)


def test_a_cosine_ends_at_a_tenth_of_the_rate_after_schedule_steps():
    config = AlphaZeroConfig(
        learning_rate=0.1, warmup_steps=2, schedule="cosine", schedule_steps=6, weight_decay=0.0
    )
    found = -np.array(changes(config, [0.5] * 9))
    middle = 0.1 * (0.1 + 0.9 * 0.5)
    np.testing.assert_allclose(found[[0, 2, 4, 6, 7, 8]], [0, 0.1, middle, 0.01, 0.01, 0.01], rtol=1e-4)


def test_without_warmup_the_first_step_counts():
    config = AlphaZeroConfig(learning_rate=0.1, warmup_steps=0, weight_decay=0.0)
    np.testing.assert_allclose(changes(config, [0.5]), [-0.1], rtol=1e-5)


def test_weights_decay_in_proportion():
    """AdamW: beside the gradient's step, `rate * weight_decay` of the parameter."""
    config = AlphaZeroConfig(learning_rate=0.1, warmup_steps=0, weight_decay=0.01)
    np.testing.assert_allclose(changes(config, [0.0], param=5.0), [-0.1 * 0.01 * 5.0], rtol=1e-5)


def test_a_large_gradient_is_clipped():
    """After one of 100, clipped to 1, one of 0.5 still counts: unclipped its step would be a tenth of it."""
    config = AlphaZeroConfig(learning_rate=0.1, warmup_steps=0, weight_decay=0.0, clip_norm=1.0)
    clipped = changes(config, [100.0, 0.5])
    as_if = changes(config, [1.0, 0.5])
    np.testing.assert_allclose(clipped, as_if, rtol=1e-5)
