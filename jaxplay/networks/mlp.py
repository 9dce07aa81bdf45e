"""A residual multilayer perceptron: for CPUs and small boards."""

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array

from jaxplay.evaluator import Network, NetworkSizes, Prediction
from jaxplay.networks.heads import Heads, as_network


class Block(nnx.Module):
    """`x + W2 relu(W1 norm(x))`."""

    def __init__(self, width: int, rngs: nnx.Rngs) -> None:
        self.norm = nnx.RMSNorm(width, rngs=rngs)
        self.first = nnx.Linear(width, width, rngs=rngs)
        self.second = nnx.Linear(width, width, kernel_init=nnx.initializers.zeros, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        """`(width,)` to `(width,)`."""
        return x + self.second(jax.nn.relu(self.first(self.norm(x))))


class MLP(nnx.Module):
    """Flat observation to prediction."""

    def __init__(self, sizes: NetworkSizes, width: int, depth: int, value_head: str, rngs: nnx.Rngs) -> None:
        inputs = 1
        for size in sizes.observation:
            inputs *= size
        self.stem = nnx.Linear(inputs, width, rngs=rngs)
        self.blocks = nnx.List([Block(width, rngs) for _ in range(depth)])
        self.norm = nnx.RMSNorm(width, rngs=rngs)
        self.heads = Heads(width, sizes, value_head, rngs)

    def __call__(self, observation: Array) -> Prediction:
        """One observation of any shape to its prediction."""
        x = self.stem(observation.astype(jnp.float32).reshape(-1))
        for block in self.blocks:
            x = block(x)
        x = jax.nn.relu(self.norm(x))
        return self.heads(x, x)


def mlp(sizes: NetworkSizes, *, width: int = 256, depth: int = 2, value_head: str = "outcome") -> Network:
    """A residual perceptron.

    Args:
        sizes: what it must fit, from `jaxplay.evaluator.sizes(game)`.
        width: units in each layer.
        depth: residual blocks of two layers each.
        value_head: `scalar`, or `outcome` (loss, draw, win).
    """
    return as_network(lambda rngs: MLP(sizes, width, depth, value_head, rngs))
