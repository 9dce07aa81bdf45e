"""The line of play that a search expects, as numbers."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.game import Game
from jaxplay.search.nodes import most_visited, rows_at, view_edges
from jaxplay.search.output import SearchOutput
from jaxplay.search.tree import Tree


def line(game: Game[Any], found: SearchOutput, length: int) -> Array:
    """`(B, length)` int32: the principal variations of trees, -1 behind their ends.

    Each begins with `found.action`, and goes on with the most visited edge of each node. An entry is what
    `game.step` takes next, so that a line can be played: at a chance node it is the outcome visited most.
    With a modelled opponent its replies are left out, as they are no edges of the tree.

    Args:
        game: that was searched.
        found: from a search that has a tree.
        length: entries of each line.

    Raises:
        ValueError: there is no tree.
    """
    tree = found.tree
    if tree is None:
        raise ValueError("a line is read from a tree; allowed: the output of a search that has one")
    owner = jnp.arange(found.action.shape[0])
    edge = found.action if tree.labels is None else jnp.argmax(tree.labels[0] == found.action[:, None], -1)

    def follow(carry: tuple[Array, Array], _: None) -> tuple[tuple[Array, Array], Array]:
        node, edge = carry
        there = jnp.maximum(edge, 0)
        entry = there if tree.labels is None else tree.labels[node, owner, there].astype(jnp.int32)
        child = jnp.where(edge < 0, -1, tree.children[node, owner, there].astype(jnp.int32))
        after = jnp.maximum(child, 0)
        onward = jnp.where(child < 0, -1, _next_edge(game, tree, after, owner))
        return (after, onward), jnp.where(edge < 0, -1, entry)

    start = (jnp.zeros(owner.shape, jnp.int32), edge.astype(jnp.int32))
    return jax.lax.scan(follow, start, None, length=length)[1].T


def _next_edge(game: Game[Any], tree: Tree, node: Array, owner: Array) -> Array:
    """`(B,)` int32: the edge to play from `node` `(B,)`, -1 where none was tried."""
    edges = view_edges(game, rows_at(tree, node, owner))
    tried = (edges.visits > 0).any(-1)
    return jnp.where(tried, most_visited(edges).astype(jnp.int32), -1)
