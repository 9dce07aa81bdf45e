"""How rates and weights fall: by gradient steps alone."""

from typing import Any

import jax.numpy as jnp
import optax
from jax import Array

from jaxplay.config import PolicyGradientConfig

RECENCY = 3.0
"""Of averages over all gradient steps so far: later ones count more."""


def scheduled(config: PolicyGradientConfig, start: float, end: float, updates: Array) -> Array:
    """`()` float32: what is `start` at first and `end * start` at the end of the schedule.

    Args:
        config: with the schedule.
        start: value at the beginning.
        end: share of it at the end.
        updates: `()` int32, gradient steps taken.
    """
    done = jnp.minimum(updates.astype(jnp.float32) / config.schedule_steps, 1.0)
    if config.schedule == "linear":
        return start * (1.0 - (1.0 - end) * done)
    if config.schedule == "exponential":
        return start * end**done
    return jnp.float32(start)


def averaging(config: PolicyGradientConfig, updates: Array) -> Array:
    """`()` float32: what the newest parameters count in the average, from the gradient steps before them.

    At first it falls as that of a mean in which step t counts as `t**(RECENCY - 1)`, until `ema_decay` says
    more: an average from the start on would long remember a beginner.
    """
    return jnp.maximum(1.0 - config.ema_decay, RECENCY / (updates.astype(jnp.float32) + RECENCY))


def make_adam(config: PolicyGradientConfig) -> optax.GradientTransformation:
    """Adam behind a clip of the global norm; its rate follows the schedule."""

    def rate(count: Any) -> Array:
        return scheduled(config, config.learning_rate, config.learning_rate_end, jnp.asarray(count))

    return optax.chain(optax.clip_by_global_norm(config.clip_norm), optax.adam(rate, eps=1e-5))
