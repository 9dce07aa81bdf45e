"""A player asked about any number of positions, in batches of one size: compiled once."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax import Array

from jaxplay.arena.entrants import Player
from jaxplay.rollout.seats import program

Choose = Callable[[Array, Any], np.ndarray]
"""`key, states (N, ...) -> actions (N,) int32`, on the host."""


def in_batches(player: Player, size: int) -> Choose:
    """Ask `player` about `size` positions at a time; the last batch is filled up with copies.

    The program is the one that the arena runs ply by ply, for as many games as it has entrants times `size`.
    """
    act = program(player.act)

    def choose(key: Array, states: Any) -> np.ndarray:
        states = jax.device_get(states)
        count, parts = states.terminated.shape[0], []
        for start in range(0, count, size):
            rows = np.minimum(np.arange(start, start + size), count - 1)
            part = jax.tree.map(lambda x, rows=rows: x[rows], states)
            parts.append(np.asarray(act(player.params, jax.random.fold_in(key, start), part)))
        return np.concatenate(parts)[:count]

    return choose
