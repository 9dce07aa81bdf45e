"""The two sides of a match that two sets of parameters play."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.evaluator import Evaluate, Params, Prediction
from jaxplay.game import Game, scalar_value, value_scale
from jaxplay.search import Search
from jaxplay.selfplay.record import Found, read

Find = Callable[[Params, Params, Array, Any], Found]
"""`params of the learner, of the opponents, key, states (M, ...) -> Found`: what searches find.

The learner is to move in the first half of the states, opponents in the second, each in order of the lanes.
"""


def sides_of(game: Game[Any]) -> np.ndarray:
    """`(P,)` int32: the side, 0 or 1, of each player: its team, or in games without teams itself.

    Raises:
        UserError: the game has not two sides.
    """
    teams = np.asarray(game.teams or range(game.num_players), np.int32)
    if sorted(set(teams.tolist())) != [0, 1]:
        raise UserError(f"{game} has not two sides; lanes are for games of two players or two teams")
    return teams


def side_returns(game: Game[Any], earned: Array) -> Array:
    """`(M, 2)`: what each side earned, in the game's own scale; of teams the mean of their players."""
    earned = earned * value_scale(game)
    if scalar_value(game):
        return jnp.concatenate([earned, -earned], axis=-1)
    member = np.asarray(sides_of(game))[:, None] == np.arange(2)
    return earned @ jnp.asarray(member / member.sum(0), jnp.float32)


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


def by_halves(first: Evaluate, second: Evaluate, batch: int) -> Evaluate:
    """Two evaluators as one, whose parameters are a pair.

    Args:
        first: of the first half of the positions.
        second: of the rest.
        batch: positions of a search, an even number; it may ask for a multiple, batch by batch.
    """

    def evaluate(params: Params, key: Array, states: Any) -> Prediction:
        def part(number: int) -> Any:
            def pick(leaf: Array) -> Array:
                return leaf.reshape(-1, 2, batch // 2, *leaf.shape[1:])[:, number].reshape(
                    -1, *leaf.shape[1:]
                )

            return jax.tree.map(pick, states)

        def join(*parts: Array) -> Array:
            rows = [leaf.reshape(-1, batch // 2, *leaf.shape[1:]) for leaf in parts]
            return jnp.stack(rows, axis=1).reshape(-1, *rows[0].shape[2:])

        found = first(params[0], key, part(0)), second(params[1], key, part(1))
        return jax.tree.map(join, *found)

    return evaluate


def together(search: Search) -> Find:
    """One search for both sides. Its evaluator takes a pair of parameters, see `by_halves`."""

    def find(params: Params, others: Params, key: Array, states: Any) -> Found:
        return read(search((params, others), key, states), keep_tree=False)

    return find


def apart(own: Search, theirs: Search, *, models_opponent: bool = False) -> Find:
    """A search for each side.

    Args:
        own: the learner's.
        theirs: the opponents', by their stacked parameters.
        models_opponent: the learner's parameters are `jaxplay.search.SearchParams`, which get the opponents'.
    """

    def find(params: Params, others: Params, key: Array, states: Any) -> Found:
        half = states.terminated.shape[0] // 2
        key_own, key_theirs = jax.random.split(key)
        if models_opponent:
            params = params._replace(opponent=others)
        mine = own(params, key_own, jax.tree.map(lambda leaf: leaf[:half], states))
        other = theirs(others, key_theirs, jax.tree.map(lambda leaf: leaf[half:], states))
        if mine.opponent_value is not None and mine.opponent_known is not None:
            other = other._replace(
                opponent_value=jnp.zeros_like(mine.opponent_value),
                opponent_known=jnp.zeros_like(mine.opponent_known),
            )
        found = read(mine, keep_tree=False), read(other, keep_tree=False)
        return jax.tree.map(lambda a, b: jnp.concatenate([a, b]), *found)

    return find
