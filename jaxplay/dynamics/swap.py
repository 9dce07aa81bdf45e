"""No swap regret: joint play that converges to correlated equilibria (Blum and Mansour 2007).

For each of its actions a player keeps an expert, a hedge over all actions, which is told the gains of the
rounds in proportion to how much that action was played; the player plays the mixture that these experts
together leave as it is. The experts are optimistic, so that swap regret grows with a power of the logarithm
of the rounds only, if all play so (Anagnostides et al. 2022, https://arxiv.org/abs/2111.06008).
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.dynamics.feedback import Gradient
from jaxplay.dynamics.method import Method, Player
from jaxplay.dynamics.table import Tree
from jaxplay.errors import UserError


class Experts(NamedTuple):
    """What the experts remember.

    Attributes:
        total: `(A, A)`, by experts, the sum of gains that each was told.
    """

    total: Array


def blum_mansour(rate: float = 0.1, *, optimistic: bool = True, start: float = 0.0) -> Method:
    """No swap regret in a normal-form game; takes `Gradient`.

    Args:
        rate: of the experts.
        optimistic: whether experts expect their last gains once more.
        start: the standard deviation of the logits that experts begin with.

    Raises:
        UserError: the rate is 0 or less, or the player decides more than once.
    """
    if not rate > 0:
        raise UserError(f"blum_mansour: rate={rate}; allowed: above 0")

    def init(space: Tree, key: Array, dtype: Any = jnp.float32) -> Player:
        if space.treeplex.num_infosets != 1:
            num = space.treeplex.num_infosets
            raise UserError(f"blum_mansour: a player has {num} decisions; allowed: 1, as in a normal form")
        size = space.treeplex.num_slots
        logits = start * jax.random.normal(key, (size, size), dtype)
        return Player(stationary(jax.nn.softmax(logits, axis=1)), Experts(logits / rate))

    def update(space: Tree, player: Player, signal: Gradient) -> Player:
        told = player.policy[:, None] * signal.gains[None, 1:]
        total = player.memory.total + told
        ahead = total + told if optimistic else total
        return Player(stationary(jax.nn.softmax(rate * ahead, axis=1)), Experts(total))

    return Method(init, update)


def stationary(chain: Array) -> Array:
    """`(A,)`: the mixture that a chain `(A, A)`, rows of which add up to 1, leaves as it is."""
    size = len(chain)
    system = (chain.T - jnp.eye(size, dtype=chain.dtype)).at[-1].set(1)
    found = jnp.linalg.solve(system, jnp.zeros(size, chain.dtype).at[-1].set(1))
    found = jnp.maximum(found, 0)
    return found / found.sum()
