"""A low estimate of the number of positions of a game, from random play, in seconds."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import Game, random_action
from jaxplay.solve.table import hashed, joined

NUM_LINES = 1024
"""The number of random games. They make half a million pairs, enough to tell 100,000 positions at one depth
from a million."""


def estimate_num_states(
    game: Game[Any], key: Array, *, num_lines: int = NUM_LINES, stop: float
) -> tuple[float, int]:
    """A low estimate of the number of positions, by the coincidences of random games.

    If K random games are in N equally likely positions, K (K - 1) / 2N of their pairs coincide. Where
    positions are not equally likely more do, so that N comes out too low. Depths are added up; a
    position that occurs at several counts at each.

    Args:
        game: the game; its chance outcomes are sampled as if they were equally likely.
        key: the random key of the games.
        num_lines: K, the number of random games.
        stop: the estimation ends once the estimate is this large.

    Returns:
        The estimate, and the plies (moves and chance outcomes) that it covers.
    """
    states = _start(game, num_lines, key)
    total, plies, live = 1.0, 0, np.ones(num_lines, bool)
    while live.any() and total < stop:
        states, hashes, terminated = _ply(game, states, jax.random.fold_in(key, plies))
        _, count = np.unique(joined(np.asarray(hashes))[live], return_counts=True)
        pairs, same = live.sum() * (live.sum() - 1) / 2, (count * (count - 1) / 2).sum()
        total += max(len(count), float(pairs / max(same, 1)))
        live, plies = live & ~np.asarray(terminated), plies + 1
    return total, plies


@partial(jax.jit, static_argnums=(0, 1))
def _start(game: Game[Any], num_lines: int, key: Array) -> Any:
    return jax.tree.map(lambda x: jnp.repeat(x[None], num_lines, axis=0), game.init(key))


@partial(jax.jit, static_argnums=0)
def _ply(game: Game[Any], states: Any, key: Array) -> tuple[Any, Array, Array]:
    """A random move in each state; the moves of states that are over do not matter."""
    keys = jax.random.split(key, states.terminated.shape[0])
    moves = jax.vmap(random_action)(states.legal_action_mask, keys)
    states = jax.vmap(game.step)(states, moves)
    return states, hashed(states), states.terminated


def estimate_num_histories(game: Game[Any], key: Array, *, num_lines: int = NUM_LINES) -> float:
    """An estimate of the number of histories, complete games included, without bias.

    A random game of branchings b1, b2, ... counts 1 + b1 + b1 b2 + ... histories (Knuth, Estimating the
    efficiency of backtrack programs, 1975); the mean over random games is the number, on average.

    Args:
        game: the game; its chance outcomes are sampled as if they were equally likely.
        key: the random key of the games.
        num_lines: the number of random games.
    """
    states = _start(game, num_lines, key)
    weight, total, ply = np.ones(num_lines), 1.0, 0
    while weight.any() and np.isfinite(total):
        live = ~np.asarray(states.terminated)
        weight = np.where(live, weight * np.asarray(states.legal_action_mask).sum(axis=1), 0.0)
        total += float(weight.mean())
        states, _, _ = _ply(game, states, jax.random.fold_in(key, ply))
        ply += 1
    return total
