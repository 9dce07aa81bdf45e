"""Simulations: they descend, expand what they come to, and back up what they found.

Loops run as far as the batch needs with a scalar condition, and carry only what they change, so that the
compiled program updates the tree in place and holds no select over its arrays.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Params
from jaxplay.search._backup import LeafResult, back_up, set_pending
from jaxplay.search._edges import rewards_on_path
from jaxplay.search._nodes import Origin, make_nodes
from jaxplay.search._opponent import Reply, respond
from jaxplay.search._paths import Simulations, descend, start, visited_path
from jaxplay.search._signal import Shaping, edge_bonus, potential_after
from jaxplay.search._simulator import Simulator
from jaxplay.search._tree import Tree, add_nodes, take
from jaxplay.struct import replace


class Leaves(NamedTuple):
    """Where simulations leave their trees, `(K,)` each: a node, its depth, and the edge taken there."""

    node: Array
    depth: Array
    edge: Array


def simulate(
    sim: Simulator, tree: Tree, buffer: Array, params: Params, key: Array, simulations: Simulations
) -> tuple[Tree, Array, Array]:
    """Make K simulations side by side; those of one element take different edges of the root.

    Returns:
        The trees, the buffer (`jaxplay.search._paths.path_buffer`), and how many edges each simulation took,
        `(K,)`.
    """
    leaves = select_leaves(tree, simulations)
    tree, found = expand(sim, tree, params, key, simulations, leaves)
    path = visited_path(tree, buffer, simulations, found.node, found.depth)
    return back_up(sim, tree, simulations, found, path), path.code, found.depth


_Walk = tuple[Tree, Array]


def simulate_leaves(
    sim: Simulator,
    tree: Tree,
    buffer: Array,
    params: Params,
    key: Array,
    choose_edge: Callable[[Tree], Array],
    active: Array,
) -> tuple[Tree, Array, Array]:
    """Make W simulations of each element, whose leaves are evaluated together.

    They descend one after another; each leaves marks on its path, so that the next, which does not know what
    it will find, turns elsewhere. Two that come to the same edge evaluate it twice, and one node is kept.

    Args:
        sim: the search.
        tree: with `pending` counts.
        buffer: for `W * B` simulations.
        params: of the evaluator.
        key: consumed.
        choose_edge: the edge of the root to take next, `(B,)`.
        active: `(W, B)` bool.

    Returns:
        As `simulate`.
    """

    def walk(carry: _Walk, number: Array) -> tuple[_Walk, tuple[Simulations, Leaves]]:
        tree, buffer = carry
        simulations = start(choose_edge(tree)[None], active[number][None])
        leaves = select_leaves(tree, simulations)
        tree, found = _reserve_node(tree, number, leaves)
        path = visited_path(tree, buffer, simulations, found.node, found.depth)
        return (set_pending(sim, tree, simulations, found, path), path.code), (simulations, leaves)

    numbers = jnp.arange(active.shape[0])
    (tree, buffer), (simulations, leaves) = jax.lax.scan(walk, (tree, buffer), numbers)
    simulations, leaves = jax.tree.map(lambda x: x.reshape(-1), (simulations, leaves))
    tree, found = expand(sim, tree, params, key, simulations, leaves)
    path = visited_path(tree, buffer, simulations, found.node, found.depth)
    return back_up(sim, tree, simulations, found, path), path.code, found.depth


def select_leaves(tree: Tree, simulations: Simulations) -> Leaves:
    """Follow cached choices out of the trees."""
    node, depth = descend(tree, simulations)
    cached = take(tree.next_edge, node, simulations.owner).astype(jnp.int32)
    return Leaves(node, depth, jnp.where(node == 0, simulations.edge, cached))


def _reserve_node(tree: Tree, number: Array, leaves: Leaves) -> tuple[Tree, LeafResult]:
    """Write where the node that simulation `number` will add hangs, so that its path can be read before."""
    batch = leaves.node.shape[0]
    slot = jnp.broadcast_to(tree.size + number, (batch,)).astype(tree.children.dtype)
    known, _ = _exact_total(tree, leaves.node, jnp.arange(batch))

    def write(array: Array, row: Array) -> Array:
        return array.at[tree.size + number].set(row.astype(array.dtype))

    tree = replace(tree, parent=write(tree.parent, leaves.node), action=write(tree.action, leaves.edge))
    nothing = jnp.zeros((batch, tree.value.shape[-1]), jnp.float32)
    node = jnp.where(known, leaves.node, slot)
    return tree, LeafResult(node, jnp.where(known, leaves.depth, leaves.depth + 1), nothing)


def _exact_total(tree: Tree, node: Array, owner: Array) -> tuple[Array, Array]:
    """Whether the value of `node` `(K,)` is known exactly, and `LeafResult.total` `(K, V)` where it is."""
    over = take(tree.state.terminated, node, owner)
    total = take(tree.path_return, node, owner)
    if tree.proof is None:
        return over, total
    proof = take(tree.proof, node, owner)
    to_come = proof.astype(jnp.float32)[:, None] - rewards_on_path(tree, node, owner)
    return over | (proof != 0), jnp.where((over | (proof == 0))[:, None], total, total + to_come)


def expand(
    sim: Simulator, tree: Tree, params: Params, key: Array, simulations: Simulations, leaves: Leaves
) -> tuple[Tree, LeafResult]:
    """Add the node behind each simulation's edge; a terminal or proven node is its own end."""
    node, depth, edge = leaves
    owner, slot = simulations.owner, _slots(tree, node.shape[0])
    states = jax.tree.map(lambda leaf: take(leaf, node, owner), tree.state)
    known, exact = _exact_total(tree, node, owner)
    origin = Origin(
        node,
        edge,
        take(tree.path_return, node, owner),
        None if tree.bonus is None else take(tree.bonus, node, owner),
    )
    action = edge if tree.labels is None else tree.labels.at[node, owner, edge].get(mode="promise_in_bounds")
    key_reply, key_node = jax.random.split(key)
    grows = simulations.active & ~known
    after, reply = _step(sim, tree, params, key_reply, states, action, owner, grows)
    shaping = None if reply is None else _shape(sim, tree, params, reply, node, owner)
    new = make_nodes(sim, params, key_node, after, origin, reply, shaping)
    where = jnp.where(grows, node, tree.parent.shape[0])
    children = tree.children.at[where, owner, edge].max(slot, mode="drop")
    read = new.value.sum() + new.prior.sum() + exact.sum() + known.sum(dtype=jnp.float32)
    tree = replace(add_nodes(tree, new, read), children=children)
    return tree, LeafResult(
        node=jnp.where(known, node, slot),
        depth=jnp.where(known, depth, depth + 1),
        total=jnp.where(known[:, None], exact, new.path_return + new.value),
    )


def _slots(tree: Tree, count: int) -> Array:
    """`(K,)`: where the nodes of `count` simulations will be."""
    batch = tree.parent.shape[1]
    number = jnp.arange(count, dtype=jnp.int32) // batch
    return (tree.size + number).astype(tree.children.dtype)


def _step(
    sim: Simulator,
    tree: Tree,
    params: Params,
    key: Array,
    states: Any,
    action: Array,
    owner: Array,
    grows: Array,
) -> tuple[Any, Reply | None]:
    """Positions after `action` `(K,)` and, where an opponent is modelled, after its reply too.

    Where no node `grows` `(K,)` the position means nothing, as a game that is over was perhaps stepped. It
    counts as over, so that neither chance nor an opponent is waited for.
    """
    after = jax.vmap(sim.game.step)(states, action.astype(jnp.int32))
    after = replace(after, terminated=after.terminated | ~grows)
    if sim.opponent is None:
        return after, None
    searcher = tree.state.current_player[0][owner]
    reply = respond(sim.game, sim.opponent, params.opponent, key, after, searcher)
    return reply.states, reply


def _shape(
    sim: Simulator, tree: Tree, params: Params, reply: Reply, node: Array, owner: Array
) -> Shaping | None:
    """What the signal adds to the nodes below `node` `(K,)`."""
    signal = None if sim.opponent is None else sim.opponent.signal
    if signal is None:
        return None
    weight, searcher = params.signal_weight, tree.state.current_player[0][owner]
    if tree.potential is None:
        bonus = edge_bonus(sim.game, signal, weight, reply.value, reply.replied, searcher)
        return Shaping(weight, bonus=bonus)
    before = take(tree.potential, node, owner)
    return Shaping(weight, potential=potential_after(sim.game, before, reply.value, reply.replied, searcher))
