"""Simulations: walkers descend, expand what they come to, and back up what they found.

Loops run as far as the batch needs with a scalar condition, and carry only what they change, so that the
compiled program updates the tree in place and holds no select over its arrays.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Params
from jaxplay.search.backup import Found, back_up, set_pending
from jaxplay.search.nodes import Origin, Simulator, make_nodes
from jaxplay.search.opponent import Reply, respond
from jaxplay.search.paths import Walkers, descend, passed, set_out
from jaxplay.search.signal import Shaping, edge_bonus, potential_after
from jaxplay.search.tree import Tree, add_nodes, take
from jaxplay.struct import replace


class Leaves(NamedTuple):
    """Where walkers leave their trees, `(K,)` each: a node, its depth, and the edge that they take there."""

    node: Array
    depth: Array
    edge: Array


def simulate(
    sim: Simulator, tree: Tree, scratch: Array, params: Params, key: Array, walkers: Walkers
) -> tuple[Tree, Array, Array]:
    """One simulation by each walker, side by side; those of one element take different edges of the root.

    Returns:
        The trees, the scratch (`jaxplay.search.paths.room`), and how many edges each walker took, `(K,)`.
    """
    leaves = leave(tree, walkers)
    tree, found = expand(sim, tree, params, key, walkers, leaves)
    way = passed(tree, scratch, walkers, found.node, found.depth)
    return back_up(sim, tree, walkers, found, way), way.code, found.depth


def simulate_leaves(
    sim: Simulator,
    tree: Tree,
    scratch: Array,
    params: Params,
    key: Array,
    start: Callable[[Tree], Array],
    active: Array,
) -> tuple[Tree, Array, Array]:
    """One simulation by each of W walkers of an element, whose leaves are evaluated together.

    They set out one after another; each leaves marks on its way, so that the next, which does not know what
    it will find, turns elsewhere. Two that come to the same edge evaluate it twice, and one node is kept.

    Args:
        sim: the search.
        tree: which counts walkers under way.
        scratch: room for `W * B` walkers.
        params: of the evaluator.
        key: consumed.
        start: the edge of the root to set out by, `(B,)`.
        active: `(W, B)` bool.

    Returns:
        As `simulate`.
    """

    def walk(carry: tuple[Tree, Array], number: Array) -> tuple[tuple[Tree, Array], tuple[Walkers, Leaves]]:
        tree, scratch = carry
        walkers = set_out(start(tree)[None], active[number][None])
        leaves = leave(tree, walkers)
        tree, found = _announce(tree, number, leaves)
        way = passed(tree, scratch, walkers, found.node, found.depth)
        return (set_pending(sim, tree, walkers, found, way), way.code), (walkers, leaves)

    (tree, scratch), (walkers, leaves) = jax.lax.scan(walk, (tree, scratch), jnp.arange(active.shape[0]))
    walkers, leaves = jax.tree.map(lambda x: x.reshape(-1), (walkers, leaves))
    tree, found = expand(sim, tree, params, key, walkers, leaves)
    way = passed(tree, scratch, walkers, found.node, found.depth)
    return back_up(sim, tree, walkers, found, way), way.code, found.depth


def leave(tree: Tree, walkers: Walkers) -> Leaves:
    """Follow cached choices out of the trees."""
    node, depth = descend(tree, walkers)
    edge = jnp.where(node == 0, walkers.edge, take(tree.best_action, node, walkers.owner).astype(jnp.int32))
    return Leaves(node, depth, edge)


def _announce(tree: Tree, walker: Array, leaves: Leaves) -> tuple[Tree, Found]:
    """Write where the node that `walker` will add hangs, so that its way can be read before it is there."""
    batch = leaves.node.shape[0]
    slot = jnp.broadcast_to(tree.size + walker, (batch,)).astype(tree.children.dtype)
    known, _ = _known(tree, leaves.node, jnp.arange(batch))

    def write(array: Array, row: Array) -> Array:
        return array.at[tree.size + walker].set(row.astype(array.dtype))

    tree = replace(tree, parent=write(tree.parent, leaves.node), action=write(tree.action, leaves.edge))
    nothing = jnp.zeros((batch, tree.value.shape[-1]), jnp.float32)
    node = jnp.where(known, leaves.node, slot)
    return tree, Found(node, jnp.where(known, leaves.depth, leaves.depth + 1), nothing)


def _known(tree: Tree, node: Array, owner: Array) -> tuple[Array, Array]:
    """Whether the value of `node` `(K,)` is known exactly, and what is to come of it, `(K, 1)`."""
    over = take(tree.state.terminated, node, owner)
    if tree.proof is None:
        return over, jnp.zeros((node.shape[0], 1), jnp.float32)
    proof = take(tree.proof, node, owner)
    return over | (proof != 0), jnp.where(over, 0, proof).astype(jnp.float32)[:, None]


def expand(
    sim: Simulator, tree: Tree, params: Params, key: Array, walkers: Walkers, leaves: Leaves
) -> tuple[Tree, Found]:
    """Add the node behind each walker's edge; a terminal or proven node is its own end."""
    node, depth, edge = leaves
    owner, slot = walkers.owner, _slots(tree, node.shape[0])
    states = jax.tree.map(lambda leaf: take(leaf, node, owner), tree.state)
    known, exact = _known(tree, node, owner)
    earned = take(tree.earned, node, owner)
    action = edge if tree.labels is None else tree.labels.at[node, owner, edge].get(mode="promise_in_bounds")
    key_reply, key_node = jax.random.split(key)
    after, reply = _step(sim, tree, params, key_reply, states, action, owner)
    shaping = None if reply is None else _shape(sim, tree, params, reply, node, owner)
    new, value = make_nodes(sim, params, key_node, after, Origin(node, edge, earned), reply, shaping)
    grows = walkers.active & ~known
    where = jnp.where(grows, node, tree.parent.shape[0])
    children = tree.children.at[where, owner, edge].max(slot, mode="drop")
    old_total = earned + exact
    read = value.sum() + new.prior.sum() + old_total.sum() + known.sum(dtype=jnp.float32)
    tree = replace(add_nodes(tree, new, read), children=children)
    return tree, Found(
        node=jnp.where(known, node, slot),
        depth=jnp.where(known, depth, depth + 1),
        total=jnp.where(known[:, None], old_total, new.earned + value),
    )


def _slots(tree: Tree, count: int) -> Array:
    """`(K,)`: where the nodes of `count` walkers will be."""
    batch = tree.parent.shape[1]
    walker = jnp.arange(count, dtype=jnp.int32) // batch
    return (tree.size + walker).astype(tree.children.dtype)


def _step(
    sim: Simulator, tree: Tree, params: Params, key: Array, states: Any, action: Array, owner: Array
) -> tuple[Any, Reply | None]:
    """Positions after `action` `(K,)` and, where an opponent is modelled, after its reply too."""
    after = jax.vmap(sim.game.step)(states, action.astype(jnp.int32))
    if sim.opponent is None:
        return after, None
    searcher = tree.state.current_player[0][owner]
    reply = respond(sim.game, sim.opponent, params.opponent, key, after, searcher)
    return reply.states, reply


def _shape(
    sim: Simulator, tree: Tree, params: Params, reply: Reply, node: Array, owner: Array
) -> Shaping | None:
    """What the signal makes of the nodes below `node` `(K,)`."""
    signal = None if sim.opponent is None else sim.opponent.signal
    if signal is None:
        return None
    weight, searcher = params.signal_weight, tree.state.current_player[0][owner]
    if tree.potential is None:
        bonus = edge_bonus(sim.game, signal, weight, reply.value, reply.replied, searcher)
        return Shaping(weight, bonus=bonus)
    before = take(tree.potential, node, owner)
    return Shaping(weight, potential=potential_after(sim.game, before, reply.value, reply.replied, searcher))
