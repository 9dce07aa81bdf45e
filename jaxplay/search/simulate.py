"""One simulation of every element's tree: descend, expand, back up.

Loops run to the deepest path in the batch with a scalar condition, and carry only what they change, so
that the compiled program updates the tree in place and holds no select over its arrays.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Evaluate, Params, Prediction
from jaxplay.game import CHANCE, Game, num_edges, resolve_chance, strip
from jaxplay.search.rules import Edges, Rule, proportional
from jaxplay.search.tree import ILLEGAL, Node, Tree, add_node, index_dtype, take
from jaxplay.struct import replace
from jaxplay.values import frame_of_rewards, frame_of_view, perspective

RootRule = Callable[[Edges, Array], Array]
"""As `Rule`, for the root only; it also sees the number of the simulation to come, `()` int32."""


class Simulator(NamedTuple):
    """What a search of one game is made of."""

    game: Game[Any]
    evaluate: Evaluate
    rule: Rule
    root_rule: RootRule


class Leaf(NamedTuple):
    """Where a simulation ended: node `(B,)` and the value found there `(B, V)`, fixed frame."""

    node: Array
    value: Array


def legal_prior(prediction: Prediction, legal: Array) -> Array:
    """`(B, A)`: softmax over legal actions, `ILLEGAL` elsewhere."""
    logits = jnp.where(legal, prediction.logits.astype(jnp.float32), -jnp.inf)
    return jnp.where(legal, jax.nn.softmax(logits, axis=-1), ILLEGAL)


def edge_prior(game: Game[Any], prediction: Prediction, states: Any) -> Array:
    """`(B, E)` priors of any node: action priors, or outcome probabilities at a chance node."""
    legal = states.legal_action_mask
    prior = legal_prior(prediction, legal[:, : game.num_actions])
    if game.num_chance_outcomes == 0:
        return prior
    prior = _pad(prior, num_edges(game))
    chance = _pad(jax.vmap(game.chance_probs)(states), num_edges(game))
    chance = jnp.where(legal, chance, ILLEGAL)
    return jnp.where((states.current_player == CHANCE)[:, None], chance, prior)


def _pad(prior: Array, edges: int) -> Array:
    return jnp.pad(prior, ((0, 0), (0, edges - prior.shape[1])), constant_values=ILLEGAL)


def best_edge(scores: Array, prior: Array) -> Array:
    """`(B,)`: the existing edge of highest score."""
    return jnp.argmax(jnp.where(prior >= 0.0, scores, -jnp.inf), axis=-1)


def choose(sim: Simulator, player: Array, prior: Array, visits: Array, sums: Array, value: Array) -> Array:
    """`(B,)`: the edge to take from interior nodes with these statistics (rows of `Tree`)."""
    edges = view_edges(sim.game, player, prior, visits, sums, value)
    scores = sim.rule(edges)
    if sim.game.num_chance_outcomes > 0:
        scores = jnp.where((player == CHANCE)[:, None], proportional(edges), scores)
    return best_edge(scores, prior)


def view_edges(
    game: Game[Any], player: Array, prior: Array, visits: Array, sums: Array, value: Array
) -> Edges:
    """Rows of a tree as the player to move sees them."""
    view = perspective(game, player)
    count = visits.astype(jnp.float32)
    q = (sums * view[:, None, :]).sum(-1) / jnp.maximum(count, 1.0)
    return Edges(prior=prior, visits=count, q=q, value=(value * view).sum(-1))


def make_node(
    sim: Simulator, params: Params, key: Array, states: Any, parent: Array, action: Array
) -> tuple[Node, Array]:
    """New nodes for `states` `(B, ...)`, and the value found at each, `(B, V)`, fixed frame.

    A chance node is valued by the evaluator at one decision sampled behind it.
    """
    game = sim.game
    key_chance, key_evaluate = jax.random.split(key)
    decisions = states
    if game.num_chance_outcomes > 0:
        keys = jax.random.split(key_chance, states.terminated.shape[0])
        decisions = jax.vmap(lambda s, k: resolve_chance(game, s, k))(states, keys)
    prediction = sim.evaluate(params, key_evaluate, decisions)
    value = frame_of_view(game, prediction.value.astype(jnp.float32), decisions.current_player)
    value = jnp.where(decisions.terminated[:, None], 0.0, value)
    value = value + frame_of_rewards(game, decisions.rewards - states.rewards)
    prior = edge_prior(game, prediction, states)
    none = jnp.zeros_like(prior)
    first = choose(sim, states.current_player, prior, none, none[..., None] * value[:, None], value)
    reward = frame_of_rewards(game, states.rewards)
    node = Node(
        strip(states), parent, action, reward, value, prior, first.astype(index_dtype(prior.shape[1]))
    )
    return node, value


def make_root(sim: Simulator, params: Params, key: Array, states: Any) -> Node:
    """Roots for `states` `(B, ...)`, whose hidden randomness is redrawn first."""
    key_seed, key_node = jax.random.split(key)
    batch = states.terminated.shape[0]
    states = jax.vmap(sim.game.reseed)(states, jax.random.split(key_seed, batch))
    nowhere = jnp.zeros((batch,), jnp.int32)
    return make_node(sim, params, key_node, states, nowhere, nowhere)[0]


def descend(tree: Tree) -> tuple[Array, Array]:
    """Follow cached choices from the root to where each element expands: node `(B,)`, depth `(B,)`."""
    batch = tree.parent.shape[1]

    def more(carry: tuple[Array, Array, Array]) -> Array:
        return jnp.any(carry[1] >= 0)

    def down(carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        node, child, depth = carry
        going = child >= 0
        node = jnp.where(going, child, node)
        return node, jnp.where(going, take(tree.best_child, node), child), depth + going

    root = jnp.zeros((batch,), tree.parent.dtype)
    start = (root, tree.best_child[0], jnp.zeros((batch,), jnp.int32))
    node, _, depth = jax.lax.while_loop(more, down, start)
    return node, depth


def expand(
    sim: Simulator, tree: Tree, params: Params, key: Array, slot: Array, node: Array, active: Array
) -> tuple[Tree, Leaf]:
    """Add to each tree the node behind `node`'s best edge; a terminal `node` is its own leaf."""
    game, batch = sim.game, jnp.arange(node.shape[0])
    states = jax.tree.map(lambda leaf: take(leaf, node), tree.state)
    action = take(tree.best_action, node)
    after = jax.vmap(game.step)(states, action.astype(jnp.int32))
    new, value = make_node(sim, params, key, after, node, action)
    known = states.terminated
    linked = jnp.where(known | ~active, tree.children.shape[-1], action)
    children = tree.children.at[node, batch, linked].set(slot.astype(node.dtype), mode="drop")
    tree = replace(add_node(tree, slot, new), children=children)
    leaf = jnp.where(known, node, slot.astype(node.dtype))
    return tree, Leaf(leaf, jnp.where(known[:, None], 0.0, value))


def back_up(sim: Simulator, tree: Tree, leaf: Leaf, active: Array) -> tuple[Tree, Leaf]:
    """Add the leaf's value to every interior edge above it, and renew the choices there.

    Returns the tree and, of each element, the root's child on the path with the value found below it.
    """
    batch = jnp.arange(leaf.node.shape[0])

    def more(carry: tuple[Any, Leaf]) -> Array:
        return jnp.any(take(tree.parent, carry[1].node) != 0)

    def up(carry: tuple[Any, Leaf]) -> tuple[Any, Leaf]:
        (visits, sums, best_action, best_child), (node, value) = carry
        above, edge = take(tree.parent, node), take(tree.action, node)
        inner = above != 0
        value = jnp.where(inner[:, None], value + take(tree.reward, node), value)
        counted = inner & active
        visits = visits.at[above, batch, edge].add(counted.astype(visits.dtype))
        sums = sums.at[above, batch, edge].add(jnp.where(counted[:, None], value, 0.0))
        rows = (tree.state.current_player, tree.prior, visits, sums, tree.value)
        best = choose(sim, *(take(row, above) for row in rows))
        child = tree.children.at[above, batch, best].get(mode="promise_in_bounds")
        best_action = best_action.at[above, batch].set(best.astype(best_action.dtype))
        best_child = best_child.at[above, batch].set(child)
        return (visits, sums, best_action, best_child), Leaf(jnp.where(inner, above, node), value)

    start = (tree.visits, tree.value_sum, tree.best_action, tree.best_child)
    (visits, sums, best_action, best_child), top = jax.lax.while_loop(more, up, (start, leaf))
    tree = replace(tree, visits=visits, value_sum=sums, best_action=best_action, best_child=best_child)
    return tree, top


def back_up_root(sim: Simulator, tree: Tree, top: Leaf, active: Array, simulation: Array) -> Tree:
    """Add what came to the root's edges, and choose what simulation number `simulation` starts with."""
    taken = (top.node != 0) & active
    value = top.value + take(tree.reward, top.node)
    edge = take(tree.action, top.node)
    hit = taken[:, None] & jax.nn.one_hot(edge, tree.prior.shape[-1], dtype=bool)
    visits = tree.visits.at[0].add(hit.astype(tree.visits.dtype))
    sums = tree.value_sum.at[0].add(jnp.where(hit[..., None], value[:, None, :], 0.0))
    tree = replace(tree, visits=visits, value_sum=sums)
    return choose_at_root(sim, tree, simulation)


def choose_at_root(sim: Simulator, tree: Tree, simulation: Array) -> Tree:
    """Renew the cached choice of the root by the root's rule."""
    edges = root_edges(sim.game, tree)
    best = best_edge(sim.root_rule(edges, simulation), tree.prior[0])
    child = jnp.take_along_axis(tree.children[0], best[:, None], axis=-1)[:, 0]
    return replace(
        tree,
        best_action=tree.best_action.at[0].set(best.astype(tree.best_action.dtype)),
        best_child=tree.best_child.at[0].set(child),
    )


def root_edges(game: Game[Any], tree: Tree) -> Edges:
    """The root's edges as the player to move there sees them."""
    player = tree.state.current_player[0]
    return view_edges(game, player, tree.prior[0], tree.visits[0], tree.value_sum[0], tree.value[0])


def simulate(
    sim: Simulator, tree: Tree, params: Params, key: Array, simulation: Array, active: Array
) -> tuple[Tree, Array]:
    """Simulation number `simulation`, from 0, in every active element. Returns depths `(B,)` too."""
    node, depth = descend(tree)
    tree, leaf = expand(sim, tree, params, key, simulation + 1, node, active)
    tree, top = back_up(sim, tree, leaf, active)
    return back_up_root(sim, tree, top, active, simulation + 1), depth
