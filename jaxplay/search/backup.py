"""What walkers found, added to the edges that they took, and the choices there renewed.

Each edge of a way is an update of its own, so that all of them are one list, worked off in blocks: a
short way costs no more for a long one beside it. Proofs alone go up step by step, and only as far as they
are new.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.search.nodes import Simulator, choose, node_proof, rows_at
from jaxplay.search.paths import Passed, Walkers
from jaxplay.search.tree import NO_CHILD, Tree, take
from jaxplay.struct import replace


class Found(NamedTuple):
    """Where each walker's way ended, and what was found there.

    Attributes:
        node: `(K,)` node index; 0 where the root is all there is.
        depth: `(K,)` int32, of that node.
        total: `(K, V)` float32, `Tree.earned` of the node plus the value found there.
    """

    node: Array
    depth: Array
    total: Array


class Update(NamedTuple):
    """Edges of interior nodes that walkers took, one each; arrays as long as a block.

    Attributes:
        node: the node above the edge; `C`, which no tree has, where there is nothing to do.
        owner: int32, the element.
        edge: edge index.
        value: `(n, V)` float32, what was found below the edge.
    """

    node: Array
    owner: Array
    edge: Array
    value: Array


Apply = Callable[[Tree, Update], Tree]

CPU_BLOCK = 256
"""Edges worked off together on a CPU, at most: what is gathered for them then stays in its nearest caches."""


def back_up(sim: Simulator, tree: Tree, walkers: Walkers, found: Found, way: Passed) -> Tree:
    """Count what was found in all edges of the ways, and choose anew in the nodes below the root."""
    if tree.proof is not None:
        tree = _prove(tree, walkers, found)

    def arrive(tree: Tree, update: Update) -> Tree:
        where = (update.node, update.owner, update.edge)
        visits = tree.visits.at[where].add(jnp.asarray(1, tree.visits.dtype), mode="drop")
        value_sum = tree.value_sum.at[where].add(update.value, mode="drop")
        tree = replace(tree, visits=visits, value_sum=value_sum)
        return tree if tree.pending is None else _add_pending(tree, update, -1)

    tree = _each_block(sim, tree, walkers, found, way, arrive)
    taken = walkers.active & (found.node != 0)
    here = jnp.where(taken, 0, tree.parent.shape[0])
    value = found.total - tree.earned.at[0, walkers.owner].get(mode="promise_in_bounds")
    return arrive(tree, Update(here, walkers.owner, walkers.edge, value))


def set_pending(sim: Simulator, tree: Tree, walkers: Walkers, found: Found, way: Passed) -> Tree:
    """Mark all edges of the ways as taken by a walker under way; `found` values are not read."""

    def leave(tree: Tree, update: Update) -> Tree:
        return _add_pending(tree, update, 1)

    tree = _each_block(sim, tree, walkers, found, way, leave)
    here = jnp.where(walkers.active & (found.node != 0), 0, tree.parent.shape[0])
    return leave(tree, Update(here, walkers.owner, walkers.edge, found.total))


def _add_pending(tree: Tree, update: Update, count: int) -> Tree:
    assert tree.pending is not None
    where = (update.node, update.owner, update.edge)
    return replace(tree, pending=tree.pending.at[where].add(jnp.int8(count), mode="drop"))


def _each_block(
    sim: Simulator, tree: Tree, walkers: Walkers, found: Found, way: Passed, apply: Apply
) -> Tree:
    """Apply an update to each edge of the list, a block at a time, and choose anew."""
    capacity, batch = tree.parent.shape
    num_walkers = walkers.owner.shape[0]

    def more(carry: tuple[Changed, Array]) -> Array:
        return carry[1] < way.total

    def work(block: int, carry: tuple[Changed, Array]) -> tuple[Changed, Array]:
        changed, start = carry
        now = replace(tree, **changed._asdict())
        exists = start + jnp.arange(block) < way.total
        code = jax.lax.dynamic_slice_in_dim(way.code, start, block)
        below, walker = jnp.divmod(jnp.where(exists, code, 0), num_walkers)
        owner = walkers.owner[walker]
        above, edge = take(tree.parent, below, owner), take(tree.action, below, owner)
        value = found.total[walker] - take(tree.earned, above, owner)
        node = jnp.where(exists, above, capacity)
        now = _renew(sim, apply(now, Update(node, owner, edge, value)), above, owner, node)
        return _changed(now), start + block

    def in_blocks(block: int, changed: Changed) -> Changed:
        return jax.lax.while_loop(more, partial(work, block), (changed, jnp.int32(0)))[0]

    narrow, wide = partial(in_blocks, CPU_BLOCK), partial(in_blocks, batch)
    if batch <= CPU_BLOCK:
        return replace(tree, **wide(_changed(tree))._asdict())
    changed = jax.lax.platform_dependent(_changed(tree), cpu=narrow, default=wide)
    return replace(tree, **changed._asdict())


class Changed(NamedTuple):
    """The arrays of `Tree` that blocks change: a loop that carried the others would copy them."""

    visits: Array
    value_sum: Array
    best_action: Array
    best_child: Array
    pending: Array | None


def _changed(tree: Tree) -> Changed:
    return Changed(tree.visits, tree.value_sum, tree.best_action, tree.best_child, tree.pending)


def _renew(sim: Simulator, tree: Tree, node: Array, owner: Array, where: Array) -> Tree:
    """Choose anew at `node` `(n,)`, and write the choice at `where` `(n,)`."""
    best = choose(sim, rows_at(tree, node, owner))
    child = tree.children.at[node, owner, best].get(mode="promise_in_bounds")
    if tree.proof is not None:
        child = jnp.where(take(tree.proof, node, owner) != 0, NO_CHILD, child).astype(child.dtype)
    action = best.astype(tree.best_action.dtype)
    return replace(
        tree,
        best_action=tree.best_action.at[where, owner].set(action, mode="drop"),
        best_child=tree.best_child.at[where, owner].set(child, mode="drop"),
    )


def _prove(tree: Tree, walkers: Walkers, found: Found) -> Tree:
    """Carry the proofs of the nodes found upwards for as long as they prove the node above."""
    assert tree.proof is not None and tree.proven is not None
    owner, capacity = walkers.owner, tree.parent.shape[0]
    start = walkers.active & (found.node != 0) & (take(tree.proof, found.node, owner) != 0)

    def more(carry: tuple[Array, Array, Array, Array]) -> Array:
        return carry[3].any()

    def up(carry: tuple[Array, Array, Array, Array]) -> tuple[Array, Array, Array, Array]:
        proof, proven, node, news = carry
        above, edge = take(tree.parent, node, owner), take(tree.action, node, owner)
        known = take(proof, node, owner)
        proven = proven.at[jnp.where(news, above, capacity), owner, edge].set(known, mode="drop")
        player = take(tree.state.current_player, above, owner)
        here = node_proof(take(proven, above, owner), take(tree.prior, above, owner), player)
        news = news & (above != 0) & (here != 0)
        proof = proof.at[jnp.where(news, above, capacity), owner].set(here, mode="drop")
        return proof, proven, above, news

    proof, proven, _, _ = jax.lax.while_loop(more, up, (tree.proof, tree.proven, found.node, start))
    return replace(tree, proof=proof, proven=proven)
