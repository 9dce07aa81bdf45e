"""What an exploiter learns from its opponent's own estimates (the Minimax Exploiter, arXiv 2311.17190).

v is what a frozen opponent thinks, for itself, of the position in which a move leaves it (`opponent_value` of
`jaxplay.search.SearchOutput`). In a game of zero sum the exploiter can hope for -v: known after one move
instead of a game, and wrong wherever the opponent is. So its weight is to fall.
"""

from typing import Any

import jax.numpy as jnp
from jax import Array

from jaxplay.config import MinimaxConfig
from jaxplay.game import Game
from jaxplay.learners.losses import LossWeights
from jaxplay.perspective import frame_of_view
from jaxplay.rollout import Trajectory
from jaxplay.struct import replace


def weight_at(weight: float, anneal_updates: int, updates: Array) -> Array:
    """`()` float32: the weight of v after `updates` `()` gradient steps.

    It falls in a line from `weight` to 0 in `anneal_updates` steps, or stays where that is 0.
    """
    if anneal_updates == 0:
        return jnp.float32(weight)
    done = jnp.minimum(updates.astype(jnp.float32) / anneal_updates, 1.0)
    return weight * (1.0 - done)


def weights_now(weights: LossWeights, minimax: MinimaxConfig | None, updates: Array) -> LossWeights:
    """What each loss counts after `updates` `()` gradient steps of a generation.

    With the form `target`, the value learns `(1 - w) z + w (r - v)`, z the outcome and r what the move earns
    (`minimax_value_target`), and the searches' own values are not learned. With `potential` it learns
    `(z - w Phi) / (1 + w)`, Phi the potential of the position (`jaxplay.search.Signal`).
    """
    if minimax is None or minimax.form not in ("target", "potential"):
        return weights
    now = weight_at(*minimax.schedule, updates)
    if minimax.form == "target":
        return weights._replace(value_mix=now)
    return weights._replace(potential=now)


def minimax_value_target(game: Game[Any], made: Trajectory) -> Trajectory:
    """The trajectory with `value` being what moves earned and what the opponent leaves to hope for, `r - v`.

    A move that ended the game has what it earned; one behind which the opponent did not move, or after which
    the game was cut, keeps the value of its search.

    Args:
        game: of two players and zero sum.
        made: by an exploiter that models its opponent (what is said of others' moves means nothing).
    """
    assert made.opponent_value is not None and made.opponent_known is not None
    replied = made.opponent_known & ~made.terminated
    theirs = frame_of_view(game, -made.opponent_value, made.player)
    hoped = made.rewards + jnp.where(replied[..., None], theirs, 0.0)
    known = (replied | made.terminated) & ~made.truncated
    return replace(made, value=jnp.where(known[..., None], hoped, made.value))
