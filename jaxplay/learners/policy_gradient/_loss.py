"""What a policy gradient makes small: surrogate, entropy, divergences, value error."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.config import PolicyGradientConfig
from jaxplay.evaluator import Network, Params, Prediction
from jaxplay.learners.losses import value_loss, weighted_mean

DPO_ALPHA, DPO_BETA = 2.0, 0.6
"""Of the drift function of Lu et al. 2022, section 5.3."""
NEVER = -1e9
"""Logit of an illegal action."""


class Batch(NamedTuple):
    """Decisions to learn from; leaves `(N, ...)`.

    Attributes:
        observation: what the decider saw, `(N, ...)`.
        legal_action_mask: `(N, A)` bool.
        action: `(N,)` int32.
        log_prob: `(N,)` float32, of the action when it was made.
        behavior: `(N, A)` float32, probabilities when it was made.
        magnet: `(N, A)` float32, log-probabilities of the magnet; None without one.
        advantage: `(N,)` float32.
        target: `(N,)` float32, of the value.
        weight: `(N,)` float32; 0 where nothing is learned.
        seat: `(N,)` int32, who decided.
        critic: what the central critic learns; None without one.
    """

    observation: Array
    legal_action_mask: Array
    action: Array
    log_prob: Array
    behavior: Array
    magnet: Array | None
    advantage: Array
    target: Array
    weight: Array
    seat: Array
    critic: Any = None


class Weights(NamedTuple):
    """What terms count in a step, float32 scalars that may be traced."""

    entropy: Array
    magnet: Array


Loss = Callable[[Params, Batch, Weights], tuple[Array, dict[str, Array]]]


def log_policy_of(logits: Array, legal: Array) -> Array:
    """`(..., A)` log-probabilities of `legal` actions; about `NEVER` for others."""
    return jax.nn.log_softmax(jnp.where(legal, logits.astype(jnp.float32), NEVER))


def surrogate(drift: str, clip: float, log_ratio: Array, advantage: Array) -> Array:
    """`(N,)`: what is made large, from log-ratios `(N,)` of the policy to that of the behavior."""
    ratio = jnp.exp(log_ratio)
    if drift == "ppo":
        clipped = jnp.clip(ratio, 1.0 - clip, 1.0 + clip)
        return jnp.minimum(ratio * advantage, clipped * advantage)
    rise, fall = (ratio - 1.0) * advantage, log_ratio * advantage
    up = jax.nn.relu(rise - DPO_ALPHA * jnp.tanh(rise / DPO_ALPHA))
    down = jax.nn.relu(fall - DPO_BETA * jnp.tanh(fall / DPO_BETA))
    return ratio * advantage - jnp.where(advantage >= 0.0, up, down)


def divergence(log_policy: Array, log_other: Array) -> Array:
    """`(N,)`: Kullback-Leibler divergence of a policy `(N, A)` from another, over legal actions."""
    policy = jnp.exp(log_policy)
    return jnp.where(policy > 0.0, policy * (log_policy - log_other), 0.0).sum(-1)


def own_value_loss(prediction: Prediction, target: Array) -> Array:
    """`(N,)`: the loss of the decider's own value, which comes first where each player has one."""
    if prediction.value.ndim > 1:
        prediction = prediction._replace(value=prediction.value[:, 0], outcome=None)
    return value_loss(prediction, target)


def make_loss(config: PolicyGradientConfig, network: Network) -> Loss:
    """The loss of a batch, and its terms as metrics."""

    def loss(params: Params, batch: Batch, now: Weights) -> tuple[Array, dict[str, Array]]:
        prediction = network.predict(params, batch.observation)
        log_policy = log_policy_of(prediction.logits, batch.legal_action_mask)
        log_prob = jnp.take_along_axis(log_policy, batch.action[:, None], axis=-1)[:, 0]
        log_ratio = jnp.where(batch.weight > 0.0, log_prob - batch.log_prob, 0.0)
        log_behavior = jnp.log(jnp.maximum(batch.behavior, 1e-9))
        gain = surrogate(config.drift, config.clip, log_ratio, batch.advantage)
        each = {
            "policy_loss": -gain,
            "value_loss": own_value_loss(prediction, batch.target),
            "entropy": -divergence(log_policy, jnp.zeros_like(log_policy)),
            "kl": divergence(log_policy, log_behavior),
            "clip_share": (jnp.abs(jnp.expm1(log_ratio)) > config.clip).astype(jnp.float32),
        }
        if batch.magnet is not None:
            each["magnet_kl"] = divergence(log_policy, batch.magnet)
        found = {name: weighted_mean(term, batch.weight) for name, term in each.items()}
        total = found["policy_loss"] - now.entropy * found["entropy"]
        total += config.behavior_weight * found["kl"] + now.magnet * found.get("magnet_kl", 0.0)
        return total + config.value_weight * found["value_loss"], found

    return loss
