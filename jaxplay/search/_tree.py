"""The search tree: arrays with a node axis and a batch axis, updated in place.

`C` is the capacity in nodes, `B` the batch, `E` edges per node (actions or chance outcomes; fewer where a
search keeps the likeliest only), `V` the numbers of a value in the fixed frame (`jaxplay.perspective`). Node
0 is the root; all elements of the batch add their nodes at the same index, so that new nodes are one
contiguous write and no free list is needed. A simulation that ends in a known node leaves its slot unlinked.

`W` simulations of each element may run at once; their arrays have a flat axis of `K = W * B`, in which
simulation `w` of element `b` is number `w * B + b`, and `owner` `(K,)` is `b`.

What a node would select next changes only when a simulation passes through it. So the choice is cached
(`next_edge`, `next_child`), and a descent only follows pointers.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.struct import pytree, replace

NO_CHILD = -1
ILLEGAL = -1.0
"""Prior of an edge that does not exist."""


@pytree
class Tree:
    """One tree per element of a batch.

    Attributes:
        size: `()` int32, slots in use: the next node is written there.
        state: the game's states, stripped of mask and rewards, leaves `(C, B, ...)`.
        parent: `(C, B)` node index; the root's is 0.
        action: `(C, B)` edge that leads from the parent to the node.
        path_return: `(C, B, V)` float32, sum of the rewards on the path to the node from where the tree
            began (its root, or an older one if it was reused), fixed frame, scaled. In a search that proves,
            the rewards of the last action before the first root count too.
        value: `(C, B, V)` float32, the evaluator's value, fixed frame; 0 for a terminal node.
        prior: `(C, B, E)` float32 or bfloat16; `ILLEGAL` where the edge does not exist.
        visits: `(C, B, E)` simulations that took the edge.
        value_sum: `(C, B, E, V)` float32, sum of what they found, fixed frame.
        children: `(C, B, E)` node index or `NO_CHILD`.
        next_edge: `(C, B)` the edge that the next simulation takes from the node; of the root, the edge that
            the search plays.
        next_child: `(C, B)` the node behind it, or `NO_CHILD`.
        labels: `(C, B, E)` the action that an edge stands for; None where edges are actions.
        pending: `(C, B, E)` int8, simulations that took the edge and are not backed up yet. None in a search
            in which an element has one simulation at a time below an edge.
        proof: `(C, B)` int8, 1 where player 0 is sure of the greatest return that a game can have, -1 where
            player 1 is, else 0. None in a search without proofs, as the next.
        proven: `(C, B, E)` int8, `proof` of the node behind each edge.
        complete: `(C, B)` bool, whether each legal action of the node has an edge. None where that is always
            so, or nothing is proven.
        opponent_value: `(C, B)` float32, what a modelled opponent thought of its position between the
            parent and the node, where it `replied`; None without one.
        replied: `(C, B)` bool, whether a modelled opponent had a move between the parent and the node; None
            without one.
        bonus: `(C, B, V)` float32, the part of `path_return` that a signal of the form `edge` added; None
            without such a signal, or where nothing is proven.
        potential: `(C, B, V)` float32, the potential Phi of `jaxplay.search.Signal`, fixed frame; None
            without a signal of that form.
        mixed: `(1, B)` bool, whether the root's prior has its temperature and noise already.
        finite: `(1, B)` bool, whether all logits and values that evaluators gave for the tree were finite.
    """

    size: Array
    state: Any
    parent: Array
    action: Array
    path_return: Array
    value: Array
    prior: Array
    visits: Array
    value_sum: Array
    children: Array
    next_edge: Array
    next_child: Array
    labels: Array | None
    pending: Array | None
    proof: Array | None
    proven: Array | None
    complete: Array | None
    opponent_value: Array | None
    replied: Array | None
    bonus: Array | None
    potential: Array | None
    mixed: Array
    finite: Array


@pytree
class Node:
    """What a tree stores of new nodes: leaves `(K, ...)`, fields as in `Tree`."""

    state: Any
    parent: Array
    action: Array
    path_return: Array
    value: Array
    prior: Array
    next_edge: Array
    labels: Array | None
    proof: Array | None
    complete: Array | None
    opponent_value: Array | None
    replied: Array | None
    bonus: Array | None
    potential: Array | None
    finite: Array


def index_dtype(size: int) -> Any:
    """The smallest integer type that JAX indexes well and that holds `size`."""
    return jnp.int16 if size < 2**15 else jnp.int32


def count_dtype(capacity: int) -> Any:
    """The type of visit counts, which may be twice the capacity: those of the last move, and new ones."""
    return index_dtype(2 * capacity)


def new_tree(root: Node, capacity: int, *, prior_dtype: Any = jnp.float32, pending: bool = False) -> Tree:
    """A tree of `capacity` nodes that holds the root only."""
    batch, edges = root.prior.shape
    node_type = index_dtype(capacity)
    per_edge = (capacity, batch, edges)

    def column(leaf: Any) -> Any:
        return None if leaf is None else jnp.zeros((capacity, *leaf.shape), leaf.dtype).at[0].set(leaf)

    return Tree(
        size=jnp.int32(1),
        state=jax.tree.map(column, root.state),
        parent=jnp.zeros((capacity, batch), node_type),
        action=jnp.zeros((capacity, batch), index_dtype(edges)),
        path_return=column(root.path_return),
        value=column(root.value),
        prior=column(root.prior.astype(prior_dtype)),
        visits=jnp.zeros(per_edge, count_dtype(capacity)),
        value_sum=jnp.zeros((*per_edge, root.value.shape[-1]), jnp.float32),
        children=jnp.full(per_edge, NO_CHILD, node_type),
        next_edge=column(root.next_edge),
        next_child=jnp.full((capacity, batch), NO_CHILD, node_type),
        labels=column(root.labels),
        pending=jnp.zeros(per_edge, jnp.int8) if pending else None,
        proof=column(root.proof),
        proven=None if root.proof is None else jnp.zeros(per_edge, jnp.int8),
        complete=column(root.complete),
        opponent_value=column(root.opponent_value),
        replied=column(root.replied),
        bonus=column(root.bonus),
        potential=column(root.potential),
        mixed=jnp.zeros((1, batch), bool),
        finite=root.finite[None],
    )


def take(array: Array, node: Array, owner: Array) -> Array:
    """`(K, ...)`: the entry of `node` `(K,)` of the element `owner` `(K,)` in an array `(C, B, ...)`."""
    return array.at[node, owner].get(mode="promise_in_bounds")


def add_nodes(tree: Tree, node: Node, read: Array) -> Tree:
    """Write the new nodes of W simulations at slots `size` to `size + W - 1`; nothing links to them yet.

    `read` `()` is any number made from all that was read of the tree before: with it the compiler knows that
    reading comes first. Else it copies whole arrays to be sure, at each simulation.
    """
    batch = tree.parent.shape[1]
    width = node.parent.shape[0] // batch
    slot = jax.lax.clamp(tree.size, read.astype(jnp.int32), tree.size)  # which is `size`

    def write(array: Any, rows: Any) -> Any:
        rows = rows.astype(array.dtype).reshape(width, *array.shape[1:])
        return jax.lax.dynamic_update_slice_in_dim(array, rows, slot, axis=0)

    def write_if(array: Array | None, rows: Array | None) -> Array | None:
        return None if array is None or rows is None else write(array, rows)

    return replace(
        tree,
        size=tree.size + width,
        state=jax.tree.map(write, tree.state, node.state),
        parent=write(tree.parent, node.parent),
        action=write(tree.action, node.action),
        path_return=write(tree.path_return, node.path_return),
        value=write(tree.value, node.value),
        prior=write(tree.prior, node.prior),
        next_edge=write(tree.next_edge, node.next_edge),
        labels=write_if(tree.labels, node.labels),
        proof=write_if(tree.proof, node.proof),
        complete=write_if(tree.complete, node.complete),
        opponent_value=write_if(tree.opponent_value, node.opponent_value),
        replied=write_if(tree.replied, node.replied),
        bonus=write_if(tree.bonus, node.bonus),
        potential=write_if(tree.potential, node.potential),
        finite=tree.finite & node.finite.reshape(width, batch).all(0, keepdims=True),
    )


def one_tree(tree: Tree, element: int) -> Tree:
    """The tree of one element of the batch; its leaves lack the batch axis."""
    columns = jax.tree.map(lambda leaf: leaf[:, element], replace(tree, size=None))  # pyright: ignore
    return replace(columns, size=tree.size)
