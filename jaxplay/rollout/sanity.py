"""Laws of games, checked as games are played: a few comparisons for each ply, counted on the device.

A game of one's own may pay what it must not, and nothing of training would stop: the numbers would only be
wrong. So every rollout counts what breaks a law, and the host stops at the first count that is not 0.
"""

from typing import Any

import jax.numpy as jnp
from jax import Array

from jaxplay.game import Game, value_scale
from jaxplay.rollout.trajectory import Trajectory

TOLERANCE = 1e-3
"""Of sums of rewards, in the game's own scale, beside their size."""

LAWS = {
    "bad_rewards": "rewards that are not finite, or that do not add up to zero in a zero-sum game",
    "bad_returns": "games whose returns are not between min_return and max_return",
    "empty_masks": "positions without a legal action",
}
"""What is counted, by the name of its metric."""


def broken_laws(
    game: Game[Any], made: Trajectory, rewards: Array, returns: Array, moved: Array
) -> dict[str, Array]:
    """`(M,)` bool for each of `LAWS`.

    Args:
        game: that is played.
        made: one ply.
        rewards: `(M, P)` float32, of the ply and the chance behind it, by player id.
        returns: `(M, V)` float32, of the game with this ply, fixed frame.
        moved: `(M,)` bool, who moved; the others break nothing.
    """
    slack = TOLERANCE * value_scale(game)
    unpaid = ~jnp.isfinite(rewards).all(-1)
    if game.zero_sum:
        unpaid |= jnp.abs(rewards.sum(-1)) > slack
    least, most = (bound / value_scale(game) for bound in (game.min_return, game.max_return))
    outside = ((returns < least - TOLERANCE) | (returns > most + TOLERANCE)).any(-1)
    return {
        "bad_rewards": moved & unpaid,
        "bad_returns": moved & made.terminated & outside,
        "empty_masks": moved & ~made.legal_action_mask.any(-1),
    }
