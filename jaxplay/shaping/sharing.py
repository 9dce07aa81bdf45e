"""Learning in congestion games: mixtures over shared resources, and what anybody gains by leaving them.

What a player expects of a resource depends on how many of the others pick it: a sum of independent coins, one
for each of them, whose distribution is computed exactly.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array


class Shared(NamedTuple):
    """Where learning led.

    Attributes:
        mixtures: `(P, K)` float32: how everybody picks.
        deviation: `(T,)` float32: the largest gain by a change of one player alone, before each step.
    """

    mixtures: Array
    deviation: Array


def expected(shares: Array, mixtures: Array) -> Array:
    """`(P, K)` float32: what each resource pays each player on average, the others picking by their mixtures.

    Args:
        shares: `(K, P + 1)` float32: what each of n who pick a resource gets, n from 0 on.
        mixtures: `(P, K)` float32.
    """
    size = mixtures.shape[0]

    def of(player: Array) -> Array:
        def add(counts: Array, other: Array) -> tuple[Array, None]:
            prob = jnp.where(other == player, 0.0, mixtures[other])[:, None]
            moved = jnp.concatenate([jnp.zeros_like(counts[:, :1]), counts[:, :-1]], axis=1)
            return counts * (1 - prob) + moved * prob, None

        nobody = jnp.zeros((shares.shape[0], size)).at[:, 0].set(1.0)
        counts = jax.lax.scan(add, nobody, jnp.arange(size))[0]
        return (counts * shares[:, 1:]).sum(axis=1)

    return jax.vmap(of)(jnp.arange(size))


def largest_deviation(shares: Array, mixtures: Array) -> Array:
    """`()` float32: what the player who has most to gain by another pick would gain, exactly."""
    paid = expected(shares, mixtures)
    return (paid.max(axis=1) - (paid * mixtures).sum(axis=1)).max()


def share_out(shares: Array, key: Array, *, num_steps: int = 2000, rate: float = 0.5) -> Shared:
    """Everybody moves its mixture towards what pays best, by multiplicative weights, all at the same time.

    Args:
        shares: `(K, P + 1)` float32, as `CongestionGame.shares`.
        key: of the mixtures at first, which must differ for players to part.
        num_steps: steps, T.
        rate: of the weights, for each point divided by the largest share.
    """
    size = shares.shape[1] - 1
    start = jax.random.normal(key, (size, shares.shape[0]))
    scale = rate / jnp.abs(shares).max()

    def step(logits: Array, _: None) -> tuple[Array, Array]:
        mixtures = jax.nn.softmax(logits)
        return logits + scale * expected(shares, mixtures), largest_deviation(shares, mixtures)

    logits, deviation = jax.lax.scan(step, start, length=num_steps)
    return Shared(jax.nn.softmax(logits), deviation)
