"""What is learned: games as tables of payoffs, each with what a learner and the runner need of it.

A player's decisions form a *space*: the policies of a treeplex (one decision in a normal-form game, a tree of
them in sequence form), or the points of a vector space. What a player earns is linear in its *plan*; the
gradient by the plan is called its *gains*.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import jax.numpy as jnp
from jax import Array

from jaxplay.solve import Treeplex
from jaxplay.solve.treeplex import softmax

Policies = tuple[Array, ...]
"""What each player plays, in the coordinates of its space."""
Plans = tuple[Array, ...]
"""The same in coordinates in which payoffs are linear."""


class Episode(NamedTuple):
    """One play of a game with all moves sampled.

    Attributes:
        sequences: `(P,)` int32, each player's own last decision: 0 for none, `1 + s` for slot s of its
            treeplex.
        returns: `(P,)`, what each player earned.
    """

    sequences: Array
    returns: Array


class Space(Protocol):
    """What one player chooses from."""

    def first(self, dtype: Any = jnp.float32) -> Array:
        """The policy to begin with."""
        ...

    def origin(self, dtype: Any = jnp.float32) -> Array:
        """The dual point to begin with, of which `mirror` makes a policy."""
        ...

    def plan(self, policy: Array) -> Array:
        """The plan of a policy."""
        ...

    def mirror(self, dual: Array) -> Array:
        """The policy whose plan x maximizes `<dual, x> - h(x)`, with h the regularizer of the space."""
        ...

    def best(self, gains: Array) -> Array:
        """`()`: the most that a plan earns by `gains`."""
        ...


class Table(Protocol):
    """A game that can be learned."""

    @property
    def spaces(self) -> tuple[Any, ...]:
        """The space of each player."""
        ...

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest return of a play; infinite where there is no bound."""
        ...

    def gains(self, player: int, plans: Plans) -> Array:
        """What each coordinate of the player's plan earns, against the plans of the others."""
        ...

    def gap(self, plans: Plans) -> Array:
        """`()`: how far plans are from a solution: exploitability, unless the table says otherwise."""
        ...

    def sample(self, policies: Policies, key: Array) -> Episode:
        """One play."""
        ...


@dataclass(frozen=True)
class Tree:
    """The policies of a treeplex, with the dilated entropy as regularizer.

    Attributes:
        treeplex: the player's decisions.
    """

    treeplex: Treeplex

    def first(self, dtype: Any = jnp.float32) -> Array:
        """`(S,)`: all legal actions equally likely."""
        return self.treeplex.uniform(dtype)

    def origin(self, dtype: Any = jnp.float32) -> Array:
        """`(1 + S,)`: zeros, where the regularizer is least."""
        return jnp.zeros(1 + self.treeplex.num_slots, dtype)

    def plan(self, policy: Array) -> Array:
        """`(1 + S,)`: see `jaxplay.solve.Treeplex.plan`."""
        return self.treeplex.plan(policy)

    def mirror(self, dual: Array) -> Array:
        """`(S,)`: the softmax of each information set, from the last ones backwards."""
        q, _ = self.treeplex.smoothed(dual)
        return self.treeplex.each(softmax, q)

    def best(self, gains: Array) -> Array:
        """`()`: the value of a best response."""
        return self.treeplex.best(gains)[1]


@dataclass(frozen=True)
class Vector:
    """The points of a vector space, with half of the squared length as regularizer.

    Attributes:
        start: where a player begins.
        target: the point that regret compares with.
    """

    start: tuple[float, ...]
    target: tuple[float, ...]

    def first(self, dtype: Any = jnp.float32) -> Array:
        """`(n,)`: the start."""
        return jnp.asarray(self.start, dtype)

    def origin(self, dtype: Any = jnp.float32) -> Array:
        """`(n,)`: the start."""
        return self.first(dtype)

    def plan(self, policy: Array) -> Array:
        """`(n,)`: the point itself."""
        return policy

    def mirror(self, dual: Array) -> Array:
        """`(n,)`: the point itself."""
        return dual

    def best(self, gains: Array) -> Array:
        """`()`: what the target earns."""
        return (gains * jnp.asarray(self.target, gains.dtype)).sum()


def exploitability(table: Table, plans: Plans) -> Array:
    """`()`: the mean over players of what a best response gains."""
    gains = [table.gains(player, plans) for player in range(len(plans))]
    rows = zip(table.spaces, gains, plans, strict=True)
    return jnp.stack([space.best(gain) - (gain * plan).sum() for space, gain, plan in rows]).mean()
