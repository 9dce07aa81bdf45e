"""The decisions of one player as a tree of information sets: the treeplex of the sequence form.

A sequence is a decision of an information set, with all the player's own decisions before it; number 0 is the
empty one. Information sets stand in the order of the number of own decisions before them, so that a pass over
all of them is a few operations on arrays, one for each number (von Stengel, Efficient computation of behavior
strategies, 1996).
"""

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.solve._sums import Sums

Value = Callable[[Array, slice], Array]
"""`(q (m, W), level) -> (m,)`: what the information sets of a level are worth by the values of actions."""
ROUNDING = 64
"""Actions whose values differ by less than so many roundings are equally good."""


class Treeplex(NamedTuple):
    """The n information sets of a player, with W slots for the legal actions of each.

    Sequence `1 + W i + k` is the action in slot k of information set i.

    Attributes:
        infosets: `(n,)` int32, their numbers in `GameTree`.
        actions: `(n, W)` int32, the action in each slot; of no meaning where it is not `legal`.
        legal: `(n, W)` bool, the slots that hold an action.
        levels: the information sets after so many own decisions, as slices of all.
        parent: `(n,)` int32, the sequence before each information set.
        below: for each level the sums over the information sets that follow its sequences.
        first: sums over all information sets that follow the empty sequence: `(1,)`.
    """

    infosets: np.ndarray
    actions: np.ndarray
    legal: np.ndarray
    levels: tuple[slice, ...]
    parent: np.ndarray
    below: tuple[Sums, ...]
    first: Sums

    @property
    def num_infosets(self) -> int:
        """Number of information sets, n."""
        return len(self.infosets)

    @property
    def width(self) -> int:
        """Number of slots, W: the most legal actions anywhere."""
        return self.legal.shape[1]

    @property
    def num_sequences(self) -> int:
        """The empty one and all slots, those without an action too."""
        return 1 + self.legal.size

    @property
    def followers(self) -> np.ndarray:
        """`(n, W)` int: how many information sets follow each sequence at once."""
        return np.bincount(self.parent, minlength=self.num_sequences)[1:].reshape(self.legal.shape)

    def uniform(self, dtype: jnp.dtype | type = jnp.float32) -> Array:
        """`(n, W)`: all legal actions equally likely."""
        return jnp.asarray(self.legal / np.maximum(self.legal.sum(axis=1, keepdims=True), 1), dtype)

    def plan(self, policy: Array) -> Array:
        """`(1 + n W,)`: the product of the player's own probabilities along each sequence.

        Args:
            policy: `(n, W)` probabilities, 0 where there is no action.
        """
        parts, before = [jnp.ones(1, policy.dtype)], None
        for level in self.levels:
            reach = 1 if before is None else parts[-1][self.parent[level] - before]
            parts.append((jnp.reshape(reach, (-1, 1)) * policy[level]).reshape(-1))
            before = 1 + level.start * self.width
        return jnp.concatenate(parts)

    def policy(self, plan: Array) -> Array:
        """`(n, W)`: the policy of a plan; uniform where the player's own plan never comes."""
        weights = jnp.where(self.legal, plan[1:].reshape(self.legal.shape), 0)
        total = weights.sum(axis=1, keepdims=True)
        return jnp.where(total > 0, weights / jnp.where(total > 0, total, 1), self.uniform(plan.dtype))

    def values(self, gains: Array, policy: Array) -> tuple[Array, Array]:
        """The values of sequences and information sets under a policy, weighted by the reach of the others.

        Args:
            gains: `(1 + n W,)`, what each sequence earns where the game ends with it.
            policy: `(n, W)`.

        Returns:
            Counterfactual values `(n, W)` of actions, and the value of the game, `()`.
        """
        return self._backward(gains, lambda q, level: (policy[level] * q).sum(axis=1))

    def best(self, gains: Array) -> tuple[Array, Array]:
        """As `values`, for the policy that takes the best action of every information set."""
        return self._backward(gains, lambda q, level: jnp.where(self.legal[level], q, -jnp.inf).max(axis=1))

    def greedy(self, gains: Array) -> Array:
        """`(n, W)`: the first best action of every information set, with certainty.

        Actions whose values differ by no more than rounding are equally good.
        """
        q, _ = self.best(gains)
        masked = jnp.where(self.legal, q, -jnp.inf)
        slack = ROUNDING * jnp.finfo(q.dtype).eps * jnp.abs(q).max()
        best = masked >= masked.max(axis=1, keepdims=True) - slack
        return (np.arange(self.width)[None] == jnp.argmax(best, axis=1)[:, None]).astype(q.dtype)

    def smoothed(self, gains: Array) -> tuple[Array, Array]:
        """As `values`, where each information set is worth the logarithm of its sum of exponentials."""

        def log_sum_exp(q: Array, level: slice) -> Array:
            masked = jnp.where(self.legal[level], q, -jnp.inf)
            most = masked.max(axis=1, keepdims=True)
            return most[:, 0] + jnp.log(jnp.exp(masked - most).sum(axis=1))

        return self._backward(gains, log_sum_exp)

    def _backward(self, gains: Array, value: Value) -> tuple[Array, Array]:
        own = gains[1:].reshape(self.legal.shape)
        q, below = [], None
        for level, sums in zip(reversed(self.levels), reversed(self.below), strict=True):
            here = own[level]
            if below is not None:
                here = here + sums.of(below).reshape(here.shape)
            q.append(here)
            below = value(here, level)
        root = gains[0] if below is None else gains[0] + self.first.of(below)[0]
        return (jnp.concatenate(q[::-1]) if q else own), root
