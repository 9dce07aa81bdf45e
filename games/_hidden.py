"""What the games of hidden information share: who observes, small arrays, and letters for the players."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError, quoted
from jaxplay.game import GameDefaults
from jaxplay.text import parse_float

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""What pictures call the players: A is player 0."""
GREATEST = 1e6
"""The greatest payoff in size that a table of one's own may have: sums of float32 stay exact enough."""


class HiddenGame(GameDefaults):
    """A game in which the players do not all know the same: observations are information states.

    An observation holds all that its observer has seen and done so far (perfect recall), so that two
    histories look the same to a player only if the player could not tell them apart.
    """

    perfect_information = False

    def seat(self, state: Any, player: Array | None) -> Array:
        """`()` int32: who observes; at a chance node, where nobody is to move, player 0."""
        return jnp.maximum(state.current_player if player is None else player, 0)


def status(state: Any, returns: Any) -> str:
    """Whose turn it is, or at the end what everybody earned: `returns`, `(P,)`."""
    if state.terminated:
        earned = (f"{x:+g}" if x else "0" for x in np.asarray(returns))
        return ", ".join(f"{letter} {number}" for letter, number in zip(LETTERS, earned, strict=False))
    mover = int(state.current_player)
    return "chance to move" if mover < 0 else f"{LETTERS[mover]} to move"


def one_hot(index: Array, size: int) -> Array:
    """`(..., size)` float32: 1 at `index` `(...)`, all zero where it is negative."""
    return jax.nn.one_hot(index, size, dtype=jnp.float32)


def put(values: Array, place: Array, value: Any) -> Array:
    """`values` `(n, ...)` with `value` at `place`; all as it was where `place` is not below n."""
    here = np.arange(values.shape[0], dtype=np.int32) == place.astype(jnp.int32)
    here = here.reshape(-1, *[1] * (values.ndim - 1))
    return jnp.where(here, jnp.asarray(value).astype(values.dtype), values)


def first(size: int, count: Array) -> Array:
    """`(size,)` bool: the first `count`."""
    return jnp.arange(size, dtype=jnp.int32) < count.astype(jnp.int32)


def distinct(uniform: Array, size: int) -> Array:
    """`(k,)` int32: different numbers below `size`, all orders as likely.

    Number i is chosen by its place among those that are left, places are then turned into numbers from the
    last to the first (Lehmer's code).

    Args:
        uniform: `(k,)` float32 in [0, 1), independent; k is at most `size`.
        size: how many numbers there are.
    """
    count = len(uniform)
    order = np.arange(count, dtype=np.int32)
    left = (size - order).astype(np.float32)
    places = jnp.minimum((uniform * left).astype(jnp.int32), size - 1 - order)

    def insert(i: Array, numbers: Array) -> Array:
        here = count - 1 - i
        number = jnp.where(order == here, numbers, 0).sum()
        return numbers + ((order > here) & (numbers >= number))

    return jax.lax.fori_loop(0, count, insert, places)


def evenly(possible: Array) -> Array:
    """`(n,)` float32: equal probabilities for what is possible, `(n,)` bool."""
    weights = possible.astype(jnp.float32)
    return weights / weights.sum()


def flat(*parts: Array) -> Array:
    """`(n,)` float32: arrays of any shapes, one after the other."""
    return jnp.concatenate([part.reshape(-1).astype(jnp.float32) for part in parts])


def numbers(game: str, option: str, text: str, count: int) -> np.ndarray:
    """`(count,)` float32: the numbers of an option, which is text so that a game is hashable.

    Raises:
        UserError: they are not numbers, or not as many.
    """
    values = [parse_float(part) for part in text.split(";")]
    if len(values) != count or not all(value is not None and abs(value) <= GREATEST for value in values):
        raise UserError(f"{game}: {option}={quoted(text)}; allowed: {count} numbers with ; between them")
    return np.array(values, np.float32)
