"""The decisions of one player as a tree of information sets: the treeplex of the sequence form.

A sequence is a decision of an information set, with all the player's own decisions before it; number 0 is the
empty one. Information sets stand in the order of the number of own decisions before them, so that a pass over
all of them is a few operations on arrays, one or a few for each number (von Stengel, Efficient computation of
behavior strategies, 1996).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.solve._sums import Sums

Value = Callable[[Array, Array, Any], Array]
"""`(q (w, n), policy (w, n), legal (w, n)) -> (n,)`: what information sets are worth."""

ROUNDING = 64
"""Actions whose values differ by less than so many roundings are equally good."""


class Block(NamedTuple):
    """Information sets of one level whose sequences stand together: slot k of all, then slot k + 1.

    Attributes:
        slots: `(start, stop)` of its `n w` slots.
        num: n, information sets.
        width: w, slots of each.
    """

    slots: slice
    num: int
    width: int

    @property
    def shape(self) -> tuple[int, int]:
        """`(w, n)`."""
        return self.width, self.num


class Level(NamedTuple):
    """The information sets after so many own decisions.

    Attributes:
        blocks: of them, in order.
        infosets: which of the treeplex's they are.
        slots: those of all blocks.
        parent: `(m,)` int32, the slot, counted from the first of the level before, that comes before each;
            zeros in the first level.
        below: sums over the information sets of the next level by the slots of this one.
    """

    blocks: tuple[Block, ...]
    infosets: slice
    slots: slice
    parent: np.ndarray
    below: Sums


class Treeplex(NamedTuple):
    """The n information sets of a player, with S slots for their actions, some of which may be empty.

    Sequence `1 + s` is that of slot s.

    Attributes:
        infosets: `(n,)` int32, their numbers in `GameTree`.
        infoset: `(S,)` int32, the number in `GameTree` of the information set that each slot belongs to.
        action: `(S,)` int32, the action in each slot; of no meaning where it is not `legal`.
        legal: `(S,)` bool, the slots that hold an action.
        levels: the information sets by the number of own decisions before them.
        first: sums over the information sets of the first level: `(1,)`.
        followers: `(S,)` int32, how many information sets follow each slot at once.
    """

    infosets: np.ndarray
    infoset: np.ndarray
    action: np.ndarray
    legal: np.ndarray
    levels: tuple[Level, ...]
    first: Sums
    followers: np.ndarray

    @property
    def num_infosets(self) -> int:
        """Number of information sets, n."""
        return len(self.infosets)

    @property
    def num_slots(self) -> int:
        """Number of slots, S."""
        return len(self.legal)

    @property
    def blocks(self) -> list[Block]:
        """All blocks, in the order of their slots."""
        return [block for level in self.levels for block in level.blocks]

    def each(self, function: Callable[..., Any], *arrays: Any) -> Any:
        """A function of information sets, applied to blocks.

        Args:
            function: of arrays `(w, n)`, and last whether a slot is legal `(w, n)` bool; gives such arrays.
            arrays: `(S,)`, or trees of such.

        Returns:
            `(S,)`, or trees of such.
        """
        parts = []
        for block in self.blocks:
            taken = [jax.tree.map(lambda x, b=block: x[b.slots].reshape(b.shape), tree) for tree in arrays]
            parts.append(function(*taken, self.legal[block.slots].reshape(block.shape)))
        return jax.tree.map(lambda *x: jnp.concatenate([part.reshape(-1) for part in x]), *parts)

    def uniform(self, dtype: Any = jnp.float32) -> Array:
        """`(S,)`: all legal actions equally likely."""
        return jnp.asarray(self.evenly, dtype)

    @property
    def evenly(self) -> np.ndarray:
        """`(S,)` float64: as `uniform`."""
        parts = []
        for block in self.blocks:
            legal = self.legal[block.slots].reshape(block.shape)
            parts.append((legal / np.maximum(legal.sum(axis=0), 1)).reshape(-1))
        return np.concatenate(parts) if parts else np.zeros(0)

    def plan(self, policy: Array) -> Array:
        """`(1 + S,)`: the product of the player's own probabilities along each sequence.

        Args:
            policy: `(S,)` probabilities, 0 where there is no action.
        """
        parts, before = [jnp.ones(1, policy.dtype)], jnp.ones(1, policy.dtype)
        for level in self.levels:
            reach = before[level.parent]
            rows, start = [], level.infosets.start
            for block in level.blocks:
                at = reach[level_slice(start, block, level)]
                rows.append((policy[block.slots].reshape(block.shape) * at[None]).reshape(-1))
                start += block.num
            before = jnp.concatenate(rows)
            parts.append(before)
        return jnp.concatenate(parts)

    def policy(self, plan: Array) -> Array:
        """`(S,)`: the policy of a plan; uniform where the player's own plan never comes."""
        return self.each(in_proportion, plan[1:], self.uniform(plan.dtype))

    def values(self, gains: Array, policy: Array) -> tuple[Array, Array]:
        """The values of sequences and information sets under a policy, weighted by the reach of the others.

        Args:
            gains: `(1 + S,)`, what each sequence earns where the game ends with it.
            policy: `(S,)`.

        Returns:
            Counterfactual values `(S,)` of actions, and the value of the game, `()`.
        """
        return self._backward(gains, policy, lambda q, policy, legal: (policy * q).sum(axis=0))

    def best(self, gains: Array) -> tuple[Array, Array]:
        """As `values`, for the policy that takes the best action of every information set."""

        def best(q: Array, _: Array, legal: Array) -> Array:
            return jnp.where(legal, q, -jnp.inf).max(axis=0)

        return self._backward(gains, gains[1:], best)

    def greedy(self, gains: Array) -> Array:
        """`(S,)`: the first best action of every information set, with certainty.

        Actions whose values differ by no more than rounding are equally good.
        """
        q, _ = self.best(gains)
        slack = ROUNDING * jnp.finfo(q.dtype).eps * jnp.abs(q).max()

        def first(q: Array, legal: Array) -> Array:
            masked = jnp.where(legal, q, -jnp.inf)
            best = masked >= masked.max(axis=0, keepdims=True) - slack
            return (np.arange(q.shape[0])[:, None] == jnp.argmax(best, axis=0)[None]).astype(q.dtype)

        return self.each(first, q)

    def smoothed(self, gains: Array) -> tuple[Array, Array]:
        """As `values`, where each information set is worth the logarithm of its sum of exponentials."""

        def log_sum_exp(q: Array, _: Array, legal: Array) -> Array:
            masked = jnp.where(legal, q, -jnp.inf)
            most = masked.max(axis=0, keepdims=True)
            return most[0] + jnp.log(jnp.exp(masked - most).sum(axis=0))

        return self._backward(gains, gains[1:], log_sum_exp)

    def _backward(self, gains: Array, policy: Array, value: Value) -> tuple[Array, Array]:
        own, parts, below = gains[1:], [], None
        for level in reversed(self.levels):
            q = own[level.slots]
            if below is not None:
                q = q + level.below.of(below)
            parts.append(q)
            values = []
            for block in level.blocks:
                at = slice(block.slots.start - level.slots.start, block.slots.stop - level.slots.start)
                legal = self.legal[block.slots].reshape(block.shape)
                taken = q[at].reshape(block.shape), policy[block.slots].reshape(block.shape)
                values.append(value(*taken, legal))
            below = jnp.concatenate(values)
        root = gains[0] if below is None else gains[0] + self.first.of(below)[0]
        return (jnp.concatenate(parts[::-1]) if parts else own), root


def level_slice(start: int, block: Block, level: Level) -> slice:
    """Which of a level's information sets a block holds, whose first is number `start` of all."""
    first = start - level.infosets.start
    return slice(first, first + block.num)


def in_proportion(weights: Array, uniform: Array, legal: Array) -> Array:
    """`(w, n)`: in proportion to what is above zero, `uniform` where nothing is."""
    positive = jnp.where(legal, jnp.maximum(weights, 0), 0)
    total = positive.sum(axis=0, keepdims=True)
    return jnp.where(total > 0, positive / jnp.where(total > 0, total, 1), uniform)


def softmax(logits: Array, legal: Array) -> Array:
    """`(w, n)`: the softmax of each information set over its legal actions."""
    masked = jnp.where(legal, logits, -jnp.inf)
    weights = jnp.exp(masked - masked.max(axis=0, keepdims=True))
    return weights / weights.sum(axis=0, keepdims=True)
