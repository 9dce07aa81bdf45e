"""How moves are drawn from what a search found."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.selfplay.record import Found


class Temperature(NamedTuple):
    """Moves are drawn from visits to the power of `1 / temperature`; 0 takes the most visited.

    `early` holds for the first `plies` plies of a game, `late` after them.
    """

    early: float = 1.0
    late: float = 0.0
    plies: int = 16


ALPHAZERO_TEMPERATURE = Temperature()


def draw_actions(temperature: Temperature, found: Found, ply: Array, key: Array) -> tuple[Array, Array]:
    """Actions `(B,)` drawn from visits at `ply` `(B,)`, and the logarithms of their probabilities."""
    early = ply < temperature.plies
    power = jnp.where(early, _inverse(temperature.early), _inverse(temperature.late))
    logits = jnp.log(found.action_weights) * power[:, None]
    logits = jnp.where(found.action_weights > 0, logits, -jnp.inf)
    greedy = jax.nn.one_hot(found.action, logits.shape[-1]) > 0
    logits = jnp.where((power > 0)[:, None], logits, jnp.where(greedy, 0.0, -jnp.inf))
    action = jax.random.categorical(key, logits).astype(jnp.int32)
    log_prob = jnp.take_along_axis(jax.nn.log_softmax(logits), action[:, None], axis=-1)[:, 0]
    return action, log_prob


def _inverse(temperature: float) -> float:
    return 1.0 / temperature if temperature > 0 else 0.0
