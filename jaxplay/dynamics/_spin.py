"""Self-play fine-tuning on a table: a player against its last self and the data (Chen et al. 2024).

Source: https://arxiv.org/abs/2401.01335. In each round the policy maximizes, over items y of the data and
items z of its last self,

    log sigmoid(scale (log policy(y) / last(y) - log policy(z) / last(z)))

so that it learns to tell the data from itself. Where nothing is left to tell, it is the data.
"""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.dynamics.feedback import Gradient
from jaxplay.dynamics.method import Method, Player
from jaxplay.dynamics.table import Episode, Plans, Policies, Tree
from jaxplay.dynamics.walk import pick
from jaxplay.errors import UserError
from jaxplay.solve import simplex


@dataclass(frozen=True, eq=False)
class Imitation:
    """One player who is shown how often the data has each item; `gap` is the divergence from the data.

    Attributes:
        data: `(K,)` float64 probabilities.
    """

    data: np.ndarray

    @property
    def spaces(self) -> tuple[Tree, ...]:
        """A simplex."""
        return (Tree(simplex(len(self.data))),)

    @property
    def bounds(self) -> tuple[float, float]:
        """Of the probability of an item."""
        return 0.0, 1.0

    def gains(self, player: int, plans: Plans) -> Array:
        """`(1 + K,)`: the share of each item in the data; 0 first."""
        return jnp.asarray(np.append(0.0, self.data), plans[0].dtype)

    def gap(self, plans: Plans) -> Array:
        """`()`: the Kullback-Leibler divergence of the data from the policy."""
        data, policy = jnp.asarray(self.data, plans[0].dtype), plans[0][1:]
        tiny = jnp.finfo(policy.dtype).tiny
        return jnp.where(data > 0, data * (jnp.log(data) - jnp.log(jnp.maximum(policy, tiny))), 0).sum()

    def sample(self, policies: Policies, key: Array) -> Episode:
        """An item, which earns its share in the data."""
        item = pick(policies[0], jax.random.uniform(key))
        return Episode(1 + item[None], jnp.asarray(self.data, policies[0].dtype)[item][None])


def imitation(data: Any) -> Imitation:
    """Data by how often each item occurs.

    Raises:
        UserError: there are fewer than two items, or numbers that are negative.
    """
    weights = np.asarray(data, float)
    if weights.ndim != 1 or len(weights) < 2 or not (weights >= 0).all() or not weights.sum() > 0:
        raise UserError(f"data has shape {weights.shape}; allowed: (K,) numbers of at least 0, K from 2")
    return Imitation(weights / weights.sum())


def spin(scale: float = 0.5, *, rate: float = 1.0, num_steps: int = 10) -> Method:
    """Self-play fine-tuning; takes `Gradient` of `Imitation`: how often the data has each item.

    Args:
        scale: of differences of logarithms in the logistic loss.
        rate: of gradient steps on logits.
        num_steps: gradient steps of a round, against the same last self.

    Raises:
        UserError: a number is 0 or less.
    """
    if not (scale > 0 and rate > 0 and num_steps > 0):
        raise UserError(f"spin: scale={scale}, rate={rate}, num_steps={num_steps}; allowed: above 0")

    def init(space: Tree, key: Array, dtype: Any = jnp.float32) -> Player:
        return Player(space.first(dtype), jnp.zeros(space.treeplex.num_slots, dtype))

    def update(space: Tree, player: Player, signal: Gradient) -> Player:
        data, last = signal.gains[1:], jax.nn.log_softmax(player.memory)

        def loss(logits: Array) -> Array:
            ratio = scale * (jax.nn.log_softmax(logits) - last)
            apart = jax.nn.log_sigmoid(ratio[:, None] - ratio[None])
            return -(data[:, None] * jnp.exp(last)[None] * apart).sum()

        descend = jax.grad(loss)
        logits = jax.lax.fori_loop(0, num_steps, lambda _, x: x - rate * descend(x), player.memory)
        return Player(jax.nn.softmax(logits), logits)

    return Method(init, update)
