"""What simulations found, added to the edges that they took, and the choices there renewed.

Each edge of a path is an update of its own, so that all of them are one list, worked off in blocks: a
short path costs no more for a long one beside it. Proofs alone go up step by step, and only as far as they
are new.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.search._edges import choose, rows_at
from jaxplay.search._paths import MOST_BLOCK, Simulations, VisitedPath
from jaxplay.search._proofs import carry_up
from jaxplay.search._simulator import Simulator
from jaxplay.search._tree import NO_CHILD, Tree, take
from jaxplay.struct import replace


class LeafResult(NamedTuple):
    """Where each simulation ended, and what it found there.

    Attributes:
        node: `(K,)` node index; 0 where the root is all there is.
        depth: `(K,)` int32, of that node.
        total: `(K, V)` float32, `Tree.path_return` of the node plus the return to go found there.
    """

    node: Array
    depth: Array
    total: Array


class Update(NamedTuple):
    """Edges that simulations took, one each; arrays as long as a block.

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

BLOCK_LEVELS = 4
"""Edges worked off together of each position, where there are several but few."""


def back_up(
    sim: Simulator, tree: Tree, simulations: Simulations, found: LeafResult, path: VisitedPath
) -> Tree:
    """Count what was found in all edges of the paths, and choose anew in the nodes below the root."""
    if tree.proof is not None:
        tree = carry_up(tree, simulations, found.node)

    def arrive(tree: Tree, update: Update) -> Tree:
        where = (update.node, update.owner, update.edge)
        visits = tree.visits.at[where].add(jnp.asarray(1, tree.visits.dtype), mode="drop")
        value_sum = tree.value_sum.at[where].add(update.value, mode="drop")
        tree = replace(tree, visits=visits, value_sum=value_sum)
        return tree if tree.pending is None else _add_pending(tree, update, -1)

    tree = _each_block(sim, tree, simulations, found, path, arrive)
    taken = simulations.active & (found.node != 0)
    here = jnp.where(taken, 0, tree.parent.shape[0])
    value = found.total - tree.path_return.at[0, simulations.owner].get(mode="promise_in_bounds")
    return arrive(tree, Update(here, simulations.owner, simulations.edge, value))


def set_pending(
    sim: Simulator, tree: Tree, simulations: Simulations, found: LeafResult, path: VisitedPath
) -> Tree:
    """Mark all edges of the paths as taken by a simulation under way; `found.total` is not read."""

    def leave(tree: Tree, update: Update) -> Tree:
        return _add_pending(tree, update, 1)

    tree = _each_block(sim, tree, simulations, found, path, leave)
    here = jnp.where(simulations.active & (found.node != 0), 0, tree.parent.shape[0])
    return leave(tree, Update(here, simulations.owner, simulations.edge, found.total))


def _add_pending(tree: Tree, update: Update, count: int) -> Tree:
    assert tree.pending is not None
    where = (update.node, update.owner, update.edge)
    return replace(tree, pending=tree.pending.at[where].add(jnp.int8(count), mode="drop"))


def _each_block(
    sim: Simulator, tree: Tree, simulations: Simulations, found: LeafResult, path: VisitedPath, apply: Apply
) -> Tree:
    """Apply an update to each edge of the list, a block at a time, and choose anew."""
    capacity, batch = tree.parent.shape
    width = simulations.owner.shape[0]

    def more(carry: tuple[Changed, Array]) -> Array:
        return carry[1] < path.total

    def work(block: int, carry: tuple[Changed, Array]) -> tuple[Changed, Array]:
        changed, first = carry
        now = replace(tree, **changed._asdict())
        exists = first + jnp.arange(block) < path.total
        code = jax.lax.dynamic_slice_in_dim(path.code, first, block)
        below, number = jnp.divmod(jnp.where(exists, code, 0), width)
        owner = simulations.owner[number]
        above, edge = take(tree.parent, below, owner), take(tree.action, below, owner)
        value = found.total[number] - take(tree.path_return, above, owner)
        node = jnp.where(exists, above, capacity)
        now = _renew(sim, apply(now, Update(node, owner, edge, value)), above, owner, node)
        return _changed(now), first + block

    def in_blocks(block: int, changed: Changed) -> Changed:
        return jax.lax.while_loop(more, partial(work, block), (changed, jnp.int32(0)))[0]

    if batch <= MOST_BLOCK:
        levels = BLOCK_LEVELS if batch > 1 else 1
        block = min(MOST_BLOCK, max(sim.least_block, levels * batch))
        return replace(tree, **in_blocks(block, _changed(tree))._asdict())
    narrow, wide = partial(in_blocks, MOST_BLOCK), partial(in_blocks, batch)
    changed = jax.lax.platform_dependent(_changed(tree), cpu=narrow, default=wide)
    return replace(tree, **changed._asdict())


class Changed(NamedTuple):
    """The arrays of `Tree` that blocks change: a loop that carried the others would copy them."""

    visits: Array
    value_sum: Array
    next_edge: Array
    next_child: Array
    pending: Array | None


def _changed(tree: Tree) -> Changed:
    return Changed(tree.visits, tree.value_sum, tree.next_edge, tree.next_child, tree.pending)


def _renew(sim: Simulator, tree: Tree, node: Array, owner: Array, where: Array) -> Tree:
    """Choose anew at `node` `(n,)`, and write the choice at `where` `(n,)`."""
    best = choose(sim, rows_at(tree, node, owner))
    child = tree.children.at[node, owner, best].get(mode="promise_in_bounds")
    if tree.proof is not None:
        child = jnp.where(take(tree.proof, node, owner) != 0, NO_CHILD, child).astype(child.dtype)
    edge = best.astype(tree.next_edge.dtype)
    return replace(
        tree,
        next_edge=tree.next_edge.at[where, owner].set(edge, mode="drop"),
        next_child=tree.next_child.at[where, owner].set(child, mode="drop"),
    )
