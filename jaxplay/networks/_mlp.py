"""A residual multilayer perceptron: for CPUs and small boards."""

import math
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array

from jaxplay.config import MLPConfig
from jaxplay.evaluator import Network, NetworkSizes, Prediction, sizes
from jaxplay.game import Game
from jaxplay.networks._half import dense
from jaxplay.networks.build import auxiliary_of, build_network
from jaxplay.networks.heads import NO_AUXILIARY, Auxiliary, Heads, as_network, check_auxiliary


class Block(nnx.Module):
    """`x + W2 relu(W1 norm(x))`."""

    def __init__(self, width: int, bfloat16: bool, rngs: nnx.Rngs) -> None:
        self.norm = nnx.RMSNorm(width, rngs=rngs)
        zeros = nnx.initializers.zeros
        self.first = dense(width, width, bfloat16=bfloat16, rngs=rngs)
        self.second = dense(width, width, bfloat16=bfloat16, kernel_init=zeros, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        """`(..., width)` to the same."""
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
        bfloat16: bool,
        rngs: nnx.Rngs,
    ) -> None:
        self.num_axes = len(sizes.observation)
        inputs = math.prod(sizes.observation)
        self.stem = dense(inputs, width, bfloat16=bfloat16, rngs=rngs)
        self.blocks = nnx.List([Block(width, bfloat16, rngs) for _ in range(depth)])
        self.norm = nnx.RMSNorm(width, rngs=rngs)
        self.heads = Heads(width, sizes, value_head, rngs, auxiliary=auxiliary)

    def __call__(self, observation: Array) -> Prediction:
        """Observations `(..., *shape)` to predictions."""
        batch = observation.shape[: observation.ndim - self.num_axes]
        x = self.stem(observation.astype(jnp.float32).reshape(*batch, -1))
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
    bfloat16: bool = False,
    auxiliary: Auxiliary = NO_AUXILIARY,
) -> Network:
    """A residual perceptron.

    Args:
        sizes: what it must fit, from `jaxplay.evaluator.sizes(game)`.
        width: units in each layer.
        depth: residual blocks of two layers each.
        value_head: `scalar`, or `outcome` (loss, draw, win).
        bfloat16: multiply in bfloat16 and sum in float32, but in the heads; parameters stay float32.
        auxiliary: what it predicts besides.

    Raises:
        UserError: `auxiliary` asks for endings that the game does not define.
    """
    check_auxiliary(sizes, auxiliary)
    return as_network(lambda rngs: MLP(sizes, width, depth, value_head, auxiliary, bfloat16, rngs))


def shape_of(config: MLPConfig) -> dict[str, Any]:
    """The arguments of `mlp` that a configuration names."""
    fields = ("width", "depth", "value_head", "bfloat16")
    return {name: getattr(config, name) for name in fields} | {"auxiliary": auxiliary_of(config)}


@build_network.register
def _(config: MLPConfig, game: Game[Any]) -> Network:
    return mlp(sizes(game), **shape_of(config))
