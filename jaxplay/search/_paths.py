"""The paths of simulations through their trees: down by cached choices, and all nodes on them as one list."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.search._tree import Tree, take

MOST_BLOCK = 256
"""Nodes of a list that are worked off together on a CPU, at most: what is gathered for them then stays in its
nearest caches."""


class Simulations(NamedTuple):
    """K simulations that start at the roots, side by side.

    Attributes:
        owner: `(K,)` int32, the element of the batch.
        edge: `(K,)` int32, the edge of the root that each takes.
        active: `(K,)` bool; the others change nothing.
    """

    owner: Array
    edge: Array
    active: Array


def start(edge: Array, active: Array) -> Simulations:
    """Simulations that take the edges `(W, B)` of the roots, where `active` `(W, B)`."""
    owner = jnp.broadcast_to(jnp.arange(edge.shape[1], dtype=jnp.int32), edge.shape)
    return Simulations(owner.reshape(-1), edge.reshape(-1), active.reshape(-1))


def descend(tree: Tree, simulations: Simulations) -> tuple[Array, Array]:
    """Follow cached choices to where each simulation leaves the tree: node `(K,)`, its depth `(K,)` int32."""
    owner = simulations.owner

    def more(carry: tuple[Array, Array, Array]) -> Array:
        return jnp.any(carry[1] >= 0)

    def down(carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        node, child, depth = carry
        going = child >= 0
        node = jnp.where(going, child, node)
        return node, jnp.where(going, take(tree.next_child, node, owner), child), depth + going

    first = tree.children.at[0, owner, simulations.edge].get(mode="promise_in_bounds")
    first = jnp.where(simulations.active, first, -1).astype(first.dtype)
    root = jnp.zeros_like(first)
    node, _, depth = jax.lax.while_loop(more, down, (root, first, jnp.zeros(root.shape, jnp.int32)))
    return node, depth


class VisitedPath(NamedTuple):
    """The nodes that simulations visited, the roots and their children left out, in one list.

    Attributes:
        code: int32, `node * K + simulation`; what stands behind `total` means nothing.
        total: `()` int32, how many there are.
    """

    code: Array
    total: Array


def path_buffer(tree: Tree, num_simulations: int) -> Array:
    """A buffer for the longest list of `visited_path` for so many simulations, and a block behind it."""
    return jnp.zeros((tree.parent.shape[0] * num_simulations + MOST_BLOCK,), jnp.int32)


def visited_path(
    tree: Tree, buffer: Array, simulations: Simulations, node: Array, depth: Array
) -> VisitedPath:
    """All nodes of depth 2 and more from `node` `(K,)`, of depth `depth` `(K,)`, upwards.

    The nodes of one simulation stand together, so that the list has no gaps however long the paths are.
    """
    count = jnp.where(simulations.active, jnp.maximum(depth - 1, 0), 0)
    first = jnp.cumsum(count) - count
    number = jnp.arange(node.shape[0], dtype=jnp.int32)

    def more(carry: tuple[Array, Array, Array]) -> Array:
        return jnp.any(carry[2] < count)

    def up(carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        code, node, done = carry
        there = jnp.where(done < count, first + done, code.shape[0])
        code = code.at[there].set(node.astype(jnp.int32) * node.shape[0] + number, mode="drop")
        return code, take(tree.parent, node, simulations.owner), done + 1

    code, _, _ = jax.lax.while_loop(more, up, (buffer, node, jnp.int32(0)))
    return VisitedPath(code, count.sum())
