"""Symmetric zero-sum games whose exploitability is one line, with learners that know their exact gradient.

A strategy is a vector `x`, and earns `x A y` against `y`: a mixture over the rows of a table `A`, or a point
of the unit disc (Balduzzi et al. 2019), where everybody is beaten by who stands a quarter turn ahead. A
player is a vector of parameters. What games it plays is sampled; what it learns from them is exact.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array


class Toy(NamedTuple):
    """A game.

    Attributes:
        table: `(D, D)` float32, antisymmetric, at most 1 in size: A.
        mixes: strategies are mixtures over D actions, by logits; else points of the unit disc, D = 2.
    """

    table: np.ndarray
    mixes: bool = True

    def strategy(self, params: Array) -> Array:
        """`(..., D)`: what players with parameters `(..., D)` play."""
        if self.mixes:
            return jax.nn.softmax(params)
        return params / jnp.sqrt(1.0 + jnp.square(params).sum(-1, keepdims=True))

    def gain(self, mine: Array, theirs: Array) -> Array:
        """`(...)`: what strategies `(..., D)` earn against others in the mean."""
        return jnp.einsum("...i,ij,...j->...", mine, self.table, theirs, precision="highest")

    def exploitability(self, strategy: Array) -> Array:
        """`()`: what a best response earns against a strategy, or against a mixture's mean strategy.

        Both seats are alike and the value is 0, so this is half of what two best responses earn.
        """
        gains = jnp.matmul(self.table, strategy, precision="highest")
        return gains.max() if self.mixes else jnp.linalg.norm(gains)

    def ascend(self, params: Array, target: Array, rate: float, *, natural: bool) -> Array:
        """`(D,)`: parameters after a step along the exact gradient of the gain against a strategy.

        Args:
            params: `(D,)`.
            target: `(D,)`, the mean strategy of the opponents.
            rate: of learning.
            natural: in games of mixtures, the natural gradient: logits grow by what actions earn, as the
                policy of a network does that learns from a search. Plain gradients vanish where the
                learner is sure of itself.
        """
        if natural and self.mixes:
            return params + rate * jnp.matmul(self.table, target, precision="highest")
        return params + rate * jax.grad(lambda p: self.gain(self.strategy(p), target))(params)

    def play(self, key: Array, mine: Array, theirs: Array) -> Array:
        """`(B,)`: what the first players of B games earn, strategies `(B, D)`.

        In games of mixtures the payoff of two drawn actions; on the disc a win or a loss.
        """
        key_mine, key_theirs = jax.random.split(key)
        if self.mixes:
            row = jax.random.categorical(key_mine, jnp.log(jnp.maximum(mine, 1e-30)))
            column = jax.random.categorical(key_theirs, jnp.log(jnp.maximum(theirs, 1e-30)))
            return jnp.asarray(self.table)[row, column]
        wins = jax.random.uniform(key_mine, mine.shape[:1]) < (1.0 + self.gain(mine, theirs)) / 2.0
        return jnp.where(wins, 1.0, -1.0)


def wheel(size: int) -> np.ndarray:
    """`(size, size)`: each action beats the half of the others that stands before it."""
    ahead = np.subtract.outer(np.arange(size), np.arange(size)) % size
    return np.select([ahead == 0, ahead <= size // 2], [0, 1], -1).astype(np.float32)


def noise(size: int, seed: int) -> np.ndarray:
    """`(size, size)`: a random antisymmetric table, its largest entry 1."""
    table = np.random.default_rng(seed).normal(size=(size, size))
    table = table - table.T
    return (table / np.abs(table).max()).astype(np.float32)


TOYS = {
    "rps": Toy(wheel(3)),
    "biased_rps": Toy(np.array([[0, -1, 0.5], [1, 0, -0.25], [-0.5, 0.25, 0]], np.float32)),
    "wheel9": Toy(wheel(9)),
    "random20": Toy(noise(20, seed=0)),
    "disc": Toy(np.array([[0, 1], [-1, 0]], np.float32), mixes=False),
}
"""Rock-paper-scissors; the same with unequal wins (equilibrium 1/7, 2/7, 4/7); nine actions in a circle;
twenty at random, of which the equilibrium needs a part; the disc."""
