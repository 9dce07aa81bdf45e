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
from jaxplay.search.rules import Edges, Rule, proportional, sensible
from jaxplay.search.tree import ILLEGAL, NO_CHILD, Node, Tree, add_node, index_dtype, take
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
    prove: bool


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


class Rows(NamedTuple):
    """What trees hold of one node of each element, and of its edges; fields as in `Tree`."""

    player: Array
    prior: Array
    visits: Array
    value_sum: Array
    value: Array
    proven: Array | None


def best_edge(scores: Array, edges: Edges) -> Array:
    """`(B,)`: the edge of highest score among those worth taking."""
    return jnp.argmax(jnp.where(sensible(edges), scores, -jnp.inf), axis=-1)


def choose(sim: Simulator, rows: Rows) -> Array:
    """`(B,)`: the edge to take from interior nodes with these statistics."""
    edges = view_edges(sim.game, rows)
    scores = sim.rule(edges)
    if sim.game.num_chance_outcomes > 0:
        scores = jnp.where((rows.player == CHANCE)[:, None], proportional(edges), scores)
    return best_edge(scores, edges)


def view_edges(game: Game[Any], rows: Rows) -> Edges:
    """Rows of a tree as the player to move sees them."""
    view = perspective(game, rows.player)
    count = rows.visits.astype(jnp.float32)
    q = (rows.value_sum * view[:, None, :]).sum(-1) / jnp.maximum(count, 1.0)
    proven = jnp.zeros(q.shape, jnp.int8)
    if rows.proven is not None:
        proven = rows.proven * view.astype(jnp.int8)
        q = jnp.where(proven != 0, proven.astype(jnp.float32), q)
    return Edges(rows.prior, count, q, (rows.value * view).sum(-1), proven)


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
    first = choose(
        sim, Rows(states.current_player, prior, none, none[..., None] * value[:, None], value, None)
    )
    reward = frame_of_rewards(game, states.rewards)
    proof = end_proof(states.terminated, reward) if sim.prove else None
    first = first.astype(index_dtype(prior.shape[1]))
    return Node(strip(states), parent, action, reward, value, prior, first, proof), value


def provable(game: Game[Any]) -> bool:
    """Whether wins can be proven: two players, zero sum, no chance, nothing hidden."""
    two = game.num_players == 2 and game.zero_sum and game.perfect_information
    return two and game.num_chance_outcomes == 0


def end_proof(terminated: Array, reward: Array) -> Array:
    """`(B,)` int8: the proof of nodes where the game ends with `reward` `(B, 1)`, scaled."""
    return jnp.where(terminated & (jnp.abs(reward[:, 0]) >= 1.0), jnp.sign(reward[:, 0]), 0.0).astype(
        jnp.int8
    )


def node_proof(edges: Edges, player: Array) -> Array:
    """`(B,)` int8: what the proofs of a node's edges prove of the node.

    One proven win of the player to move is enough, proven losses must be all (Winands et al. 2008,
    Monte-Carlo tree search solver).
    """
    won = (edges.proven > 0).any(-1)
    lost = ((edges.proven < 0) | (edges.prior < 0.0)).all(-1)
    sign = jnp.where(player == 0, 1, -1)
    return jnp.where(won, sign, jnp.where(lost, -sign, 0)).astype(jnp.int8)


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
    """Add to each tree the node behind `node`'s best edge; a terminal or proven `node` is its own leaf."""
    game, batch = sim.game, jnp.arange(node.shape[0])
    states = jax.tree.map(lambda leaf: take(leaf, node), tree.state)
    action = take(tree.best_action, node)
    after = jax.vmap(game.step)(states, action.astype(jnp.int32))
    new, value = make_node(sim, params, key, after, node, action)
    known, exact = states.terminated, jnp.zeros_like(value)
    if tree.proof is not None:
        proof = take(tree.proof, node)
        exact = jnp.where(known, 0, proof).astype(jnp.float32)[:, None]
        known = known | (proof != 0)
    linked = jnp.where(known | ~active, tree.children.shape[-1], action)
    children = tree.children.at[node, batch, linked].set(slot.astype(node.dtype), mode="drop")
    tree = replace(add_node(tree, slot, new), children=children)
    leaf = jnp.where(known, node, slot.astype(node.dtype))
    return tree, Leaf(leaf, jnp.where(known[:, None], exact, value))


class Choices(NamedTuple):
    """The arrays of `Tree` that a backup changes."""

    visits: Array
    value_sum: Array
    best_action: Array
    best_child: Array
    proof: Array | None
    proven: Array | None


def back_up(sim: Simulator, tree: Tree, leaf: Leaf, active: Array) -> tuple[Tree, Leaf]:
    """Add the leaf's value to every interior edge above it, and renew the choices there.

    Returns the tree and, of each element, the root's child on the path with the value found below it.
    """
    start = Choices(tree.visits, tree.value_sum, tree.best_action, tree.best_child, tree.proof, tree.proven)

    def more(carry: tuple[Choices, Leaf]) -> Array:
        return jnp.any(take(tree.parent, carry[1].node) != 0)

    def up(carry: tuple[Choices, Leaf]) -> tuple[Choices, Leaf]:
        changed, (node, value) = carry
        above, edge = take(tree.parent, node), take(tree.action, node)
        inner = above != 0
        value = jnp.where(inner[:, None], value + take(tree.reward, node), value)
        changed = _add_visit(changed, node, above, edge, value, inner & active)
        changed = _renew(sim, tree, changed, above)
        return changed, Leaf(jnp.where(inner, above, node), value)

    changed, top = jax.lax.while_loop(more, up, (start, leaf))
    return replace(tree, **changed._asdict()), top


def _add_visit(
    changed: Choices, node: Array, above: Array, edge: Array, value: Array, counted: Array
) -> Choices:
    """Where `counted`, one more visit of the edge from `above` to `node`, which found `value`."""
    where = (above, jnp.arange(node.shape[0]), edge)
    changed = changed._replace(
        visits=changed.visits.at[where].add(counted.astype(changed.visits.dtype)),
        value_sum=changed.value_sum.at[where].add(jnp.where(counted[:, None], value, 0.0)),
    )
    if changed.proof is None or changed.proven is None:
        return changed
    proof = take(changed.proof, node)
    written = jnp.where(counted & (proof != 0), edge, changed.proven.shape[-1])
    return changed._replace(proven=changed.proven.at[*where[:2], written].set(proof, mode="drop"))


def _renew(sim: Simulator, tree: Tree, changed: Choices, node: Array) -> Choices:
    """Choose anew at `node` `(B,)`, and see what its edges prove of it."""
    found = Rows(
        player=take(tree.state.current_player, node),
        prior=take(tree.prior, node),
        visits=take(changed.visits, node),
        value_sum=take(changed.value_sum, node),
        value=take(tree.value, node),
        proven=None if changed.proven is None else take(changed.proven, node),
    )
    best = choose(sim, found)
    batch = jnp.arange(node.shape[0])
    child = tree.children.at[node, batch, best].get(mode="promise_in_bounds")
    if changed.proof is not None:
        proof = node_proof(view_edges(sim.game, found), found.player)
        child = jnp.where(proof != 0, NO_CHILD, child).astype(child.dtype)
        changed = changed._replace(proof=changed.proof.at[node, batch].set(proof))
    return changed._replace(
        best_action=changed.best_action.at[node, batch].set(best.astype(changed.best_action.dtype)),
        best_child=changed.best_child.at[node, batch].set(child),
    )


def back_up_root(sim: Simulator, tree: Tree, top: Leaf, active: Array, simulation: Array) -> Tree:
    """Add what came to the root's edges, and choose what simulation number `simulation` starts with."""
    taken = (top.node != 0) & active
    value = top.value + take(tree.reward, top.node)
    hit = taken[:, None] & jax.nn.one_hot(take(tree.action, top.node), tree.prior.shape[-1], dtype=bool)
    visits = tree.visits.at[0].add(hit.astype(tree.visits.dtype))
    sums = tree.value_sum.at[0].add(jnp.where(hit[..., None], value[:, None, :], 0.0))
    tree = replace(tree, visits=visits, value_sum=sums)
    if tree.proof is not None and tree.proven is not None:
        row = jnp.where(hit, take(tree.proof, top.node)[:, None], tree.proven[0])
        tree = replace(tree, proven=tree.proven.at[0].set(row))
    return choose_at_root(sim, tree, simulation)


def choose_at_root(sim: Simulator, tree: Tree, simulation: Array) -> Tree:
    """Renew the cached choice of the root by the root's rule."""
    edges = root_edges(sim.game, tree)
    best = best_edge(sim.root_rule(edges, simulation), edges)
    child = jnp.take_along_axis(tree.children[0], best[:, None], axis=-1)[:, 0]
    return replace(
        tree,
        best_action=tree.best_action.at[0].set(best.astype(tree.best_action.dtype)),
        best_child=tree.best_child.at[0].set(child),
    )


def root_edges(game: Game[Any], tree: Tree) -> Edges:
    """The root's edges as the player to move there sees them."""
    player = tree.state.current_player[0]
    proven = None if tree.proven is None else tree.proven[0]
    return view_edges(
        game, Rows(player, tree.prior[0], tree.visits[0], tree.value_sum[0], tree.value[0], proven)
    )


def simulate(
    sim: Simulator, tree: Tree, params: Params, key: Array, simulation: Array, active: Array
) -> tuple[Tree, Array]:
    """Simulation number `simulation`, from 0, in every active element. Returns depths `(B,)` too."""
    node, depth = descend(tree)
    tree, leaf = expand(sim, tree, params, key, simulation + 1, node, active)
    tree, top = back_up(sim, tree, leaf, active)
    return back_up_root(sim, tree, top, active, simulation + 1), depth
