"""How two players who learn at once change their policies, with exact gradients: naive, LOLA and LOQA.

Each is a factory of an `Update`, which gives a player's new logits from those of both. Logits are `(S, A)`,
each player's in its own frame (`jaxplay.shaping.rounds`). Returns are (1 - discount) times discounted sums.
"""

from collections.abc import Callable
from typing import Literal

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.shaping.rounds import Repeated, evaluate, mean_rewards, other_frame

Update = Callable[[Repeated, Array, Array], Array]
"""`(game with oneself as player 0, own logits, the other's logits) -> own new logits`."""


def stay() -> Update:
    """Never changes: a scripted player."""
    return lambda game, mine, theirs: mine


def naive(rate: float = 1.0) -> Update:
    """Gradient ascent on the own return, as if the other would never change.

    Args:
        rate: the length of a step, in logits for each point of return.
    """

    def update(game: Repeated, mine: Array, theirs: Array) -> Array:
        return mine + rate * jax.grad(_return)(mine, theirs, game)

    return update


def lola(rate: float = 1.0, look_ahead: float = 5.0) -> Update:
    """Learning with opponent-learning awareness (Foerster et al. 2018): ascend after the other's next step.

    The other is taken for a naive learner, `theirs' = theirs + look_ahead grad V'(mine, theirs)` with its own
    return V', and the gradient of `V(mine, theirs')` goes through that step.

    Args:
        rate: the length of an own step.
        look_ahead: the length of the step that the other is expected to take.

    Source: https://arxiv.org/abs/1709.04326
    """

    def update(game: Repeated, mine: Array, theirs: Array) -> Array:
        def shaped(mine: Array) -> Array:
            step = jax.grad(_return)(theirs, mine, game.swapped)
            return _return(mine, theirs + look_ahead * step, game)

        return mine + rate * jax.grad(shaped)(mine)

    return update


def loqa(rate: float = 0.1, temperature: float = 1.0, through: Literal["all", "taken"] = "all") -> Update:
    """Learning with opponent Q-learning awareness (Aghajohari et al. 2024), in expectation.

    The other is taken to choose by `softmax(Q / temperature)` of its action values Q, which the own policy
    shapes: the gradient is `E sum_t A(t) grad [log pi(a|s) + log pi^(b|s)]`, where A is the own advantage and
    pi^ that softmax, whose values depend on the own policy through the rounds that follow. Steps have the
    length `rate` whatever the gradient's.

    Args:
        rate: the length of a step, in logits.
        temperature: of the other's softmax, in points of discounted sums.
        through: whether pi^ has a gradient through the values of all actions, or only of the one taken, as
            samples of play allow.

    Source: https://arxiv.org/abs/2405.01035
    """

    def update(game: Repeated, mine: Array, theirs: Array) -> Array:
        gradient = jax.grad(_surrogate)(mine, theirs, game, temperature, through)
        return mine + rate * gradient / jnp.maximum(jnp.linalg.norm(gradient), 1e-12)

    return update


def _return(mine: Array, theirs: Array, game: Repeated) -> Array:
    """`()` float32: player 0's return."""
    return mean_rewards(game, jax.nn.softmax(mine), jax.nn.softmax(theirs))[0]


def _surrogate(mine: Array, theirs: Array, game: Repeated, temperature: float, through: str) -> Array:
    """`()` float32: its gradient by `mine` is LOQA's."""
    policy, other = jax.nn.softmax(mine), other_frame(jax.nn.softmax(theirs))
    found = evaluate(game, policy, jax.nn.softmax(theirs))
    weights = found.occupancy[:, None, None] * policy[:, :, None] * other[:, None, :]
    weights *= found.action_values[0] - found.values[0][:, None, None]
    now = jax.lax.stop_gradient(policy)
    their_values = jnp.einsum("sa,sab->sb", now, found.action_values[1]) / temperature
    expected = jax.nn.log_softmax(their_values) if through == "all" else _log_probs(their_values)
    told = jax.nn.log_softmax(mine)[:, :, None] + expected[:, None, :]
    return (jax.lax.stop_gradient(weights) * told).sum()


def _log_probs(values: Array) -> Array:
    """`(S, A)`: log softmax of `values` `(S, A)`, each with a gradient through its own value only."""
    fixed = jax.lax.stop_gradient(values)[:, None, :]
    taken = jnp.eye(values.shape[1], dtype=bool)
    table = jnp.where(taken, values[:, :, None], fixed)
    return jnp.diagonal(jax.nn.log_softmax(table), axis1=1, axis2=2)
