"""The search tree: arrays with a node axis and a batch axis, updated in place.

`C` is the capacity in nodes, `B` the batch, `E` edges per node (actions or chance outcomes; fewer where a
search keeps the likeliest only), `V` the numbers of a value in the fixed frame (`jaxplay.perspective`). Node
0 is the root; all elements of the batch add their nodes at the same index, so that new nodes are one
contiguous write and no free list is needed. A simulation that ends in a known node leaves its slot unlinked.

`W` *walkers* may go through the tree of each element at once; what they carry has a flat axis of `K = W *
B`, in which walker `w` of element `b` is number `w * B + b`, and `owner` `(K,)` is `b`.

What a node would select next changes only when a simulation passes through it. So the choice is cached
(`best_action`, `best_child`), and a descent only follows pointers.
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
        earned: `(C, B, V)` float32, sum of rewards from some common ancestor to the node, fixed frame,
            scaled; only differences within a tree mean something.
        value: `(C, B, V)` float32, the evaluator's value, fixed frame; 0 for a terminal node.
        prior: `(C, B, E)` float32 or bfloat16; `ILLEGAL` where the edge does not exist.
        visits: `(C, B, E)` simulations that took the edge.
        value_sum: `(C, B, E, V)` float32, sum of what they found, fixed frame.
        children: `(C, B, E)` node index or `NO_CHILD`.
        best_action: `(C, B)` the edge the next simulation takes from the node (not used of the root).
        best_child: `(C, B)` the node it leads to, or `NO_CHILD`.
        labels: `(C, B, E)` the action that an edge stands for; None where edges are actions.
        pending: `(C, B, E)` int8, walkers that took the edge and have not come back. None in a search in
            which an element has one walker at a time below an edge.
        proof: `(C, B)` int8, 1 where player 0 is known to win all there is to win, -1 where player 1 is,
            else 0. None in a search without proofs, as the next.
        proven: `(C, B, E)` int8, `proof` of the node behind each edge.
        opponent_value: `(C, B)` float32, what a modelled opponent thought of its position between the
            parent and the node, where it `replied`; None without one.
        replied: `(C, B)` bool, whether a modelled opponent had a move between the parent and the node; None
            without one.
        potential: `(C, B, V)` float32, Phi of `jaxplay.search.signal`, fixed frame; None without it.
        mixed: `(1, B)` bool, whether the root's prior has its temperature and noise already.
    """

    size: Array
    state: Any
    parent: Array
    action: Array
    earned: Array
    value: Array
    prior: Array
    visits: Array
    value_sum: Array
    children: Array
    best_action: Array
    best_child: Array
    labels: Array | None
    pending: Array | None
    proof: Array | None
    proven: Array | None
    opponent_value: Array | None
    replied: Array | None
    potential: Array | None
    mixed: Array


@pytree
class Node:
    """What a tree stores of new nodes: leaves `(K, ...)`, fields as in `Tree`."""

    state: Any
    parent: Array
    action: Array
    earned: Array
    value: Array
    prior: Array
    best_action: Array
    labels: Array | None
    proof: Array | None
    opponent_value: Array | None
    replied: Array | None
    potential: Array | None


def index_dtype(size: int) -> Any:
    """The smallest integer type that JAX indexes well and that holds `size`."""
    return jnp.int16 if size < 2**15 else jnp.int32


def count_dtype(capacity: int) -> Any:
    """Of visits, which may be twice the capacity: what was kept of the last move, and what is to come."""
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
        earned=column(root.earned),
        value=column(root.value),
        prior=column(root.prior.astype(prior_dtype)),
        visits=jnp.zeros(per_edge, count_dtype(capacity)),
        value_sum=jnp.zeros((*per_edge, root.value.shape[-1]), jnp.float32),
        children=jnp.full(per_edge, NO_CHILD, node_type),
        best_action=column(root.best_action),
        best_child=jnp.full((capacity, batch), NO_CHILD, node_type),
        labels=column(root.labels),
        pending=jnp.zeros(per_edge, jnp.int8) if pending else None,
        proof=column(root.proof),
        proven=None if root.proof is None else jnp.zeros(per_edge, jnp.int8),
        opponent_value=column(root.opponent_value),
        replied=column(root.replied),
        potential=column(root.potential),
        mixed=jnp.zeros((1, batch), bool),
    )


def take(array: Array, node: Array, owner: Array) -> Array:
    """`(K, ...)`: of each walker its own node's entry. `array` `(C, B, ...)`, `node` `(K,)`."""
    return array.at[node, owner].get(mode="promise_in_bounds")


def add_nodes(tree: Tree, node: Node, read: Array) -> Tree:
    """Write the new nodes of W walkers at slots `size` to `size + W - 1`. Nothing links to them yet.

    `read` `()` is any number made from all that was read of the tree before: with it the compiler knows that
    reading comes first. Else it copies whole arrays to be sure, at each simulation.
    """
    batch = tree.parent.shape[1]
    walkers = node.parent.shape[0] // batch
    slot = jax.lax.clamp(tree.size, read.astype(jnp.int32), tree.size)  # which is `size`

    def write(array: Any, rows: Any) -> Any:
        rows = rows.astype(array.dtype).reshape(walkers, *array.shape[1:])
        return jax.lax.dynamic_update_slice_in_dim(array, rows, slot, axis=0)

    def write_if(array: Array | None, rows: Array | None) -> Array | None:
        return None if array is None or rows is None else write(array, rows)

    return replace(
        tree,
        size=tree.size + walkers,
        state=jax.tree.map(write, tree.state, node.state),
        parent=write(tree.parent, node.parent),
        action=write(tree.action, node.action),
        earned=write(tree.earned, node.earned),
        value=write(tree.value, node.value),
        prior=write(tree.prior, node.prior),
        best_action=write(tree.best_action, node.best_action),
        labels=write_if(tree.labels, node.labels),
        proof=write_if(tree.proof, node.proof),
        opponent_value=write_if(tree.opponent_value, node.opponent_value),
        replied=write_if(tree.replied, node.replied),
        potential=write_if(tree.potential, node.potential),
    )


def one_tree(tree: Tree, element: int) -> Tree:
    """The tree of one element, its leaves without the batch axis."""
    columns = jax.tree.map(lambda leaf: leaf[:, element], replace(tree, size=None))  # pyright: ignore
    return replace(columns, size=tree.size)
