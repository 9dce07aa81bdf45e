"""What an exploiter learns from its opponent's own estimates (the Minimax Exploiter, arXiv 2311.17190).

v is what a frozen opponent thinks, for itself, of the position in which a move leaves it (`opponent_value` of
`jaxplay.search.SearchOutput`). In a game of zero sum the exploiter can hope for -v: known after one move
instead of a game, and wrong wherever the opponent is. So its weight is to fall.
"""

from typing import Any, Literal, NamedTuple

import jax.numpy as jnp
from jax import Array

from jaxplay.game import Game
from jaxplay.learners.losses import Weights
from jaxplay.perspective import frame_of_view
from jaxplay.rollout import Trajectory
from jaxplay.struct import replace


class Minimax(NamedTuple):
    """How a learner uses v, with the weight w of `weight_at`.

    Attributes:
        form: with `target` the value learns `(1 - w) z + w (r - v)`, z the outcome, r what the move earns,
            of moves that went through `hoped_for`; the searches' own values are not learned. With
            `potential` it learns `(z - w Phi) / (1 + w)`, of moves that say their potential Phi
            (`jaxplay.search.Signal`); its weight is to stay, because the network's meaning hangs on it.
        weight: at the start.
        anneal_updates: gradient steps of a generation in which it falls to 0; 0: it stays.
    """

    form: Literal["target", "potential"]
    weight: float
    anneal_updates: int = 0


def weight_at(weight: float, anneal_updates: int, updates: Array) -> Array:
    """`()` float32: the weight of v after `updates` `()` gradient steps.

    It falls in a line from `weight` to 0 in `anneal_updates` steps, or stays where that is 0.
    """
    if anneal_updates == 0:
        return jnp.float32(weight)
    done = jnp.minimum(updates.astype(jnp.float32) / anneal_updates, 1.0)
    return weight * (1.0 - done)


def weights_now(weights: Weights, minimax: Minimax | None, updates: Array) -> Weights:
    """What each loss counts after `updates` `()` gradient steps."""
    if minimax is None:
        return weights
    now = weight_at(minimax.weight, minimax.anneal_updates, updates)
    if minimax.form == "target":
        return weights._replace(value_mix=now)
    return weights._replace(potential=now)


def hoped_for(game: Game[Any], moves: Trajectory, opponent_value: Array, replied: Array) -> Trajectory:
    """Trajectory whose `value` is what they earned and what the opponent leaves to hope for, `r - v`.

    A move that ended the game has what it earned; one behind which the opponent did not move, or after which
    the game was cut, keeps the value of its search.

    Args:
        game: of two players and zero sum.
        moves: leaves `(T, B, ...)`, of the exploiter (what is said of others means nothing).
        opponent_value: `(T, B)` float32, v of the moves that were made, scaled.
        replied: `(T, B)` bool, whether the opponent was to move after them.
    """
    replied = replied & ~moves.terminated
    theirs = frame_of_view(game, -opponent_value, moves.player)
    hoped = moves.rewards + jnp.where(replied[..., None], theirs, 0.0)
    known = (replied | moves.terminated) & ~moves.truncated
    return replace(moves, value=jnp.where(known[..., None], hoped, moves.value))
