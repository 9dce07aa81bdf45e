"""Resignation: games that a player gives up, and a share of games that tells how often that is wrong.

As in AlphaGo Zero (Silver et al. 2017): a share of games is played to its end whatever the values are, and
shows how many of those who would have resigned did not lose.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import Game
from jaxplay.perspective import perspective
from jaxplay.struct import pytree, replace

NOBODY = -1


class Resignation(NamedTuple):
    """When a player gives a game up.

    Attributes:
        value: whose search expects less than this, of -1 to 1, ...
        moves: ... at so many moves of their own in a row resigns.
        control: share of games in which nobody resigns.
    """

    value: float
    moves: int = 3
    control: float = 0.1


@pytree
class Watch:
    """What is known of B games; leaves `(B, ...)`.

    Attributes:
        low: `(B, 2)` int32, of each player: own moves in a row up to the last with a value below the bound.
        control: bool, the game is played to its end.
        loser: int32, who would have resigned first, in a control game; else `NOBODY`.
        earned: `(B, 1)` float32, rewards of the game so far, fixed frame.
    """

    low: Array
    control: Array
    loser: Array
    earned: Array


def check_resignation(game: Game[Any]) -> None:
    """Refuse games in which resigning has no meaning.

    Raises:
        UserError: not a zero-sum game for two.
    """
    if game.num_players != 2 or not game.zero_sum:
        raise UserError(f"{game} is not a zero-sum game for two; nobody can resign in it")


def new_watch(resignation: Resignation, batch: int, key: Array) -> Watch:
    """Of `batch` games that begin."""
    control = jax.random.bernoulli(key, resignation.control, (batch,))
    zero = jnp.zeros((batch, 2), jnp.int32)
    return Watch(zero, control, jnp.full((batch,), NOBODY, jnp.int32), jnp.zeros((batch, 1), jnp.float32))


def consider(resignation: Resignation, watch: Watch, value: Array, player: Array) -> tuple[Watch, Array]:
    """What a search's `value` `(B,)`, as `player` `(B,)` sees it, leads to: `(B,)` bool, who resigns."""
    mover = jax.nn.one_hot(player, 2, dtype=bool)
    count = jnp.where(value[:, None] < resignation.value, watch.low + 1, 0)
    low = jnp.where(mover, count, watch.low)
    tired = (mover & (low >= resignation.moves)).any(-1)
    first = watch.control & tired & (watch.loser == NOBODY)
    return replace(watch, low=low, loser=jnp.where(first, player, watch.loser)), tired & ~watch.control


def rewards_of_resigning(game: Game[Any], watch: Watch, player: Array) -> Array:
    """`(B, 1)`, fixed frame: what makes the whole game a loss of all there is to lose for `player`."""
    return -perspective(game, player) - watch.earned


def was_wrong(game: Game[Any], watch: Watch, rewards: Array, ended: Array) -> tuple[Array, Array]:
    """Of games that `ended` by the rules with `rewards` `(B, 1)`, `(B,)` bool each.

    Returns:
        Where somebody would have resigned in a control game, and where that would have been wrong, because
        this player did not lose.
    """
    tested = ended & (watch.loser != NOBODY)
    result = ((watch.earned + rewards) * perspective(game, jnp.maximum(watch.loser, 0)))[:, 0]
    return tested, tested & (result >= 0.0)
