"""Every history of a small game: positions are not merged, however alike they are."""

import functools
from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import Game, num_edges, strip

MAX_HISTORIES = 20_000
"""A game with more is not enumerated."""
MOVES_AT_ONCE = 4096
"""Moves that are computed in one call."""


class Tree(NamedTuple):
    """H histories, parents before children; number 0 is the empty one.

    Attributes:
        states: `(H, ...)` NumPy leaves: the positions that they lead to.
        parent: `(H,)` int32: the history without the last move, -1 for the empty one.
        action: `(H,)` int32: the last move, -1 for the empty one.
    """

    states: Any
    parent: np.ndarray
    action: np.ndarray

    def moves(self, number: int) -> list[int]:
        """The moves of a history."""
        path: list[int] = []
        while self.parent[number] >= 0:
            path.insert(0, int(self.action[number]))
            number = int(self.parent[number])
        return path


def histories(game: Game[Any], *, seed: int = 0, max_histories: int = MAX_HISTORIES) -> Tree | None:
    """All histories from `init(jax.random.key(seed))` on; None if there are too many."""
    layer = jax.tree.map(lambda x: np.asarray(x)[None], jax.jit(game.init)(jax.random.key(seed)))
    layers, parents, actions = [layer], [np.array([-1])], [np.array([-1])]
    below, total = 0, 1
    while total <= max_histories:
        parts = list(_children(game, layer))
        if not parts:
            states = jax.tree.map(lambda *x: np.concatenate(x), *layers)
            return Tree(states, *(np.concatenate(x).astype(np.int32) for x in (parents, actions)))
        parents += [below + parent for parent, _, _ in parts]
        actions += [action for _, action, _ in parts]
        below += len(layer.terminated)
        layer = jax.tree.map(lambda *x: np.concatenate(x), *(states for _, _, states in parts))
        layers.append(layer)
        total += len(layer.terminated)
    return None


def _children(game: Game[Any], layer: Any) -> Iterator[tuple[np.ndarray, np.ndarray, Any]]:
    """Place of the parent in its layer, action and position of every child, a batch at a time."""
    batch = max(1, MOVES_AT_ONCE // num_edges(game))
    for start in range(0, len(layer.terminated), batch):
        place = np.arange(start, start + batch)
        inside = np.minimum(place, len(layer.terminated) - 1)
        states = jax.tree.map(lambda x, inside=inside: x[inside], layer)
        edges = states.legal_action_mask & ((place == inside) & ~states.terminated)[:, None]
        if edges.any():
            children = jax.device_get(_expand(game, strip(states)))
            parent, action = np.nonzero(edges)
            yield start + parent, action, jax.tree.map(lambda x, edges=edges: x[edges], children)


@functools.partial(jax.jit, static_argnums=0)
def _expand(game: Game[Any], states: Any) -> Any:
    """What every action makes of `states` `(B, ...)`: `(B, E, ...)`."""
    actions: Array = jnp.arange(num_edges(game), dtype=jnp.int32)
    return jax.vmap(jax.vmap(game.step, (None, 0)), (0, None))(states, actions)
