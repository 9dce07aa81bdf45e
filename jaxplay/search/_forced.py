"""Forced playouts at the root, and the policy target without them (Wu 2019, KataGo, section 3.2)."""

import jax.numpy as jnp
from jax import Array

from jaxplay.search.rules import Edges, Rule, viable_edges

FIRST = 1e3
"""Far above the score of any edge, and small enough that scores keep their order beside it."""


def forced_visits(edges: Edges, k: float) -> Array:
    """`(B, E)`: the least visits of each edge, `sqrt(k P(a) N)`; 0 of those never visited.

    N counts the visits of all edges; KataGo has k = 2.
    """
    total = edges.visits.sum(-1, keepdims=True)
    least = jnp.sqrt(k * jnp.maximum(edges.prior, 0.0) * total)
    return jnp.where(edges.visits > 0, least, 0.0)


def forced(rule: Rule, k: float) -> Rule:
    """`rule`, but edges below their `forced_visits` come first, the best of them before the others."""

    def root_rule(edges: Edges) -> Array:
        scores = rule(edges)
        return jnp.where(edges.visits < forced_visits(edges, k), scores + FIRST, scores)

    return root_rule


def pruned_visits(edges: Edges, rule: Rule, k: float) -> Array:
    """`(B, E)` float32: visits of viable edges without those that only forcing explains.

    Each edge but the most visited one loses up to its `forced_visits`, as long as its score by `rule`, at
    its final mean value, stays below that of the most visited edge. An edge reduced to one visit loses it.
    `rule` must be a mean value plus an exploration that falls with `1 / (1 + visits)`, as PUCT is.
    """
    visits = jnp.where(viable_edges(edges), edges.visits, 0.0)
    best = jnp.argmax(visits, axis=-1)[:, None]
    scores = rule(edges)
    exploration = (scores - edges.q) * (1.0 + edges.visits)
    gap = jnp.take_along_axis(scores, best, axis=-1) - edges.q
    wanted = jnp.where(gap > 0.0, jnp.floor(exploration / jnp.maximum(gap, 1e-9)), visits)
    left = jnp.maximum(visits - jnp.floor(forced_visits(edges, k)), wanted)
    left = jnp.minimum(left, visits)
    left = jnp.where((left < visits) & (left <= 1.0), 0.0, left)
    return jnp.where(jnp.arange(visits.shape[-1])[None] == best, visits, left)
