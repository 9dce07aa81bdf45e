"""A central critic: what each action is worth to each player, by one who sees the whole state.

Advantages of actions by their values have no noise of what happens afterwards (Fan and Farina 2026, arXiv
2605.19235). The critic is used in training only, where nothing need be hidden from it.
"""

import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Params, sizes
from jaxplay.game import Game
from jaxplay.perspective import num_values
from jaxplay.rollout import Trajectory


class CriticBatch(NamedTuple):
    """Moves of all players to learn from; leaves `(N, ...)`.

    Attributes:
        features: `(N, F)` float32.
        action: `(N,)` int32.
        target: `(N, V)` float32, fixed frame.
        weight: `(N,)` float32; 0 where no sequel is known.
    """

    features: Array
    action: Array
    target: Array
    weight: Array


def features_of(game: Game[Any], states: Any, player: Array) -> Array:
    """`(N, F)` float32: what all players see of states `(N, ...)`, side by side, and who is to move."""

    def see(state: Any) -> Array:
        views = [game.observe(state, jnp.int32(seat)) for seat in range(game.num_players)]
        return jnp.concatenate([view.astype(jnp.float32).reshape(-1) for view in views])

    seat = jax.nn.one_hot(player, game.num_players, dtype=jnp.float32)
    return jnp.concatenate([jax.vmap(see)(states), seat], axis=-1)


def init_critic(game: Game[Any], width: int, key: Array) -> Params:
    """Parameters of two layers of `width` units and a last one of zeros."""
    inputs = game.num_players * (math.prod(sizes(game).observation) + 1)
    keys, initial = jax.random.split(key), jax.nn.initializers.he_normal()
    outputs = game.num_actions * num_values(game)
    return {
        "first": (initial(keys[0], (inputs, width)), jnp.zeros((width,))),
        "second": (initial(keys[1], (width, width)), jnp.zeros((width,))),
        "last": (jnp.zeros((width, outputs)), jnp.zeros((outputs,))),
    }


def action_values(game: Game[Any], params: Params, features: Array) -> Array:
    """`(N, A, V)`: what each action is worth, fixed frame, scaled; `features` are `(N, F)`."""
    x = features
    for name in ("first", "second"):
        x = jax.nn.relu(x @ params[name][0] + params[name][1][None])
    values = x @ params["last"][0] + params["last"][1][None]
    return values.reshape(*features.shape[:-1], game.num_actions, num_values(game))


def critic_loss(game: Game[Any], params: Params, batch: CriticBatch) -> Array:
    """`()`: squared error of the actions that were made, averaged over players."""
    values = action_values(game, params, batch.features)
    taken = jnp.take_along_axis(values, batch.action[:, None, None], axis=1)[:, 0]
    error = ((taken - batch.target) ** 2).mean(-1)
    return (error * batch.weight).sum() / jnp.maximum(batch.weight.sum(), 1.0)


def expected_sarsa(
    made: Trajectory,
    moved: Array,
    taken: Array,
    expected: Array,
    *,
    decay: float,
    discount: float,
    ratio: Array | None = None,
) -> tuple[Array, Array]:
    """Targets of actions' values by Expected SARSA(lambda), over the moves of all players.

    `G = r + discount (V' + lambda c (G' - Q'))`, V' what is expected of the next position, Q' what of the
    move that was made there, G' its own target, c the least of 1 and its `ratio`.

    Args:
        made: trajectory `(T, M, ...)`.
        moved: `(T, M)` bool, where somebody moved.
        taken: `(T, M, V)`, the critic's values of the moves that were made.
        expected: `(T, M, V)`, its values of the positions by the policies that played.
        decay: of traces, lambda.
        discount: from one move to the next.
        ratio: `(T, M)` float32; None: all 1.

    Returns:
        Targets `(T, M, V)`, and `(T, M)` bool, where a sequel is known.
    """
    heed = jnp.ones(moved.shape) if ratio is None else jnp.minimum(ratio, 1.0)

    def back(later: tuple[Array, Array], row: Any) -> Any:
        reward, over, cut, here, value, mean, trust = row
        ended = over | cut
        known = jnp.where(ended, over, later[0])
        target = reward + discount * jnp.where(ended[:, None], 0.0, later[1])
        follow = mean + decay * trust[:, None] * jnp.where(known[:, None], target - value, 0.0)
        return (known | here, jnp.where(here[:, None], follow, later[1])), (target, known & here)

    start = jnp.zeros_like(moved[0]), jnp.zeros_like(taken[0])
    rows = (made.rewards, made.terminated, made.truncated, moved, taken, expected, heed)
    return jax.lax.scan(back, start, rows, reverse=True)[1]
