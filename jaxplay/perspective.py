"""Frames of value: the fixed frame that trees and replay add up in, and the mover's own view.

The *frame* of a position's value has V numbers: player 0's alone (V = 1) where one number values a
position (`scalar_value`), else one per player id (V = P). It does not depend on who is to move, so that
double moves and chance need no care when values are added up. The *view* of the player to move is what
networks predict: one number, or P numbers in order of turn from the mover. All are divided by
`value_scale`.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.game import Game, scalar_value, value_scale


def num_values(game: Game[Any]) -> int:
    """V: how many numbers the fixed frame has."""
    return 1 if scalar_value(game) else game.num_players


def frame_of_rewards(game: Game[Any], rewards: Array) -> Array:
    """`(..., V)` float32: rewards by player id `(..., P)` in the fixed frame."""
    return rewards[..., : num_values(game)].astype(jnp.float32) / value_scale(game)


def perspective(game: Game[Any], player: Array) -> Array:
    """`(..., V)` float32 weights: their product with a frame is the value for `player` `(...)`."""
    if scalar_value(game):
        return jnp.where(player == 1, -1.0, 1.0).astype(jnp.float32)[..., None]
    return jax.nn.one_hot(player, game.num_players, dtype=jnp.float32)


def frame_of_view(game: Game[Any], view: Array, player: Array) -> Array:
    """`(..., V)`: the mover's view, `(...)` or `(..., P)`, in the fixed frame."""
    if scalar_value(game):
        return view[..., None] * perspective(game, player)
    return jnp.take_along_axis(view, _turn(game, -player), axis=-1)


def view_of_frame(game: Game[Any], frame: Array, player: Array) -> Array:
    """`(...)` or `(..., P)`: the frame `(..., V)` as the view of `player` `(...)`."""
    if scalar_value(game):
        return (frame * perspective(game, player))[..., 0]
    return jnp.take_along_axis(frame, _turn(game, player), axis=-1)


def _turn(game: Game[Any], shift: Array) -> Array:
    turns = jnp.arange(game.num_players).reshape(*[1] * shift.ndim, -1)
    return (turns + shift[..., None]) % game.num_players
