"""The worlds of a game: its positions without what its players remember, as tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import Game
from jaxplay.solve._ends import ranks
from jaxplay.solve._reachable import reachable
from jaxplay.solve.graph import Graph
from jaxplay.solve.table import Table, hash_words, hashed, joined, words_of
from jaxplay.struct import replace

WORLDS_AT_ONCE = 1024
"""The number of worlds whose moves are computed in one call."""


@runtime_checkable
class Separable(Protocol):
    """What a game declares whose players find things out by their own moves only.

    A **world** is a position without what the players remember. Each player's memory changes by its own moves
    alone, and what a move does to the world, and what its player is told, follow from the world.
    """

    def forget(self, state: Any) -> Any:
        """The world of a position: equal ones have equal fields."""
        ...

    def remind(self, state: Any, memory: Any, player: Array) -> Any:
        """`state`, where `player` remembers what it does in `memory`, a state of the same player's past."""
        ...


@dataclass(frozen=True)
class View:
    """A game in which one player's memory counts, or nobody's, and of the other's moves their effects.

    Its histories are what that player may know, with the worlds that went by. It serves enumeration and
    estimates, which need no more of a game than this has.

    Attributes:
        game: a `Separable` game.
        player: whose memory counts; None: nobody's.
    """

    game: Any
    player: int | None
    num_chance_outcomes = 0
    perfect_information = True

    @property
    def num_actions(self) -> int:
        """That of the game."""
        return self.game.num_actions

    def init(self, key: Array) -> Any:
        """The first state."""
        return self._of(self.game.init(key))

    def step(self, state: Any, action: Array) -> Any:
        """A move of the game."""
        return self._of(self.game.step(state, action))

    def _of(self, state: Any) -> Any:
        world = self.game.forget(state)
        effects = _effects(self.game, world)
        if self.player is None:
            return replace(world, legal_action_mask=effects | world.terminated)
        known = self.game.remind(world, state, jnp.int32(self.player))
        legal = jnp.where(known.current_player == self.player, known.legal_action_mask, effects)
        return replace(known, legal_action_mask=legal | world.terminated)


def _effects(game: Any, world: Any) -> Array:
    """`(A,)` bool: moves that change the world, the first of those that change it alike."""
    actions = jnp.arange(game.num_actions, dtype=jnp.int32)
    after = jax.vmap(lambda action: game.forget(game.step(world, action)))(actions)
    before = hashed(jax.tree.map(lambda x: jnp.asarray(x)[None], world))
    hashes, legal = hashed(after), world.legal_action_mask
    alike = (hashes[:, None] == hashes[None]).all(-1) & legal[None]
    first = ~(alike & np.tri(game.num_actions, k=-1, dtype=bool)).any(axis=1)
    return legal & first & (hashes != before).any(-1)


@dataclass(frozen=True)
class Worlds:
    """W worlds, numbered from the first (0) on, and A actions.

    Attributes:
        states: the worlds, NumPy leaves `(W, ...)`.
        player: `(W,)` int32, who moves.
        terminated: `(W,)` bool.
        after: `(W, A)` int32, the world that follows; -1 where a move is illegal for everybody.
        effect: `(W, A)` int32, the first move that leads to the same world.
        told: `(W, A)` int32, which of `num_told` things the mover is told.
        rewards: `(W, A, 2)` float64, what a move earns.
    """

    states: Any
    player: np.ndarray
    terminated: np.ndarray
    after: np.ndarray
    effect: np.ndarray
    told: np.ndarray
    rewards: np.ndarray

    @cached_property
    def pays(self) -> np.ndarray:
        """`(W, A)` bool: moves that earn something."""
        return (self.rewards != 0).any(axis=-1)

    @property
    def num_told(self) -> int:
        """The number of different things that a mover may be told."""
        return int(self.told.max()) + 1


def worlds_of(game: Game[Any], *, max_worlds: int) -> Worlds:
    """The worlds of a `Separable` game for two without chance.

    Raises:
        UserError: the game is no such game, or has too many worlds.
    """
    assert isinstance(game, Separable)
    if game.num_players != 2 or game.num_chance_outcomes:
        raise UserError(f"{game}: only games for two without chance have traces")
    graph = reachable(View(game, None), max_states=max_worlds)  # pyright: ignore[reportArgumentType]
    parts = [_moves(game, graph.table, part) for part in _batches(graph)]
    moves = _Moves(*(np.concatenate(part)[: graph.num_states] for part in zip(*parts, strict=True)))
    legal = moves.after >= 0
    before = np.arange(graph.num_states)[:, None]
    if (legal & moves.others_told).any():
        raise UserError(f"{game}: a move tells the other player something, so their memories depend")
    if (legal & (moves.after == before) & (moves.rewards != 0).any(-1)).any():
        raise UserError(f"{game}: a move earns something and changes no more than memories")
    player = np.asarray(graph.player)
    return Worlds(
        states=graph.states,
        player=player,
        terminated=np.asarray(graph.states.terminated),
        after=moves.after,
        effect=_first_alike(moves.after),
        told=_told(moves, legal),
        rewards=moves.rewards.astype(np.float64),
    )


class _Moves(NamedTuple):
    """All moves of B worlds."""

    after: Any
    rewards: Any
    view: Any
    """`(B, 2)` uint32, a hash of what the mover observes before."""
    told: Any
    """`(B, A, 2)` uint32, a hash of what it observes afterwards."""
    others_told: Any
    """`(B, A)` bool: the other player observes something new, while the game goes on."""


def _batches(graph: Graph) -> Iterator[Any]:
    for start in range(0, graph.num_states, WORLDS_AT_ONCE):
        place = np.minimum(np.arange(start, start + WORLDS_AT_ONCE), graph.num_states - 1)
        yield jax.tree.map(lambda x, i=place: x[i], graph.states)


def _moves(game: Any, table: Table, states: Any) -> _Moves:
    return jax.device_get(_compiled_moves(game, table, states))


@partial(jax.jit, static_argnums=0)
def _compiled_moves(game: Any, table: Table, states: Any) -> _Moves:
    worlds = jax.vmap(game.forget)(states)
    actions, mover = jnp.arange(game.num_actions, dtype=jnp.int32), worlds.current_player
    legal = worlds.legal_action_mask[:, : game.num_actions] & ~worlds.terminated[:, None]
    after = jax.vmap(jax.vmap(game.step, (None, 0)), (0, None))(worlds, actions)
    kept = jax.vmap(jax.vmap(game.forget))(after)
    flat = jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), kept)
    number = table.index(flat).reshape(legal.shape)
    watch = jax.vmap(jax.vmap(game.observe, (0, None)))
    before, later = _view(jax.vmap(game.observe)(worlds, 1 - mover)), _views(watch(after, 1 - mover))
    return _Moves(
        after=jnp.where(legal, number, -1),
        rewards=jnp.where(legal[..., None], after.rewards, 0),
        view=_view(jax.vmap(game.observe)(worlds, mover)),
        told=_views(watch(after, mover)),
        others_told=(later != before[:, None]).any(-1) & ~after.terminated,
    )


def _view(observation: Any) -> Array:
    """`(B, 2)` uint32: a hash of each observation."""
    return hash_words(jnp.concatenate([words_of(leaf) for leaf in jax.tree.leaves(observation)], axis=1))


def _views(observation: Any) -> Array:
    """`(B, A, 2)` uint32: a hash of each observation."""
    leaf = jax.tree.leaves(observation)[0]
    flat = jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), observation)
    return _view(flat).reshape(*leaf.shape[:2], 2)


def _first_alike(after: np.ndarray) -> np.ndarray:
    """`(W, A)` int32: the first move that leads where each does."""
    return (after[:, :, None] == after[:, None, :]).argmax(axis=2).astype(np.int32)


def _told(moves: _Moves, legal: np.ndarray) -> np.ndarray:
    """`(W, A)` int32: what the mover is told, numbered among what it may be told of the same move.

    Worlds that look alike to the mover look alike by what it knows from its own moves.
    """
    world, action = np.nonzero(legal)
    view = np.unique(joined(moves.view), return_inverse=True)[1].reshape(-1)
    seen = np.unique(joined(moves.told[world, action]), return_inverse=True)[1].reshape(-1)
    told = np.zeros(legal.shape, np.int32)
    told[world, action] = ranks(view[world] * legal.shape[1] + action, seen)
    return told
