"""How a move is sampled from what a search found."""

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.config import SelfPlayConfig
from jaxplay.search import SearchOutput


def sample_actions(
    options: SelfPlayConfig, found: SearchOutput, ply: Array, key: Array
) -> tuple[Array, Array]:
    """Actions sampled from visits to the power of `1 / temperature`; at temperature 0 the search's own.

    Args:
        options: with the temperatures.
        found: of B positions.
        ply: `(B,)` int32, decisions of the game so far.
        key: of the samples.

    Returns:
        Actions `(B,)` int32, and the logarithms of their probabilities `(B,)` float32.
    """
    early = ply < options.temperature_plies
    power = jnp.where(early, _inverse(options.temperature_early), _inverse(options.temperature_late))
    logits = jnp.log(found.action_weights) * power[:, None]
    logits = jnp.where(found.action_weights > 0, logits, -jnp.inf)
    greedy = jax.nn.one_hot(found.action, logits.shape[-1]) > 0
    logits = jnp.where((power > 0)[:, None], logits, jnp.where(greedy, 0.0, -jnp.inf))
    action = jax.random.categorical(key, logits).astype(jnp.int32)
    log_prob = jnp.take_along_axis(jax.nn.log_softmax(logits), action[:, None], axis=-1)[:, 0]
    return action, log_prob


def _inverse(temperature: float) -> float:
    return 1.0 / temperature if temperature > 0 else 0.0
