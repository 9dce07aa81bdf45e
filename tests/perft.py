"""Counting the lines of play, which tables of known counts are for."""

import functools
import operator
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np

from jaxplay.game import Game

CHUNK = 4096
"""Positions that step at once, so that one program does for all depths."""


def perft(game: Game[Any], depth: int) -> list[int]:
    """The number of move sequences of length 1 to `depth` from the first position."""
    states = jax.tree.map(lambda x: np.asarray(x)[None], game.init(jax.random.key(0)))
    counts = []
    for _ in range(depth):
        parents, states = children(game, states)
        counts.append(len(parents))
    return counts


def children(game: Game[Any], states: Any) -> tuple[np.ndarray, Any]:
    """Every legal action of every live state: the number of that state, and the state after it."""
    parents, actions = np.nonzero(states.legal_action_mask & ~states.terminated[:, None])
    after = list(_chunks(_compiled(game), states, parents, actions.astype(np.int32)))
    return parents, jax.tree.map(lambda *parts: np.concatenate(parts), *after)


@functools.cache
def _compiled(game: Game[Any]) -> Callable[[Any, Any], Any]:
    return jax.jit(jax.vmap(game.step))


def _chunks(step: Any, states: Any, parents: np.ndarray, actions: np.ndarray) -> Iterator[Any]:
    """The children of `parents`, some at a time."""
    for start in range(0, len(parents), CHUNK):
        count = min(CHUNK, len(parents) - start)
        rows = np.resize(parents[start : start + count], CHUNK)
        before = jax.tree.map(operator.itemgetter(rows), states)
        after = step(before, np.resize(actions[start : start + count], CHUNK))
        yield jax.tree.map(operator.itemgetter(slice(count)), jax.device_get(after))
