"""The two sides of a match that two sets of parameters play, and evaluators for both."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.evaluator import Evaluate, Params, Prediction
from jaxplay.game import Game, scalar_value, value_scale


def side_of_seats(game: Game[Any]) -> np.ndarray:
    """`(P,)` int32: the side of each seat, numbered from 0: its team, or itself in a game without teams."""
    return np.unique(game.teams or range(game.num_players), return_inverse=True)[1].astype(np.int32)


def sides_of(game: Game[Any]) -> np.ndarray:
    """`(P,)` int32: the side, 0 or 1, of each player: its team, or in games without teams itself.

    Raises:
        UserError: the game has not two sides.
    """
    sides = side_of_seats(game)
    if sides.max() != 1:
        raise UserError(f"{game} has not two sides; lanes are for games of two players or two teams")
    return sides


def side_returns(game: Game[Any], returns: Array) -> Array:
    """`(M, 2)`: what each side earned, in the game's own scale; of teams the mean of their players.

    Args:
        game: of two sides.
        returns: `(M, V)` float32, fixed frame.
    """
    returns = returns * value_scale(game)
    if scalar_value(game):
        return jnp.concatenate([returns, -returns], axis=-1)
    member = np.asarray(sides_of(game))[:, None] == np.arange(2)
    return returns @ jnp.asarray(member / member.sum(0), jnp.float32)


def lanewise(evaluate: Evaluate, num_lanes: int, batch: int, *, loop: bool = False) -> Evaluate:
    """`evaluate` with parameters of their own for each lane, stacked.

    Args:
        evaluate: of one set of parameters.
        num_lanes: K.
        batch: positions of a search, in order of the lanes; it may ask for a multiple, batch by batch.
        loop: one lane after the other instead of all at once: for convolutions on CPU, where a batch of
            networks took 3.6 times as long.
    """

    def evaluate_lanes(params: Params, key: Array, states: Any) -> Prediction:
        def split(leaf: Array) -> Array:
            parts = leaf.reshape(-1, num_lanes, batch // num_lanes, *leaf.shape[1:])
            return jnp.moveaxis(parts, 1, 0).reshape(num_lanes, -1, *leaf.shape[1:])

        def join(leaf: Array) -> Array:
            parts = leaf.reshape(num_lanes, -1, batch // num_lanes, *leaf.shape[2:])
            return jnp.moveaxis(parts, 0, 1).reshape(-1, *leaf.shape[2:])

        lanes = jax.tree.map(split, states)
        if loop:
            found = jax.lax.map(lambda one: evaluate(one[0], key, one[1]), (params, lanes))
        else:
            found = jax.vmap(evaluate, (0, None, 0))(params, key, lanes)
        return jax.tree.map(join, found)

    return evaluate_lanes


def by_halves(own: Evaluate, others: Evaluate, batch: int, num_own: int | None = None) -> Evaluate:
    """Two evaluators as one, whose parameters are a `jaxplay.rollout.Roster`.

    Args:
        own: of the first positions, by `Roster.own`.
        others: of the rest, by `Roster.others`.
        batch: positions of a search; it may ask for a multiple, batch by batch.
        num_own: how many of a batch come first; None: half of it.
    """
    first = batch // 2 if num_own is None else num_own

    def evaluate(params: Params, key: Array, states: Any) -> Prediction:
        def part(places: slice) -> Any:
            def pick(leaf: Array) -> Array:
                rows = leaf.reshape(-1, batch, *leaf.shape[1:])
                return rows[:, places].reshape(-1, *leaf.shape[1:])

            return jax.tree.map(pick, states)

        def join(mine: Array, other: Array) -> Array:
            shape = mine.shape[1:]
            rows = mine.reshape(-1, first, *shape), other.reshape(-1, batch - first, *shape)
            return jnp.concatenate(rows, axis=1).reshape(-1, *shape)

        mine = own(params.own, key, part(slice(first)))
        other = others(params.others, key, part(slice(first, None)))
        return jax.tree.map(join, mine, other)

    return evaluate
