"""Exploitability as one compiled program, for curves over training and for many players at once."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import CHANCE
from jaxplay.solve import behaviour
from jaxplay.solve._sequence_form import Form
from jaxplay.solve.behaviour import AskPolicy, Gaps
from jaxplay.solve.graph import Graph
from jaxplay.solve.response import Arrays, arrays_of

STATES_AT_ONCE = 4096
"""The number of positions in one call of a policy."""


def compiled_policy(game: Arrays, ask: AskPolicy, *, batch: int = STATES_AT_ONCE) -> Callable[[Any], Array]:
    """A function `params -> table` float32 for `jit` and `vmap`: a policy at all positions of a game.

    The table is `(S, E)`, in the order of a graph, or `(I, A)`, in that of a tree's information sets.

    Args:
        game: any game; its arrays (`Graph`, `GameTree`, `SequenceForm`) save the enumeration.
        ask: the policy. It is not asked about ends of the game and chance nodes, whose rows are 0. Where it
            gives no weight to any legal move, all legal moves are equally likely.
        batch: the number of positions in one call of the policy.
    """
    graph = arrays_of(game)
    if isinstance(graph, Form):
        return behaviour.asked(graph, ask, batch=batch)
    asked = np.flatnonzero((graph.child >= 0).any(axis=1) & (graph.player != CHANCE))
    size = min(batch, len(asked))
    filled = np.resize(asked, (-(-len(asked) // size), size))
    states = jax.tree.map(lambda x: x[filled], graph.states)
    legal = graph.child[asked] >= 0

    def table(params: Any) -> Array:
        weights = jax.lax.map(lambda part: ask(params, part), states)
        weights = weights.reshape(-1, weights.shape[-1])[: len(asked)]
        missing = legal.shape[1] - weights.shape[1]
        weights = jnp.where(legal, jnp.pad(weights, ((0, 0), (0, missing))), 0.0)
        total = weights.sum(axis=1, keepdims=True)
        evenly = legal / legal.sum(axis=1, keepdims=True)
        probs = jnp.where(total > 0.0, weights / jnp.where(total > 0.0, total, 1.0), evenly)
        return jnp.zeros(graph.child.shape).at[asked].set(probs)

    return table


def compiled_exploitability(game: Arrays) -> Callable[[Array], Gaps]:
    """A function `table -> Gaps` for `jit` and `vmap`: as `exploitability`, in the table's precision.

    Args:
        game: any game; its arrays (`Graph`, `GameTree`, `SequenceForm`) save the enumeration.

    Raises:
        UserError: the game cannot be enumerated, or positions repeat within it.
    """
    graph = arrays_of(game)
    if isinstance(graph, Form):
        return partial(behaviour.gaps, graph)
    num_players = graph.game.num_players
    levels = [_Level.of(graph, number) for number in graph.levels[1:]]

    def value(table: Array, player: int, *, best: bool) -> Array:
        values = jnp.zeros((graph.num_states,))
        for level in levels:
            q = jnp.where(level.legal, level.rewards[..., player] + values[level.child], -jnp.inf)
            mean = (jnp.where(level.legal, q, 0.0) * (table[level.number] + level.probs)).sum(axis=1)
            chosen = jnp.where(level.player == player, q.max(axis=1), mean) if best else mean
            values = values.at[level.number].set(chosen)
        return values[0]

    def gaps(table: Array) -> Gaps:
        values = jnp.stack([value(table, player, best=False) for player in range(num_players)])
        best = jnp.stack([value(table, player, best=True) for player in range(num_players)])
        return Gaps((best - values).sum() / num_players, best, values)

    return gaps


class _Level(NamedTuple):
    """Positions that are valued together, with the fields that `Graph` has of them."""

    number: np.ndarray
    player: np.ndarray
    child: np.ndarray
    legal: np.ndarray
    rewards: np.ndarray
    probs: np.ndarray

    @classmethod
    def of(cls, graph: Graph, number: np.ndarray) -> "_Level":
        child = graph.child[number]
        probs = np.zeros(child.shape, np.float32) if graph.probs is None else graph.probs[number]
        return cls(number, graph.player[number], child, child >= 0, graph.rewards[number], probs)
