"""Games of 2048 that an agent plays alone, to the end: the boards that it leaves."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.agent import Agent
from jaxplay.rollout.episode import advance_all, begin, select

TILE = 2048
LOOK = 64
"""Moves between two looks at whether all games are over."""


class Boards(NamedTuple):
    """How games ended.

    Attributes:
        tiles: `(N,)` int, the greatest tile of each.
        scores: `(N,)` float, what each scored.
    """

    tiles: np.ndarray
    scores: np.ndarray


def final_boards(agent: Agent, num_games: int, key: Array) -> Boards:
    """Play games of 2048, all at once.

    Args:
        agent: that plays 2048.
        num_games: N.
        key: of tiles and moves.
    """
    game, player = agent.game, agent.player()
    key_begin, key_play = jax.random.split(key)

    @jax.jit
    def moves(carry: tuple[Array, Any, Array]) -> tuple[Array, Any, Array]:
        def ply(_: Array, carry: tuple[Array, Any, Array]) -> tuple[Array, Any, Array]:
            key, states, scores = carry
            key, key_act, key_chance = jax.random.split(key, 3)
            actions = player.act(player.params, key_act, states)
            after = advance_all(game, states, actions, key_chance)
            gained = jnp.where(states.terminated, 0.0, after.rewards[:, 0])
            return key, jax.vmap(select)(~states.terminated, after, states), scores + gained

        return jax.lax.fori_loop(0, LOOK, ply, carry)

    states = jax.vmap(lambda key: begin(game, key))(jax.random.split(key_begin, num_games))
    carry = key_play, states, jnp.zeros(num_games)
    while not carry[1].terminated.all():
        carry = moves(carry)
    tiles = 2 ** np.asarray(carry[1].tiles).reshape(num_games, -1).max(axis=1).astype(int)
    return Boards(tiles, np.asarray(carry[2]))
