"""The edges of nodes as the player to move sees them, and which of them is taken or played."""

from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import Array

from jaxplay.game import CHANCE, Game
from jaxplay.perspective import perspective
from jaxplay.search._simulator import Simulator
from jaxplay.search._tree import Tree, take
from jaxplay.search.rules import Edges, proportional, viable_edges


class Rows(NamedTuple):
    """What trees hold of K nodes and of their edges; fields as in `Tree`.

    `rewards` `(K, V)` is what `rewards_on_path` says; like `proven`, None where nothing is proven.
    """

    player: Array
    prior: Array
    visits: Array
    value_sum: Array
    value: Array
    pending: Array | None
    proven: Array | None
    rewards: Array | None


def view_edges(game: Game[Any], rows: Rows) -> Edges:
    """Rows of a tree as the player to move sees them.

    Simulations under way count as visits; where they are all there is, as visits that found the mean of the
    node. A proven edge has the value that is still to come of the proven return.
    """
    view = perspective(game, rows.player)
    count = rows.visits.astype(jnp.float32)
    q = (rows.value_sum * view[:, None, :]).sum(-1) / jnp.maximum(count, 1.0)
    value = (rows.value * view).sum(-1)
    if rows.pending is not None:
        mean = (value + (count * q).sum(-1)) / (1.0 + count.sum(-1))
        q = jnp.where((count == 0) & (rows.pending > 0), mean[:, None], q)
        count = count + rows.pending.astype(jnp.float32)
    proven = jnp.zeros(q.shape, jnp.int8)
    if rows.proven is not None and rows.rewards is not None:
        proven = rows.proven * view.astype(jnp.int8)
        so_far = (rows.rewards * view).sum(-1)
        q = jnp.where(proven != 0, proven.astype(jnp.float32) - so_far[:, None], q)
    return Edges(rows.prior.astype(jnp.float32), count, q, value, proven)


def best_edge(scores: Array, edges: Edges) -> Array:
    """`(K,)` int32: the edge of highest score, which may not be minus infinity, among those worth taking."""
    return jnp.argmax(jnp.where(viable_edges(edges), scores, -jnp.inf), axis=-1).astype(jnp.int32)


def choose(sim: Simulator, rows: Rows) -> Array:
    """`(K,)` int32: the edge to take from interior nodes with these statistics."""
    edges = view_edges(sim.game, rows)
    scores = sim.rule(edges)
    if sim.game.num_chance_outcomes > 0:
        scores = jnp.where((rows.player == CHANCE)[:, None], proportional(edges), scores)
    return best_edge(scores, edges)


def play_weights(edges: Edges) -> Array:
    """`(K, E)`: visits of edges worth taking; their priors at nodes where none of them was visited."""
    viable = viable_edges(edges)
    visits = jnp.where(viable, edges.visits, 0.0)
    visited = (visits > 0.0).any(-1, keepdims=True)
    return jnp.where(visited, visits, jnp.where(viable, edges.prior + 1e-30, 0.0))


def most_visited(edges: Edges) -> Array:
    """`(K,)` int32: the edge to play: of greatest `play_weights`; of equals, the one of higher value."""
    return best_edge(play_weights(edges) + 0.4 * jnp.clip(edges.q, -1.0, 1.0), edges)


def edge_to_play(game: Game[Any], tree: Tree, node: Array, owner: Array) -> Array:
    """`(K,)` int32: the edge that a search plays from `node` `(K,)` of `owner` `(K,)`.

    At the root it is that of the search's action, elsewhere the most visited one, or -1 where none was
    visited. All that shows what a search would play goes by this.
    """
    edges = view_edges(game, rows_at(tree, node, owner))
    below = jnp.where((edges.visits > 0).any(-1), most_visited(edges), -1)
    return jnp.where(node == 0, take(tree.next_edge, node, owner).astype(jnp.int32), below)


def rows_at(tree: Tree, node: Array, owner: Array) -> Rows:
    """What trees hold of `node` `(K,)` of the elements `owner` `(K,)`."""
    return Rows(
        player=take(tree.state.current_player, node, owner),
        prior=take(tree.prior, node, owner),
        visits=take(tree.visits, node, owner),
        value_sum=take(tree.value_sum, node, owner),
        value=take(tree.value, node, owner),
        pending=None if tree.pending is None else take(tree.pending, node, owner),
        proven=None if tree.proven is None else take(tree.proven, node, owner),
        rewards=None if tree.proven is None else rewards_on_path(tree, node, owner),
    )


def root_edges(game: Game[Any], tree: Tree) -> Edges:
    """The root's edges as the player to move there sees them."""
    rows = Rows(
        player=tree.state.current_player[0],
        prior=tree.prior[0],
        visits=tree.visits[0],
        value_sum=tree.value_sum[0],
        value=own_value(tree),
        pending=None if tree.pending is None else tree.pending[0],
        proven=None if tree.proven is None else tree.proven[0],
        rewards=None if tree.proven is None else root_rewards(tree),
    )
    return view_edges(game, rows)


def rewards_on_path(tree: Tree, node: Array, owner: Array) -> Array:
    """`(K, V)`: the rewards on the path to `node` `(K,)`: `path_return` without what a signal added."""
    rewards = take(tree.path_return, node, owner)
    return rewards if tree.bonus is None else rewards - take(tree.bonus, node, owner)


def root_rewards(tree: Tree) -> Array:
    """`(B, V)`: `rewards_on_path` of the roots."""
    rewards = tree.path_return[0]
    return rewards if tree.bonus is None else rewards - tree.bonus[0]


def own_value(tree: Tree) -> Array:
    """`(B, V)`: what counts as the root's own value, fixed frame.

    It is the evaluator's. Where that speaks of differences to a potential which is not known at the root, it
    is the mean of the simulations, if there are any.
    """
    if tree.potential is None:
        return tree.value[0]
    count = tree.visits[0].sum(-1, keepdims=True).astype(jnp.float32)
    return jnp.where(count > 0, tree.value_sum[0].sum(1) / jnp.maximum(count, 1.0), tree.value[0])
