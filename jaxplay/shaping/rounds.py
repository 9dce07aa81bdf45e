"""Repeated games of two players who remember the last round: their returns, exactly.

A state is what happened in the last round, or that there was none. Players see it from their own side: state
0 is the beginning, `1 + A own + other` the round in which the player did `own`, the other `other`. A policy
is `(S, A)` with S = 1 + A^2, in its player's own frame; play goes on for ever, discounted.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.struct import pytree, replace


@pytree
class Repeated:
    """A game of two players with the same number of actions, played for ever.

    Attributes:
        payoffs: `(A, A, 2)` float32: what player 0 and player 1 get for an action of each.
        discount: `()` float32: what a point in the next round is worth now, below 1.
    """

    payoffs: Array
    discount: Array

    @property
    def num_actions(self) -> int:
        """Number of actions, A."""
        return self.payoffs.shape[0]

    @property
    def num_states(self) -> int:
        """Number of states, S: the beginning, and each outcome of a round."""
        return 1 + self.num_actions**2

    @property
    def swapped(self) -> "Repeated":
        """The same game with the seats exchanged."""
        return replace(self, payoffs=self.payoffs.transpose(1, 0, 2)[..., ::-1])


class Values(NamedTuple):
    """What play is worth, in the frame of player 0.

    Attributes:
        values: `(2, S)` float32: the discounted sum of what each player will get.
        action_values: `(2, S, A, A)` float32: the same after an action of each.
        occupancy: `(S,)` float32: discounted visits, adding up to 1 / (1 - discount).
    """

    values: Array
    action_values: Array
    occupancy: Array


def repeated(payoffs: Array | np.ndarray, discount: float = 0.96) -> Repeated:
    """The game with a table `(A, A, 2)`, such as `MatrixGame(...).tensor`."""
    return Repeated(jnp.asarray(payoffs, jnp.float32), jnp.float32(discount))


def other_frame(policy: Array) -> Array:
    """A policy, or anything `(S, ...)`, seen from the other player's side: its states in another order."""
    size = round((policy.shape[0] - 1) ** 0.5)
    rounds = policy[1:].reshape(size, size, *policy.shape[1:]).swapaxes(0, 1)
    return jnp.concatenate([policy[:1], rounds.reshape(policy[1:].shape)])


def evaluate(game: Repeated, mine: Array, theirs: Array) -> Values:
    """Values of two policies `(S, A)`, each in its own frame; the result is in player 0's, who is `mine`."""
    joint = mine[:, :, None] * other_frame(theirs)[:, None, :]
    moves = joint.reshape(game.num_states, -1)
    transition = jnp.concatenate([jnp.zeros_like(moves[:, :1]), moves], axis=1)
    system = jnp.eye(game.num_states) - game.discount * transition
    rewards = jnp.einsum("sab,abi->si", joint, game.payoffs)
    values = jnp.linalg.solve(system, rewards).T
    later = values[:, 1:].reshape(2, 1, game.num_actions, game.num_actions)
    action_values = game.payoffs.transpose(2, 0, 1)[:, None] + game.discount * later
    start = jnp.zeros(game.num_states).at[0].set(1.0)
    shape = 2, game.num_states, game.num_actions, game.num_actions
    return Values(values, jnp.broadcast_to(action_values, shape), jnp.linalg.solve(system.T, start))


def mean_rewards(game: Repeated, mine: Array, theirs: Array) -> Array:
    """`(2,)` float32: what each player gets a round, on the discounted average from the beginning."""
    return (1 - game.discount) * evaluate(game, mine, theirs).values[:, 0]


def sure(actions: Array | np.ndarray, num_actions: int, slip: float = 0.0) -> Array:
    """A policy `(S, A)` that takes `actions` `(S,)`, but another one with probability `slip`."""
    chosen = jax.nn.one_hot(jnp.asarray(actions), num_actions, dtype=jnp.float32)
    return (1 - slip) * chosen + slip * (1 - chosen) / max(num_actions - 1, 1)
