"""A residual multilayer perceptron: for CPUs and small boards."""

from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array

from jaxplay.config import MLPConfig
from jaxplay.evaluator import Network, NetworkSizes, Prediction, sizes
from jaxplay.game import Game
from jaxplay.networks.build import auxiliary_of, build_network
from jaxplay.networks.heads import NO_AUXILIARY, Auxiliary, Heads, as_network, check_auxiliary


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

    def __init__(
        self,
        sizes: NetworkSizes,
        width: int,
        depth: int,
        value_head: str,
        auxiliary: Auxiliary,
        rngs: nnx.Rngs,
    ) -> None:
        inputs = 1
        for size in sizes.observation:
            inputs *= size
        self.stem = nnx.Linear(inputs, width, rngs=rngs)
        self.blocks = nnx.List([Block(width, rngs) for _ in range(depth)])
        self.norm = nnx.RMSNorm(width, rngs=rngs)
        self.heads = Heads(width, sizes, value_head, rngs, auxiliary=auxiliary)

    def __call__(self, observation: Array) -> Prediction:
        """One observation of any shape to its prediction."""
        x = self.stem(observation.astype(jnp.float32).reshape(-1))
        for block in self.blocks:
            x = block(x)
        x = jax.nn.relu(self.norm(x))
        return self.heads(x, x)


def mlp(
    sizes: NetworkSizes,
    *,
    width: int = 256,
    depth: int = 2,
    value_head: str = "outcome",
    auxiliary: Auxiliary = NO_AUXILIARY,
) -> Network:
    """A residual perceptron.

    Args:
        sizes: what it must fit, from `jaxplay.evaluator.sizes(game)`.
        width: units in each layer.
        depth: residual blocks of two layers each.
        value_head: `scalar`, or `outcome` (loss, draw, win).
        auxiliary: what it predicts besides.

    Raises:
        UserError: `auxiliary` asks for endings that the game does not define.
    """
    check_auxiliary(sizes, auxiliary)
    return as_network(lambda rngs: MLP(sizes, width, depth, value_head, auxiliary, rngs))


@build_network.register
def _(config: MLPConfig, game: Game[Any]) -> Network:
    shape: Any = {"width": config.width, "depth": config.depth, "value_head": config.value_head}
    return mlp(sizes(game), **shape, auxiliary=auxiliary_of(config))
