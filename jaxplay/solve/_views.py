"""Views: what one player remembers, with a trace of worlds along which it may have come about."""

from functools import partial
from typing import Any, NamedTuple

import jax
import numpy as np
from jax import Array

from jaxplay.solve._expand import chunks
from jaxplay.solve._worlds import Worlds


class Views(NamedTuple):
    """Views of one player at the traces of one length.

    Attributes:
        memory: `(V,)` int32, which of the player's memories.
        trace: `(V,)` int32, which trace; or the trace and how it goes on: `A trace + effect`.
    """

    memory: np.ndarray
    trace: np.ndarray


class Memories(NamedTuple):
    """Memories of one player at the traces of one length, each of which occurs in a view.

    Attributes:
        sequence: `(m,)` int32, the player's last decision: `1 + A infoset + action`; 0 before the first.
        states: `(m, ...)`, states in which the player remembers this.
    """

    sequence: np.ndarray
    states: Any


class Side(NamedTuple):
    """One player at the traces of one length."""

    views: Views
    memories: Memories


class Attempts(NamedTuple):
    """All moves from the views of the player to move.

    Attributes:
        stays: those that change its memory only; the memory is what `remembered` takes.
        goes: those with an effect after which the game goes on; with traces that go on.
        paid: those that earn something: `memory` is `A memory + action`; with traces that go on.
        reached: `(T A,)` bool, how traces go on, whether or not the game does.
    """

    stays: Views
    goes: Views
    paid: Views
    reached: np.ndarray


def attempts(worlds: Worlds, world: np.ndarray, views: Views, legal: np.ndarray) -> Attempts:
    """All moves from views.

    Args:
        worlds: of the game.
        world: `(T,)` int32, where each trace has come to.
        views: of the player to move.
        legal: `(m, A)` bool, what may be played with each memory.
    """
    num_actions = legal.shape[1]
    reached = np.zeros(len(world) * num_actions, bool)
    parts = [_attempts(worlds, world, views, legal, action, reached) for action in range(num_actions)]
    stays, goes, paid = (joined(list(part)) for part in zip(*parts, strict=True))
    return Attempts(stays, goes, paid, reached)


def _attempts(
    worlds: Worlds, world: np.ndarray, views: Views, legal: np.ndarray, action: int, reached: np.ndarray
) -> tuple[Views, Views, Views]:
    able = np.ascontiguousarray(legal[:, action])[views.memory]
    memory, trace = views.memory[able], views.trace[able]
    before = world[trace]
    after, told = worlds.after[before, action], worlds.told[before, action]
    slot = memory * np.int32(legal.shape[1]) + np.int32(action)
    key, end = slot * np.int32(worlds.num_told) + told, trace * np.int32(legal.shape[1])
    end += worlds.effect[before, action]
    stays, lasts, pays = after == before, ~worlds.terminated[after], worlds.pays[before, action]
    goes = lasts & ~stays
    reached[end[~stays]] = True
    return Views(key[stays], trace[stays]), Views(key[goes], end[goes]), Views(slot[pays], end[pays])


def joined(parts: list[Views]) -> Views:
    """All views of some parts."""
    return Views(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def numbered(keys: np.ndarray, num_keys: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers of keys in their order: the different keys, where each occurs, and the number of each item."""
    number = np.zeros(num_keys, np.int32)
    number[keys] = 1
    found = np.flatnonzero(number)
    number[found] = np.arange(len(found), dtype=np.int32)
    items = number[keys]
    place = np.zeros(len(found), np.int64)
    place[items] = np.arange(len(items))
    return found, place, items


def both(parts: list[Side]) -> Side:
    """All views of some parts, which have no memory in common."""
    starts = np.cumsum([0, *(len(part.memories.sequence) for part in parts[:-1])]).astype(np.int32)
    views = [Views(p.views.memory + start, p.views.trace) for p, start in zip(parts, starts, strict=True)]
    sequence = np.concatenate([part.memories.sequence for part in parts])
    states = jax.tree.map(lambda *x: np.concatenate(x), *(part.memories.states for part in parts))
    return Side(joined(views), Memories(sequence, states))


def prolonged(side: Side, child: np.ndarray) -> Side:
    """The views of the player who is not to move along longer traces.

    Args:
        side: that player at the traces of one length.
        child: `(T, A)` int32, the number of each longer trace; -1 where there is none.
    """
    parts = []
    for column in child.T:
        trace = np.ascontiguousarray(column)[side.views.trace]
        there = trace >= 0
        parts.append(Views(side.views.memory[there], trace[there]))
    views = joined(parts)
    found, _, memory = numbered(views.memory, len(side.memories.sequence))
    states = jax.tree.map(lambda x: x[found], side.memories.states)
    return Side(Views(memory, views.trace), Memories(side.memories.sequence[found], states))


def recalled(game: Any, worlds: Any, memories: Any, player: int) -> Any:
    """`(n, ...)` on the host: states `worlds`, where `player` remembers what it does in `memories`."""
    return _in_chunks(partial(_recalled, game, player), worlds, memories)


def stepped(game: Any, worlds: Any, memories: Any, player: int, actions: np.ndarray) -> Any:
    """As `recalled`, after `player` has made the moves `actions` `(n,)`."""
    return _in_chunks(partial(_stepped, game, player), worlds, memories, actions)


def _in_chunks(function: Any, *arrays: Any) -> Any:
    parts = []
    for place, real in chunks(len(jax.tree.leaves(arrays)[0])):
        part = jax.device_get(function(*jax.tree.map(lambda x, i=place: x[i], arrays)))
        parts.append(jax.tree.map(lambda x, n=real: x[:n], part))
    return jax.tree.map(lambda *x: np.concatenate(x), *parts)


@partial(jax.jit, static_argnums=(0, 1))
def _recalled(game: Any, player: int, worlds: Any, memories: Any) -> Any:
    return jax.vmap(partial(game.remind, player=player))(worlds, memories)


@partial(jax.jit, static_argnums=(0, 1))
def _stepped(game: Any, player: int, worlds: Any, memories: Any, actions: Array) -> Any:
    return jax.vmap(game.step)(_recalled(game, player, worlds, memories), actions)
