"""Enumerate a game: layer by layer, all moves of many positions at once, merging equal positions."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import CHANCE, Game, num_edges
from jaxplay.solve.estimate import estimate_num_states
from jaxplay.solve.graph import Graph
from jaxplay.solve.table import hashed, joined, words

MAX_STATES = 1_000_000
"""The default limit of positions."""
EDGES_AT_ONCE = 2**14
"""The number of moves that are computed in one call."""
MARGIN = 2
"""A game is refused before it is enumerated where the estimate is this many times the limit or more; the
estimate errs by less."""

Follow = Callable[[Any, Any], Array]
"""`(params, states (B, ...)) -> (B, E) bool`: the legal moves to follow; called once for each position."""


def reachable(
    game: Game[Any], *, max_states: int = MAX_STATES, follow: Follow | None = None, params: Any = None
) -> Graph:
    """Enumerate the positions of a game from its first state.

    Args:
        game: a game of perfect information, with or without chance.
        max_states: the largest number of positions to keep.
        follow: chooses the moves that are followed; by default all legal moves are.
        params: the parameters that `follow` is called with.

    Raises:
        UserError: the game hides information, or has too many positions.
    """
    if not game.perfect_information:
        raise UserError("this game hides information; only games of perfect information are enumerated")
    if follow is None:
        _refuse_large(game, max_states)
    found = _Enumeration(max_states)
    layer = found.add_first(_first(game))
    batch = max(1, EDGES_AT_ONCE // num_edges(game))
    while len(layer.terminated):
        parts = [found.add(_expand(game, follow, params, *part), part) for part in _batches(layer, batch)]
        layer = jax.tree.map(lambda *x: np.concatenate(x), *parts)
    return found.graph(game)


def _refuse_large(game: Game[Any], max_states: int) -> None:
    estimate, plies = estimate_num_states(game, jax.random.key(0), stop=MARGIN * max_states)
    if estimate >= MARGIN * max_states:
        raise UserError(
            f"this game has too many states: at least about {estimate:.0e} within {plies} plies,"
            f" allowed: {max_states} (max_states)"
        )


class _Batch(NamedTuple):
    """Positions to expand, padded to a fixed size."""

    states: Any
    valid: np.ndarray
    """`(B,)` bool: the first ones."""


def _batches(states: Any, size: int) -> Iterator[_Batch]:
    total = len(states.terminated)
    for start in range(0, total, size):
        place = np.arange(start, start + size)
        yield _Batch(jax.tree.map(lambda x, i=place: x[np.minimum(i, total - 1)], states), place < total)


class _Edges(NamedTuple):
    """What `_expand` computes for a batch of positions."""

    follow: Array
    """`(B, E)` bool: the moves that are followed."""
    rewards: Array
    """`(B, E, P)`."""
    children: Any
    """`(B, E, ...)` states."""
    hashes: Array
    """`(B, E, 2)` uint32."""
    words: Array
    """`(B, E, W)` uint32."""


@partial(jax.jit, static_argnums=0)
def _first(game: Game[Any]) -> tuple[Any, Array, Array]:
    """The first state, its hash and its words, each a batch of one."""
    states = jax.tree.map(lambda x: x[None], game.init(jax.random.key(0)))
    return states, hashed(states), words(states)


@partial(jax.jit, static_argnums=(0, 1))
def _expand(game: Game[Any], follow: Follow | None, params: Any, states: Any, valid: Array) -> _Edges:
    """All moves of `states`, `(B, ...)`, where `valid`, `(B,)` bool."""
    moves = jnp.arange(num_edges(game), dtype=jnp.int32)
    edges = states.legal_action_mask & (valid & ~states.terminated)[:, None]
    if follow is not None:
        edges &= follow(params, states)
    children = jax.vmap(jax.vmap(game.step, (None, 0)), (0, None))(states, moves)
    rewards = jnp.where(edges[..., None], children.rewards, 0.0)
    flat = jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), children)
    return _Edges(edges, rewards, children, *(f(flat).reshape(*edges.shape, -1) for f in (hashed, words)))


class _Enumeration:
    """The positions that were found so far, merged by their exact words."""

    def __init__(self, max_states: int) -> None:
        self.max_states = max_states
        self.number: dict[bytes, int] = {}
        self.states: list[Any] = []
        self.hashes: list[np.ndarray] = []
        self.child: list[np.ndarray] = []
        self.rewards: list[np.ndarray] = []

    def add_first(self, first: tuple[Any, Array, Array]) -> Any:
        """Number the first state 0 and return it as the first layer."""
        states, hashes, word = jax.device_get(first)
        self._merge(states, joined(hashes), word)
        return states

    def add(self, edges: _Edges, batch: _Batch) -> Any:
        """Add the moves of a batch of positions, and return the positions that are new."""
        on_host: Any = jax.tree.map(lambda x: x[batch.valid], jax.device_get(edges))
        follow, rewards, children, hashes, word = on_host
        child = np.full(follow.shape, -1, np.int32)
        child[follow] = self._merge(
            jax.tree.map(lambda x: x[follow], children), joined(hashes[follow]), word[follow]
        )
        self.child.append(child)
        self.rewards.append(rewards)
        return self.states[-1]

    def _merge(self, states: Any, hashes: np.ndarray, word: np.ndarray) -> np.ndarray:
        """Numbers `(n,)` of `states`; the new ones among them are kept."""
        unique, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
        if (word[first[inverse]] != word).any():
            raise RuntimeError("two positions have the same 64-bit hash")
        known = len(self.number)
        number = np.array([self.number.setdefault(word[i].tobytes(), len(self.number)) for i in first], int)
        if len(self.number) > self.max_states:
            raise UserError(f"this game has more than {self.max_states} states (max_states)")
        new = first[number >= known]
        self.states.append(jax.tree.map(lambda x: x[new], states))
        self.hashes.append(unique[number >= known])
        return number[inverse]

    def graph(self, game: Game[Any]) -> Graph:
        """The graph, once every position has been expanded."""
        states = jax.tree.map(lambda *x: np.concatenate(x), *self.states)
        child, rewards, hashes = map(np.concatenate, (self.child, self.rewards, self.hashes))
        if len(np.unique(hashes)) < len(hashes):
            raise RuntimeError("two positions have the same 64-bit hash")
        return Graph(game, states, child, rewards, _chance(game, states), hashes)


def _chance(game: Game[Any], states: Any) -> np.ndarray | None:
    """The probabilities of outcomes, `(S, E)` float32, zero except at chance nodes; None without chance."""
    if game.num_chance_outcomes == 0:
        return None
    probs = np.asarray(jax.jit(jax.vmap(game.chance_probs))(states))
    waiting = (states.current_player == CHANCE) & ~states.terminated
    absent = num_edges(game) - game.num_chance_outcomes
    return np.pad(np.where(waiting[:, None], probs, 0), ((0, 0), (0, absent)))
