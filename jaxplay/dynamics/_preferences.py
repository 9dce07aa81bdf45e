"""Learning from comparisons: the minimax winner by self-play (SPO), and mirror descent to a reference (INPO).

A preference says how often item i beats item j. The *minimax winner* is the mixture that no item beats more
often than not: the equilibrium of the game whose payoff is the preference less 1/2. Cycles, which no reward
explains, do not trouble it.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.dynamics.feedback import Feedback, Gradient
from jaxplay.dynamics.method import Method, Player
from jaxplay.dynamics.table import Episode, Plans, Policies, Table, Tree
from jaxplay.dynamics.walk import pick
from jaxplay.errors import UserError
from jaxplay.solve import simplex


@dataclass(frozen=True, eq=False)
class Preferences:
    """One player whose choices are compared with its own: it plays both sides.

    Regret is that against its own past self.

    Attributes:
        wins: `(K, K)` float64, how often the row is preferred to the column.
        reference: `(K,)` float64, a mixture to stay near to, or None.
        weight: of the distance from the reference (Kullback-Leibler divergence).
    """

    wins: np.ndarray
    reference: np.ndarray | None = None
    weight: float = 0.0

    @property
    def spaces(self) -> tuple[Tree, ...]:
        """A simplex."""
        return (Tree(simplex(len(self.wins))),)

    @property
    def bounds(self) -> tuple[float, float]:
        """Always or never preferred, less 1/2."""
        return -0.5, 0.5

    def gains(self, player: int, plans: Plans) -> Array:
        """`(1 + K,)`: how often each item is preferred to what is played, less 1/2."""
        played = plans[0][1:]
        earned = jnp.matmul(jnp.asarray(self.wins - 0.5, played.dtype), played, precision="highest")
        return jnp.concatenate([jnp.zeros(1, earned.dtype), earned])

    def gap(self, plans: Plans) -> Array:
        """`()`: how much more often than not the best item is preferred; with a reference, less distances."""
        played, earned = plans[0][1:], self.gains(0, plans)[1:]
        if self.reference is None:
            return earned.max()
        first = jnp.log(jnp.asarray(self.reference, played.dtype))
        best = self.weight * jax.nn.logsumexp(first + earned / self.weight)
        apart = (played * (jnp.log(jnp.maximum(played, jnp.finfo(played.dtype).tiny)) - first)).sum()
        return best + self.weight * apart

    def sample(self, policies: Policies, key: Array) -> Episode:
        """An item of the player, and whether it was preferred to another one of its."""
        key_items, key_wins = jax.random.split(key)
        chance = jax.random.uniform(key_items, (2,))
        first, second = pick(policies[0], chance[0]), pick(policies[0], chance[1])
        won = jax.random.bernoulli(key_wins, jnp.asarray(self.wins)[first, second])
        return Episode(1 + first[None], won[None] - 0.5)


def preferences(wins: Any, reference: Any = None, weight: float = 0.0) -> Preferences:
    """A table of preferences.

    Args:
        wins: `(K, K)`, from 0 to 1; entries (i, j) and (j, i) add up to 1.
        reference: `(K,)` probabilities above 0, or None.
        weight: of the distance from the reference, above 0 where there is one.

    Raises:
        UserError: a table is no preference, or the reference no mixture.
    """
    table = np.asarray(wins, float)
    if table.ndim != 2 or len(table) != table.shape[-1] or not np.allclose(table + table.T, 1):
        raise UserError(f"wins has shape {table.shape}; allowed: (K, K), wins[i, j] + wins[j, i] = 1")
    if not ((table >= 0) & (table <= 1)).all():
        raise UserError("wins holds numbers outside of 0 to 1")
    first = None if reference is None else np.asarray(reference, float)
    if first is not None and not (first.shape == (len(table),) and (first > 0).all() and weight > 0):
        raise UserError(
            f"reference={reference}, weight={weight}; allowed: (K,) above 0 with a weight above 0"
        )
    return Preferences(table, None if first is None else first / first.sum(), weight)


class Compared(NamedTuple):
    """What a player learns of the items of a round.

    Attributes:
        items: `(B,)` int32, its choices.
        scores: `(B,)`, the share of the queue that each was preferred to.
    """

    items: Array
    scores: Array


class _Queue(NamedTuple):
    items: Array
    filled: Array


def comparisons(batch: int = 16, queue: int = 64) -> Feedback:
    """Choices are compared with a queue of the player's own past choices, once each: `Compared`.

    Args:
        batch: choices of a round.
        queue: past choices that are kept, a multiple of `batch`.

    Raises:
        UserError: a number is below 1, or the queue is no multiple.
    """
    if batch < 1 or queue < batch or queue % batch:
        raise UserError(
            f"comparisons: batch={batch}, queue={queue}; allowed: batch from 1, queue a multiple of it"
        )

    def init(table: Table, dtype: Any) -> _Queue:
        return _Queue(jnp.zeros(queue, jnp.int32), jnp.zeros(queue, bool))

    def observe(
        table: Preferences, memory: _Queue, policies: Policies, plans: Plans, number: Array, key: Array
    ) -> tuple[tuple[Compared, ...], _Queue]:
        key_items, key_wins = jax.random.split(key)
        chance = jax.random.uniform(key_items, (batch,), policies[0].dtype)
        items = jax.vmap(lambda c: pick(policies[0], c))(chance)
        start = (number * batch) % queue
        held = jax.lax.dynamic_update_slice(memory.items, items, (start,))
        filled = jax.lax.dynamic_update_slice(memory.filled, jnp.ones(batch, bool), (start,))
        rates = jnp.asarray(table.wins, policies[0].dtype)[items[:, None], held[None]]
        won = jax.random.bernoulli(key_wins, rates).astype(rates.dtype)
        # An item is not compared with itself, but with its like.
        other = filled[None] & (jnp.arange(queue)[None] != start + jnp.arange(batch)[:, None])
        scores = jnp.where(other, won, 0).sum(axis=1) / jnp.maximum(other.sum(axis=1), 1)
        return (Compared(items, scores),), _Queue(held, filled)

    return Feedback(init, observe)


def spo(rate: float = 0.01, *, decay: float = 0.0) -> Method:
    """Self-play preference optimization on a table: hedge by estimated scores; takes `Compared`.

    An item's score is the share of one's own past items that it was preferred to; whatever learns from
    rewards may take it for one. The mean policy converges to the minimax winner.

    Source: Swamy et al., A minimaximalist approach to reinforcement learning from human feedback, 2024,
    https://arxiv.org/abs/2401.04056.

    Args:
        rate: of hedge.
        decay: it is divided by the number of rounds to this power.

    Raises:
        UserError: the rate is 0 or less.
    """
    if not rate > 0:
        raise UserError(f"spo: rate={rate}; allowed: above 0")

    def init(space: Tree, key: Array, dtype: Any = jnp.float32) -> Player:
        return Player(space.first(dtype), jnp.int32(0))

    def update(space: Tree, player: Player, signal: Compared) -> Player:
        policy = player.policy
        size = rate * (player.memory + 1).astype(policy.dtype) ** -decay
        worth = (signal.scores - 0.5) / (policy[signal.items] * len(signal.items))
        gains = jnp.zeros_like(policy).at[signal.items].add(worth)
        tiny = jnp.finfo(policy.dtype).tiny
        return Player(jax.nn.softmax(jnp.log(jnp.maximum(policy, tiny)) + size * gains), player.memory + 1)

    return Method(init, update)


def inpo(reference: Any, *, weight: float, step: float = 0.5) -> Method:
    """Iterative Nash policy optimization on a table: mirror descent with a pull to a reference; `Gradient`.

    The last policy converges to the equilibrium of preferences less `weight` times the distance from the
    reference. Each round maximizes `gains - weight KL(policy | reference) - KL(policy | last) / step`.

    Source: Zhang et al., Iterative Nash policy optimization, 2024, https://arxiv.org/abs/2407.00617.

    Args:
        reference: `(K,)` probabilities above 0.
        weight: of the distance from it.
        step: the step size; at most about `weight` for certain convergence.

    Raises:
        UserError: a number is 0 or less.
    """
    first = np.asarray(reference, float)
    if not ((first > 0).all() and weight > 0 and step > 0):
        raise UserError(f"inpo: weight={weight}, step={step}; allowed: above 0, with a reference above 0")

    def init(space: Tree, key: Array, dtype: Any = jnp.float32) -> Player:
        return Player(jnp.asarray(first / first.sum(), dtype), ())

    def update(space: Tree, player: Player, signal: Gradient) -> Player:
        target = jnp.log(jnp.asarray(first / first.sum(), player.policy.dtype))
        pull = jnp.log(player.policy) + step * signal.gains[1:] + step * weight * target
        return Player(jax.nn.softmax(pull / (1 + step * weight)), player.memory)

    return Method(init, update)


def inpo_loss(
    policy: Array, last: Array, reference: Array, wins: Array, *, weight: float, step: float
) -> Array:
    """`()`: what INPO minimizes over pairs of items of the last policy; 0 at the step of mirror descent.

    The difference of two items in `log policy`, less what mirror descent would make of it, squared.

    Args:
        policy: `(K,)`, to be found.
        last: `(K,)`, of the round before.
        reference: `(K,)`.
        wins: `(K, K)` preferences.
        weight: see `inpo`.
        step: see `inpo`.
    """
    eta = 1 / step + weight
    ratio = jnp.log(policy) - weight / eta * jnp.log(reference) - (1 - weight / eta) * jnp.log(last)
    off = ratio - wins @ last / eta
    return (last[:, None] * last[None] * (off[:, None] - off[None]) ** 2).sum()
