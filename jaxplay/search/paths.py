"""The ways of walkers through their trees: down by cached choices, and what they passed, as one list."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.search.tree import Tree, take


class Walkers(NamedTuple):
    """K walkers that set out from the roots.

    Attributes:
        owner: `(K,)` int32, the element of the batch.
        edge: `(K,)` int32, the edge of the root that each takes.
        active: `(K,)` bool; the others change nothing.
    """

    owner: Array
    edge: Array
    active: Array


def set_out(edge: Array, active: Array) -> Walkers:
    """Walkers for edges `(W, B)` of the roots."""
    owner = jnp.broadcast_to(jnp.arange(edge.shape[1], dtype=jnp.int32), edge.shape)
    return Walkers(owner.reshape(-1), edge.reshape(-1), active.reshape(-1))


def descend(tree: Tree, walkers: Walkers) -> tuple[Array, Array]:
    """Follow cached choices to where each walker leaves the tree: node `(K,)`, its depth `(K,)` int32."""
    owner = walkers.owner

    def more(carry: tuple[Array, Array, Array]) -> Array:
        return jnp.any(carry[1] >= 0)

    def down(carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        node, child, depth = carry
        going = child >= 0
        node = jnp.where(going, child, node)
        return node, jnp.where(going, take(tree.best_child, node, owner), child), depth + going

    first = tree.children.at[0, owner, walkers.edge].get(mode="promise_in_bounds")
    first = jnp.where(walkers.active, first, -1).astype(first.dtype)
    root = jnp.zeros_like(first)
    node, _, depth = jax.lax.while_loop(more, down, (root, first, jnp.zeros(root.shape, jnp.int32)))
    return node, depth


class Passed(NamedTuple):
    """The nodes that walkers passed on their ways, the roots and their children left out, in one list.

    Attributes:
        code: int32, `node * K + walker`; what stands behind `total` means nothing.
        total: `()` int32, how many there are.
    """

    code: Array
    total: Array


def room(tree: Tree, num_walkers: int) -> Array:
    """Room for the longest list that `passed` can make."""
    return jnp.zeros((tree.parent.shape[0] * num_walkers,), jnp.int32)


def passed(tree: Tree, scratch: Array, walkers: Walkers, node: Array, depth: Array) -> Passed:
    """All nodes of depth 2 and more from `node` `(K,)`, of depth `depth` `(K,)`, up.

    The nodes of one walker stand together, so that the list has no gaps however long the ways are.
    """
    count = jnp.where(walkers.active, jnp.maximum(depth - 1, 0), 0)
    first = jnp.cumsum(count) - count
    number = jnp.arange(node.shape[0], dtype=jnp.int32)

    def more(carry: tuple[Array, Array, Array]) -> Array:
        return jnp.any(carry[2] < count)

    def up(carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        code, node, done = carry
        there = jnp.where(done < count, first + done, code.shape[0])
        code = code.at[there].set(node.astype(jnp.int32) * node.shape[0] + number, mode="drop")
        return code, take(tree.parent, node, walkers.owner), done + 1

    code, _, _ = jax.lax.while_loop(more, up, (scratch, node, jnp.int32(0)))
    return Passed(code, count.sum())
