"""Resignation: games that a player gives up, and a share of games that tells how often that is wrong.

As in AlphaGo Zero (Silver et al. 2017): a share of games is played to its end whatever the values are, and
shows how many of those who would have resigned did not lose.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.config import SelfPlayConfig
from jaxplay.errors import UserError
from jaxplay.game import Game
from jaxplay.perspective import perspective
from jaxplay.struct import pytree, replace


@pytree
class Watch:
    """What is known of M games; leaves `(M, ...)`.

    Attributes:
        low: `(M, 2)` int32, of each player: own moves in a row up to the last with a value below the bound.
        control: bool, the game is played to its end.
        would_resign: bool, somebody would have resigned in a control game.
        loser: int32, who would have resigned first; of no meaning where nobody would have.
    """

    low: Array
    control: Array
    would_resign: Array
    loser: Array


def check_resignation(game: Game[Any]) -> None:
    """Refuse games in which resigning has no meaning.

    Raises:
        UserError: not a zero-sum game for two.
    """
    if game.num_players != 2 or not game.zero_sum:
        raise UserError(f"{game} is not a zero-sum game for two; nobody can resign in it")


def new_watch(options: SelfPlayConfig, num_matches: int, key: Array) -> Watch:
    """Of games that begin."""
    control = jax.random.bernoulli(key, options.resign_control, (num_matches,))
    zero = jnp.zeros((num_matches,), jnp.int32)
    return Watch(jnp.zeros((num_matches, 2), jnp.int32), control, jnp.zeros_like(control), zero)


def consider(
    options: SelfPlayConfig, watch: Watch, value: Array, player: Array, moved: Array
) -> tuple[Watch, Array]:
    """What the mover's `value` `(M,)` leads to where `player` `(M,)` `moved`: `(M,)` bool, who resigns."""
    mover = jax.nn.one_hot(player, 2, dtype=bool) & moved[:, None]
    count = jnp.where(value[:, None] < options.resign_value, watch.low + 1, 0)
    low = jnp.where(mover, count, watch.low)
    tired = (mover & (low >= options.resign_moves)).any(-1)
    first = watch.control & tired & ~watch.would_resign
    loser = jnp.where(first, player, watch.loser)
    return replace(
        watch, low=low, would_resign=watch.would_resign | first, loser=loser
    ), tired & ~watch.control


def rewards_of_resigning(game: Game[Any], return_so_far: Array, player: Array) -> Array:
    """`(M, 1)`, fixed frame: what makes the whole game a loss of all there is to lose for `player` `(M,)`."""
    return -perspective(game, player) - return_so_far


def was_wrong(game: Game[Any], watch: Watch, returns: Array, ended: Array) -> tuple[Array, Array]:
    """Of games that `ended` by the rules with `returns` `(M, 1)` in all, `(M,)` bool each.

    Returns:
        Where somebody would have resigned in a control game, and where that would have been wrong, because
        this player did not lose.
    """
    tested = ended & watch.would_resign
    result = (returns * perspective(game, watch.loser))[:, 0]
    return tested, tested & (result >= 0.0)
