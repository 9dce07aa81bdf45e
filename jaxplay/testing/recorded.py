"""Histories of a game, and what every player observes at their ends."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxplay.game import Game, strip
from jaxplay.testing.play import Move, replay_call

BATCH = 4096
"""Positions that are observed in one call."""


class Recorded(NamedTuple):
    """N histories, parents before children.

    Attributes:
        states: `(N, ...)` NumPy leaves: the positions that they lead to.
        parent: `(N,)` int32: the history without its last move, -1 for an empty one.
        action: `(N,)` int32: the last move.
        call: how to replay a history, as text.
    """

    states: Any
    parent: np.ndarray
    action: np.ndarray
    call: Callable[[int], str]


def played(game: Game[Any], moves: Move) -> Recorded:
    """The random games as histories, one game after the other."""
    steps, lanes = moves.action.shape
    states, age, seed, action = (
        jax.tree.map(lambda x: np.moveaxis(x, 0, 1).reshape(-1, *x.shape[2:]), leaf)
        for leaf in (moves.lane.state, moves.lane.age, moves.lane.seed, moves.action)
    )
    before = np.arange(steps * lanes) - 1

    def call(number: int) -> str:
        return replay_call(game, int(seed[number]), action[number - age[number] : number].tolist())

    return Recorded(states, np.where(age > 0, before, -1), action[before], call)


def observations(game: Game[Any], states: Any) -> np.ndarray:
    """`(N, P, ...)`: what every player observes, a batch of fixed size at a time."""
    total, parts = len(states.terminated), []
    for start in range(0, total, BATCH):
        place = np.minimum(np.arange(start, start + BATCH), total - 1)
        parts.append(np.asarray(_observe(game, strip(jax.tree.map(lambda x, i=place: x[i], states)))))
    return np.concatenate(parts)[:total]


@functools.partial(jax.jit, static_argnums=0)
def _observe(game: Game[Any], states: Any) -> Any:
    players = jnp.arange(game.num_players, dtype=jnp.int32)
    return jax.vmap(jax.vmap(game.observe, (None, 0)), (0, None))(states, players)
