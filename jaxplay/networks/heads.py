"""What all networks share: the two heads, and the step from a flax module to a pair of functions."""

from collections.abc import Callable
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array

from jaxplay.evaluator import Network, NetworkSizes, Params, Prediction


class Heads(nnx.Module):
    """Policy logits from one vector of features, the value from another.

    The value head has one number through tanh, one per player, or logits of loss, draw and win whose
    expectation is the value.
    """

    def __init__(
        self, width: int, sizes: NetworkSizes, value_head: str, rngs: nnx.Rngs, value_width: int = 0
    ) -> None:
        self.is_outcome = value_head == "outcome" and sizes.num_values == 0
        self.num_values = sizes.num_values
        outputs = 3 if self.is_outcome else max(sizes.num_values, 1)
        small = nnx.initializers.variance_scaling(0.01, "fan_in", "normal")
        self.policy = nnx.Linear(width, sizes.num_actions, kernel_init=small, rngs=rngs)
        self.value = nnx.Linear(value_width or width, outputs, kernel_init=small, rngs=rngs)

    def __call__(self, policy_features: Array, value_features: Array) -> Prediction:
        """Feature vectors of one position to its prediction."""
        logits = self.policy(policy_features).astype(jnp.float32)
        raw = self.value(value_features).astype(jnp.float32)
        if self.is_outcome:
            chances = jax.nn.softmax(raw)
            return Prediction(logits, chances[2] - chances[0], raw)
        value = jnp.tanh(raw)
        return Prediction(logits, value if self.num_values else value[0])


def as_network(build: Callable[[nnx.Rngs], nnx.Module]) -> Network:
    """A `Network` of a flax module; its parameters are nested dicts of plain arrays."""

    @cache
    def structure() -> Any:
        return nnx.split(nnx.eval_shape(lambda: build(nnx.Rngs(params=0))))[0]

    def init(key: Array) -> Params:
        return nnx.to_pure_dict(nnx.split(build(nnx.Rngs(params=key)))[1])

    def apply(params: Params, observation: Array) -> Prediction:
        module: Any = nnx.merge(structure(), nnx.State(params))
        return module(observation)

    return Network(init, apply)
