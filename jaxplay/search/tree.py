"""The search tree: arrays with a node axis and a batch axis, updated in place.

`C` is the capacity in nodes, `B` the batch, `E` edges per node (`num_edges`: actions or chance
outcomes), `V` the numbers of a value in the fixed frame (`jaxplay.values`). Node 0 is the root; the node
that simulation `i` adds has index `i + 1` in every element of the batch, so that a new node is one
contiguous write and no free list is needed. A simulation that ends in a known terminal node leaves its
slot unlinked.

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
        state: the game's states, stripped of mask and rewards, leaves `(C, B, ...)`.
        parent: `(C, B)` node index; the root's is 0.
        action: `(C, B)` edge that leads from the parent to the node.
        reward: `(C, B, V)` float32, earned on arrival, fixed frame, scaled.
        value: `(C, B, V)` float32, the evaluator's value, fixed frame; 0 for a terminal node.
        prior: `(C, B, E)` float32; `ILLEGAL` where the edge does not exist.
        visits: `(C, B, E)` simulations that took the edge.
        value_sum: `(C, B, E, V)` float32, sum of what they found, fixed frame.
        children: `(C, B, E)` node index or `NO_CHILD`.
        best_action: `(C, B)` the edge the next simulation takes from the node.
        best_child: `(C, B)` the node it leads to, or `NO_CHILD`.
        proof: `(C, B)` int8, 1 where player 0 is known to win all there is to win, -1 where player 1 is,
            else 0. None in a search without proofs, as the next.
        proven: `(C, B, E)` int8, `proof` of the node behind each edge.
    """

    state: Any
    parent: Array
    action: Array
    reward: Array
    value: Array
    prior: Array
    visits: Array
    value_sum: Array
    children: Array
    best_action: Array
    best_child: Array
    proof: Array | None
    proven: Array | None


@pytree
class Node:
    """What a tree stores of one new node per element: leaves `(B, ...)`, fields as in `Tree`."""

    state: Any
    parent: Array
    action: Array
    reward: Array
    value: Array
    prior: Array
    best_action: Array
    proof: Array | None


def index_dtype(size: int) -> Any:
    """The smallest integer type that JAX indexes well and that holds `size`."""
    return jnp.int16 if size < 2**15 else jnp.int32


def new_tree(root: Node, capacity: int) -> Tree:
    """A tree of `capacity` nodes that holds the root only."""
    batch, edges = root.prior.shape
    values = root.value.shape[-1]
    node_type = index_dtype(capacity)

    def column(leaf: Array) -> Array:
        return jnp.zeros((capacity, *leaf.shape), leaf.dtype).at[0].set(leaf)

    return Tree(
        state=jax.tree.map(column, root.state),
        parent=jnp.zeros((capacity, batch), node_type),
        action=jnp.zeros((capacity, batch), index_dtype(edges)),
        reward=column(jnp.zeros_like(root.reward)),
        value=column(root.value),
        prior=column(root.prior),
        visits=jnp.zeros((capacity, batch, edges), node_type),
        value_sum=jnp.zeros((capacity, batch, edges, values), jnp.float32),
        children=jnp.full((capacity, batch, edges), NO_CHILD, node_type),
        best_action=column(root.best_action),
        best_child=jnp.full((capacity, batch), NO_CHILD, node_type),
        proof=None if root.proof is None else column(root.proof),
        proven=None if root.proof is None else jnp.zeros((capacity, batch, edges), jnp.int8),
    )


def take(array: Array, node: Array) -> Array:
    """`(B, ...)`: of each element its own node's entry. `array` `(C, B, ...)`, `node` `(B,)`."""
    return array.at[node, jnp.arange(node.shape[0])].get(mode="promise_in_bounds")


def add_node(tree: Tree, slot: Array, node: Node) -> Tree:
    """Write a new node of every element at the scalar index `slot`. Nothing links to it yet."""

    def write(array: Array, row: Array) -> Array:
        return array.at[slot].set(row.astype(array.dtype))

    return replace(
        tree,
        state=jax.tree.map(write, tree.state, node.state),
        parent=write(tree.parent, node.parent),
        action=write(tree.action, node.action),
        reward=write(tree.reward, node.reward),
        value=write(tree.value, node.value),
        prior=write(tree.prior, node.prior),
        best_action=write(tree.best_action, node.best_action),
        proof=None if tree.proof is None or node.proof is None else write(tree.proof, node.proof),
    )


def tree_bytes(state_bytes: int, edges: int, capacity: int, values: int = 1, *, prove: bool = False) -> int:
    """Bytes of one element's tree. `state_bytes`: one stripped state."""
    index, action = index_dtype(capacity).dtype.itemsize, index_dtype(edges).dtype.itemsize
    node = state_bytes + 2 * index + 2 * action + 8 * values
    return capacity * (node + prove + edges * (4 + 2 * index + 4 * values + prove))
