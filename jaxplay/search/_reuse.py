"""Trees that outlive a move: the part below the move that was made is kept, and searched on.

The kept nodes move to the front of the arrays, so that new ones are still added at one place for the whole
batch. That rewrites a tree once a move, which costs about as much as a few simulations.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import CHANCE, Game, strip
from jaxplay.search._edges import most_visited, root_edges
from jaxplay.search._simulator import Simulator
from jaxplay.search._tree import NO_CHILD, Node, Tree, new_tree, take
from jaxplay.struct import replace


def new_or_reused_tree(sim: Simulator, root: Node, tree: Tree | None, *, pending: bool = False) -> Tree:
    """A tree to search: a new one, or `tree`, with new roots in elements in which nothing was kept.

    Raises:
        UserError: `tree` is not of this search.
    """
    options = {"prior_dtype": sim.prior_dtype, "pending": pending}
    if tree is None:
        return new_tree(root, sim.capacity, **options)
    fresh = new_tree(root, 1, **options)  # one row, as large trees must not be written for it
    here, there = (jax.tree.map(lambda x: x.shape[1:], t) for t in (tree, fresh))
    if here != there or tree.parent.shape[0] != sim.capacity:
        raise UserError("the tree is not one of this search: capacity, edges, batch or options differ")
    bare = (tree.visits[0] == 0).all(-1) & (tree.children[0] == NO_CHILD).all(-1)

    def first_row(old: Array, new: Array) -> Array:
        return old.at[0].set(_where(bare, new[0].astype(old.dtype), old[0]))

    rooted = jax.tree.map(first_row, replace(tree, size=None), replace(fresh, size=None))  # pyright: ignore
    return replace(rooted, size=tree.size)


def empty_tree(shapes: Tree) -> Tree:
    """A tree in which nothing is kept, for a search's `tree` argument; `shapes` from `jax.eval_shape`."""

    def empty(shape: Any) -> Array:
        if jnp.issubdtype(shape.dtype, jax.dtypes.prng_key):
            return jnp.broadcast_to(jax.random.key(0), shape.shape)
        return jnp.zeros(shape.shape, shape.dtype)

    tree = jax.tree.map(empty, shapes)
    return replace(
        tree,
        size=jnp.int32(1),
        children=jnp.full_like(tree.children, NO_CHILD),
        next_child=jnp.full_like(tree.next_child, NO_CHILD),
        finite=jnp.ones_like(tree.finite),
    )


def reuse(game: Game[Any], tree: Tree, actions: Array, states: Any, keep: int) -> Tree:
    """What `tree` knows of the positions `states` that came of `actions`, as a tree to search on.

    Nothing is kept in elements where the tree does not hold exactly that position: where a game ended and
    another began, where chance or an opponent did what was never simulated, or where hidden randomness was
    redrawn.

    Args:
        game: that was searched.
        tree: from `SearchOutput.tree`.
        actions: `(B,)`, played at its roots.
        states: `(B, ...)`, in which a player is to move now.
        keep: the most nodes that are kept, at least 1; the oldest are. Capacity less simulations leaves room
            for the next search.
    """
    capacity, batch = tree.parent.shape
    keep = min(max(keep, 1), capacity)
    root, found = _find(game, tree, actions, states)
    number = _renumber(tree, root, found, keep)
    source = jnp.zeros((keep, batch), jnp.int32)
    slot = jnp.broadcast_to(jnp.arange(capacity, dtype=jnp.int32)[:, None], (capacity, batch))
    owner = jnp.broadcast_to(jnp.arange(batch)[None], (capacity, batch))
    source = source.at[jnp.where(number >= 0, number, keep), owner].set(slot, mode="drop")
    count = (number >= 0).sum(0)
    kept = _gather(_relink(tree, number), source, jnp.arange(keep)[:, None] < count[None])
    to_play = most_visited(root_edges(game, kept)).astype(kept.next_edge.dtype)
    next_edge = kept.next_edge.at[0].set(to_play)
    return replace(kept, size=jnp.maximum(count.max(), 1).astype(jnp.int32), next_edge=next_edge)


def _find(game: Game[Any], tree: Tree, actions: Array, states: Any) -> tuple[Array, Array]:
    """The node `(B,)` that holds `states`, and whether there is one."""
    batch = jnp.arange(actions.shape[0])
    edge = actions
    if tree.labels is not None:
        edge = jnp.argmax(tree.labels[0] == actions[:, None], axis=-1)
    child = tree.children.at[0, batch, edge].get(mode="promise_in_bounds")
    known = child >= 0
    if tree.labels is not None:
        known = known & (tree.labels[0] == actions[:, None]).any(-1)
    node = jnp.maximum(child, 0)
    wanted = strip(states)
    if game.num_chance_outcomes > 0:
        node, known = _behind_chance(tree, node, known, wanted)
    same = _equal(_states_at(tree, node, batch), wanted) & (take(tree.visits, node, batch).sum(-1) > 0)
    few = take(tree.visits, node, batch).astype(jnp.int32).sum(-1) <= most_visits(tree)
    return node, known & same & few & ~states.terminated


def most_visits(tree: Tree) -> int:
    """Trees of more visits than this are begun anew: with those to come they might not be counted.

    Counts may grow from move to move, as the nodes of a line of forced moves are dropped and their visits
    are not.
    """
    return jnp.iinfo(tree.visits.dtype).max - tree.parent.shape[0]


def _behind_chance(tree: Tree, node: Array, known: Array, wanted: Any) -> tuple[Array, Array]:
    """At a chance node, the one behind it that holds the position wanted."""
    batch, edges = node.shape[0], tree.children.shape[-1]
    owner = jnp.arange(batch)
    after = take(tree.children, node, owner)
    there = jnp.maximum(after, 0).reshape(-1)
    repeated = jax.tree.map(lambda x: jnp.repeat(x, edges, axis=0), wanted)
    same = _equal(_states_at(tree, there, jnp.repeat(owner, edges)), repeated).reshape(batch, edges)
    same = same & (after >= 0)
    outcome = jnp.argmax(same, axis=-1)[:, None]
    chance = take(tree.state.current_player, node, owner) == CHANCE
    behind = jnp.take_along_axis(after, outcome, axis=-1)[:, 0]
    return jnp.where(chance, jnp.maximum(behind, 0), node), known & (~chance | same.any(-1))


def _states_at(tree: Tree, node: Array, owner: Array) -> Any:
    return jax.tree.map(lambda leaf: take(leaf, node, owner), tree.state)


def _equal(one: Any, other: Any) -> Array:
    """`(n,)` bool: whether the states are the same, leaf by leaf."""
    same = jnp.bool_(True)
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
        same = same & (a == b).reshape(a.shape[0], -1).all(-1)
    return same


def _renumber(tree: Tree, root: Array, found: Array, keep: int) -> Array:
    """`(C, B)` int32: the new index of each node below `root`, or -1 if it goes.

    Who descends from the new root is found by following parents in doubled steps (pointer jumping).
    """
    capacity, batch = tree.parent.shape
    owner = jnp.broadcast_to(jnp.arange(batch)[None], (capacity, batch))
    slot = jnp.arange(capacity, dtype=jnp.int32)[:, None]
    linked = tree.children.at[tree.parent, owner, tree.action].get(mode="promise_in_bounds") == slot
    ancestor = jnp.where(linked & (slot < tree.size), tree.parent, 0).astype(jnp.int32)
    ancestor = jnp.where(slot == root[None], slot, ancestor)
    for _ in range(max(capacity - 1, 1).bit_length()):
        ancestor = ancestor.at[ancestor, owner].get(mode="promise_in_bounds")
    below = (ancestor == root[None]) & found[None] & (slot < tree.size)
    number = jnp.cumsum(below, axis=0, dtype=jnp.int32) - 1
    return jnp.where(below & (number < keep), number, -1)


def _relink(tree: Tree, number: Array) -> Tree:
    """The tree with node indices by `number`; links to nodes that go are cut."""
    batch = jnp.arange(number.shape[1])
    type_ = tree.parent.dtype

    def renamed(node: Array, owner: Array) -> Array:
        new = number.at[jnp.maximum(node, 0), owner].get(mode="promise_in_bounds")
        return jnp.where(node >= 0, new, NO_CHILD).astype(type_)

    return replace(
        tree,
        parent=jnp.maximum(renamed(tree.parent, jnp.broadcast_to(batch, tree.parent.shape)), 0),
        children=renamed(tree.children, jnp.broadcast_to(batch[:, None], tree.children.shape)),
        next_child=renamed(tree.next_child, jnp.broadcast_to(batch, tree.next_child.shape)),
    )


def _gather(tree: Tree, source: Array, exists: Array) -> Tree:
    """The nodes `source` `(keep, B)` in front, where they exist; all else as in an empty tree."""
    owner = jnp.broadcast_to(jnp.arange(source.shape[1])[None], source.shape)
    empty = empty_tree(tree)

    def move(old: Array, none: Array) -> Array:
        rows = old.at[source, owner].get(mode="promise_in_bounds")
        return none.at[: source.shape[0]].set(_where(exists, rows, none[: source.shape[0]]))

    nodes, none = (replace(t, size=None, mixed=None, finite=None) for t in (tree, empty))  # pyright: ignore
    kept = jax.tree.map(move, nodes, none)
    return replace(kept, size=empty.size, mixed=empty.mixed, finite=empty.finite)


def _where(condition: Array, yes: Array, no: Array) -> Array:
    return jnp.where(condition.reshape(*condition.shape, *[1] * (yes.ndim - condition.ndim)), yes, no)
