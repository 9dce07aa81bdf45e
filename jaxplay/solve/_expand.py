"""Histories one move longer, many at once: what enumeration computes on the device."""

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import CHANCE, Game, num_edges
from jaxplay.solve.table import hash_words, words_of

SIZES = 2**8, 2**14
"""The numbers of moves in one call, so that two programs serve for every level of every game."""


class Facts(NamedTuple):
    """What is known of n histories.

    Attributes:
        player: `(n,)` int32, who moves, or `CHANCE`.
        terminated: `(n,)` bool.
        rewards: `(n, P)` float32, what the last move earned.
        legal: `(n, E)` bool, the moves that go on: at a chance node the outcomes that can happen.
        probs: `(n, E)` float32, the probabilities of outcomes at chance nodes, else 0.
        seen: `(n, 2)` uint32, a hash of what the mover observes, and of who it is.
    """

    player: Any
    terminated: Any
    rewards: Any
    legal: Any
    probs: Any
    seen: Any


@partial(jax.jit, static_argnums=0)
def first(game: Game[Any]) -> tuple[Any, Facts]:
    """The history without moves, `(1, ...)`."""
    states = jax.tree.map(lambda x: x[None], game.init(jax.random.key(0)))
    return states, _facts(game, states)


def children(game: Game[Any], states: Any, parent: np.ndarray, edge: np.ndarray) -> tuple[Any, Facts]:
    """The histories that go on from `states[parent]`, `(n,)`, by the moves `edge`, `(n,)`, on the host."""
    parts = []
    for place, real in chunks(len(parent)):
        before = jax.tree.map(lambda x, i=place: x[parent[i]], states)
        after = jax.device_get(_children(game, before, edge[place]))
        parts.append(jax.tree.map(lambda x, n=real: x[:n], after))
    return jax.tree.map(lambda *x: np.concatenate(x), *parts)


def chunks(total: int) -> Iterator[tuple[np.ndarray, int]]:
    """Places of `total` items in chunks of the sizes above, and how many of each are not repetitions."""
    start = 0
    while start < total:
        left = total - start
        size = SIZES[0] if left <= SIZES[0] else SIZES[1]
        yield np.minimum(np.arange(start, start + size), total - 1), min(size, left)
        start += size


@partial(jax.jit, static_argnums=0)
def _children(game: Game[Any], states: Any, edge: Array) -> tuple[Any, Facts]:
    after = jax.vmap(game.step)(states, edge)
    return after, _facts(game, after)


def _facts(game: Game[Any], states: Any) -> Facts:
    waiting = (states.current_player == CHANCE) & ~states.terminated
    probs = jnp.zeros(states.legal_action_mask.shape, jnp.float32)
    if game.num_chance_outcomes > 0:
        given = jax.vmap(game.chance_probs)(states)
        given = jnp.pad(given, ((0, 0), (0, num_edges(game) - game.num_chance_outcomes)))
        probs = jnp.where(waiting[:, None], given, 0.0)
    follows = jnp.where(waiting[:, None], probs > 0.0, states.legal_action_mask)
    return Facts(
        player=states.current_player,
        terminated=states.terminated,
        rewards=states.rewards,
        legal=follows & ~states.terminated[:, None],
        probs=probs,
        seen=seen(game, states),
    )


def seen(game: Game[Any], states: Any) -> Array:
    """`(n, 2)` uint32, a hash: the same for histories between which the player to move cannot tell."""
    views = jax.vmap(game.observe)(states)
    player = states.current_player.astype(jnp.uint32)[:, None]
    return hash_words(jnp.concatenate([*map(words_of, jax.tree.leaves(views)), player], axis=1))
