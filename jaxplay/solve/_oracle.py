"""A solution on the device: a player that never errs, and an exact evaluator."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import random_action, scalar_value, value_scale
from jaxplay.solve._exact import Solution
from jaxplay.solve.table import Table
from jaxplay.struct import pytree


@pytree
class Oracle:
    """A solution of S positions: the parameters of `solver_act` and `exact`.

    Attributes:
        table: the table that finds positions.
        moves: `(S, A)` bool, the actions to choose from.
        action_values: `(S, A)` float32, for the mover, divided by `value_scale`; -inf for illegal actions.
        values: `(S,)` or `(S, P)` float32, as a network predicts them (one number for the mover, or all in
            order of turn from the mover), divided by `value_scale`.
    """

    table: Table
    moves: Array
    action_values: Array
    values: Array


class Exact(NamedTuple):
    """A prediction that is exact, with the fields of `jaxplay.Prediction` that searches read.

    Attributes:
        logits: `(B, A)` float32, equal for the best moves and far below for all others.
        value: `(B,)` or `(B, P)` float32, see `Oracle`.
        outcome: None; the probabilities of wins and draws are not predicted.
    """

    logits: Array
    value: Array
    outcome: None = None


def oracle(solution: Solution, *, fastest: bool = False) -> Oracle:
    """Put a solution on the device.

    Args:
        solution: the solution of the game that is to be played.
        fastest: whether to take, of equally good moves, only those that win soonest or lose latest.
    """
    game = solution.graph.game
    turn = (solution.graph.player[:, None] + np.arange(game.num_players)) % game.num_players
    values = np.take_along_axis(solution.values, turn, axis=1) / value_scale(game)
    return Oracle(
        table=solution.graph.table,
        moves=jnp.asarray(solution.fastest if fastest else solution.optimal),
        action_values=jnp.asarray(solution.action_values / value_scale(game), jnp.float32),
        values=jnp.asarray(values[:, 0] if scalar_value(game) else values, jnp.float32),
    )


def solver_act(params: Oracle, key: Array, states: Any) -> Array:
    """`(B,)` int32: one of the best moves at random, in the form of an arena's player.

    For a state that the solution does not hold it is a random legal move.
    """
    number = params.table.index(states)
    legal = states.legal_action_mask[:, : params.moves.shape[1]]
    moves = jnp.where((number >= 0)[:, None], params.moves[number], legal)
    return jax.vmap(random_action)(moves, jax.random.split(key, number.shape[0]))


def exact(params: Oracle, key: Array, states: Any) -> Exact:
    """Logits and values of states that the solution holds; those of other states are meaningless."""
    number = params.table.index(states)
    return Exact(jnp.where(params.moves[number], 0.0, -1e9), params.values[number])
