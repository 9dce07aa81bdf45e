"""A residual convolutional network (He et al. 2016, pre-activation), for boards and accelerators."""

from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array

from jaxplay.config import ResNetConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import Network, NetworkSizes, Prediction, sizes
from jaxplay.game import Game
from jaxplay.networks.build import auxiliary_of, build_network
from jaxplay.networks.heads import NO_AUXILIARY, Auxiliary, Heads, as_network, check_auxiliary


class Block(nnx.Module):
    """Two 3x3 convolutions, each after a normalization over the channels of its own position."""

    def __init__(self, channels: int, dtype: Any, rngs: nnx.Rngs) -> None:
        self.norms = nnx.List([nnx.RMSNorm(channels, dtype=dtype, rngs=rngs) for _ in range(2)])
        zeros = nnx.initializers.zeros
        self.first = nnx.Conv(channels, channels, (3, 3), use_bias=False, dtype=dtype, rngs=rngs)
        self.second = nnx.Conv(
            channels, channels, (3, 3), use_bias=False, kernel_init=zeros, dtype=dtype, rngs=rngs
        )

    def __call__(self, x: Array) -> Array:
        """`(..., rows, columns, channels)` to the same."""
        y = self.first(jax.nn.relu(self.norms[0](x)))
        return x + self.second(jax.nn.relu(self.norms[1](y)))


class ResNet(nnx.Module):
    """`(rows, columns, planes)` observation to prediction."""

    def __init__(
        self,
        sizes: NetworkSizes,
        channels: int,
        depth: int,
        value_head: str,
        auxiliary: Auxiliary,
        dtype: Any,
        rngs: nnx.Rngs,
    ) -> None:
        rows, columns, planes = sizes.observation
        self.dtype = dtype
        self.stem = nnx.Conv(planes, channels, (3, 3), dtype=dtype, rngs=rngs)
        self.blocks = nnx.List([Block(channels, dtype, rngs) for _ in range(depth)])
        self.norm = nnx.RMSNorm(channels, dtype=dtype, rngs=rngs)
        self.policy = nnx.Conv(channels, 4, (1, 1), dtype=dtype, rngs=rngs)
        self.value = nnx.Conv(channels, 4, (1, 1), dtype=dtype, rngs=rngs)
        self.hidden = nnx.Linear(4 * rows * columns + channels, channels, dtype=dtype, rngs=rngs)
        self.heads = Heads(4 * rows * columns, sizes, value_head, rngs, channels, auxiliary)

    def __call__(self, observation: Array) -> Prediction:
        """Observations `(..., rows, columns, planes)` to predictions."""
        x = self.stem(observation.astype(self.dtype))
        for block in self.blocks:
            x = block(x)
        x = jax.nn.relu(self.norm(x))
        batch = x.shape[:-3]
        policy = jax.nn.relu(self.policy(x)).reshape(*batch, -1)
        value = jax.nn.relu(self.value(x)).reshape(*batch, -1)
        value = jnp.concatenate([value, x.mean((-3, -2))], axis=-1)
        return self.heads(policy, jax.nn.relu(self.hidden(value)))


def resnet(
    sizes: NetworkSizes,
    *,
    channels: int = 64,
    depth: int = 6,
    value_head: str = "outcome",
    bfloat16: bool = False,
    auxiliary: Auxiliary = NO_AUXILIARY,
) -> Network:
    """A residual convolutional network.

    Args:
        sizes: what it must fit, from `jaxplay.evaluator.sizes(game)`.
        channels: width of every convolution.
        depth: residual blocks of two convolutions each.
        value_head: `scalar`, or `outcome` (loss, draw, win).
        bfloat16: compute in bfloat16; parameters and predictions stay float32.
        auxiliary: what it predicts besides.

    Raises:
        UserError: the game's observation is not of shape (rows, columns, planes), or `auxiliary` asks for
            endings that the game does not define.
    """
    check_auxiliary(sizes, auxiliary)
    if len(sizes.observation) != 3:
        raise UserError(f"resnet needs observations (rows, columns, planes), not {sizes.observation}")
    dtype = jnp.bfloat16 if bfloat16 else jnp.float32
    return as_network(lambda rngs: ResNet(sizes, channels, depth, value_head, auxiliary, dtype, rngs))


@build_network.register
def _(config: ResNetConfig, game: Game[Any]) -> Network:
    shape: Any = {"channels": config.channels, "depth": config.depth, "value_head": config.value_head}
    return resnet(sizes(game), **shape, bfloat16=config.bfloat16, auxiliary=auxiliary_of(config))
