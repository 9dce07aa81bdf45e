"""Laws of games, checked as games are played: a few comparisons for each ply, counted on the device.

A game of one's own may pay what it must not, and nothing of training would stop: the numbers would only be
wrong. So every rollout counts what breaks a law, and the host stops at the first count that is not 0.
"""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jax import Array

from jaxplay.errors import UserError
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
    return {
        "bad_rewards": moved & bad_rewards(game, rewards),
        "bad_returns": moved & made.terminated & bad_returns(game, returns * value_scale(game)),
        "empty_masks": moved & ~made.legal_action_mask.any(-1),
    }


def bad_rewards(game: Game[Any], rewards: Array) -> Array:
    """`(...)` bool: whether rewards `(..., P)`, or sums of them, are not finite or do not add up to zero."""
    unpaid = ~jnp.isfinite(rewards).all(-1)
    return unpaid | (jnp.abs(rewards.sum(-1)) > TOLERANCE * value_scale(game)) if game.zero_sum else unpaid


def bad_returns(game: Game[Any], returns: Array) -> Array:
    """`(...)` bool: whether returns `(..., P)` of whole games, in the game's own scale, are out of bounds."""
    slack = TOLERANCE * value_scale(game)
    return ((returns < game.min_return - slack) | (returns > game.max_return + slack)).any(-1)


def broken_by_games(game: Game[Any], returns: Array, terminated: Array) -> dict[str, Array]:
    """`()` int32 for each of `LAWS` that whole games can break: how many do.

    Args:
        game: that was played.
        returns: `(M, P)` float32, sums of rewards, by player id.
        terminated: `(M,)` bool, games that ended by their rules; of others nothing is said.
    """
    wrong = bad_rewards(game, returns)
    outside = bad_returns(game, returns) & ~wrong
    return {"bad_rewards": (wrong & terminated).sum(), "bad_returns": (outside & terminated).sum()}


def check_laws(game: Game[Any], counts: Mapping[str, Any]) -> None:
    """Stop where games that were played broke a law.

    Args:
        game: that was played.
        counts: by the names of `LAWS`, on the host.

    Raises:
        UserError: a count is not 0.
    """
    for name, count in counts.items():
        if count:
            raise UserError(f"{game} breaks a law of games: {int(count)} {LAWS[name]}")
