"""What a search is and what it reports, whatever its rules."""

from typing import Any, NamedTuple, Protocol

import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Params
from jaxplay.game import Game
from jaxplay.perspective import view_of_frame
from jaxplay.search._edges import most_visited, own_value, play_weights, root_edges, root_rewards
from jaxplay.search._loop import DepthStatistics
from jaxplay.search._proofs import root_proof
from jaxplay.search._tree import Tree
from jaxplay.struct import replace


class SearchOutput(NamedTuple):
    """What a search found. B positions, A actions.

    Attributes:
        action: `(B,)` int32, what to play, always legal where the game goes on: in PUCT the most visited
            action (of equals, the one of higher value), in Gumbel search the winner of sequential halving.
            Where nothing was visited it is the likeliest.
        action_weights: `(B, A)` float32 probabilities of legal actions, the policy target: in PUCT shares of
            visits (the prior where nothing was visited), in Gumbel search the improved policy.
        value: `(B,)` or `(B, P)` float32, the mean of the evaluator's value and all simulations as the mover
            sees it, scaled; exact where proven. With a signal (`jaxplay.search.Signal`) of the form `edge` it
            holds what edges earned besides rewards, with `potential` it is the mean of simulations alone.
        visits: `(B, A)` int32, how many simulations began with each action.
        q: `(B, A)` float32, mean value of each action for the mover; it says nothing where `visits` is 0.
        prior: `(B, A)` float32, what the search started from (noise included), 0 for illegal actions and
            for those that were left out (`max_edges`).
        depth: `(B,)` float32, mean number of edges that simulations of this call took.
        max_depth: `(B,)` int32, the greatest number of them.
        num_simulations: `(B,)` int32, how many were made in this call.
        opponent_value: `(B, A)` float32, what a modelled opponent thinks of its position after each action,
            for itself, where `opponent_known`; None without one.
        opponent_known: `(B, A)` bool, the mask of `opponent_value`: the action was visited, and the opponent
            had a move behind it. None without a modelled opponent.
        finite: `(B,)` bool, whether all evaluations were finite. Where a logit of a legal action is NaN or
            plus infinity, or all are minus infinity, legal actions are equally likely instead; a value that
            is not finite counts as 0.
        tree: the whole tree; None of `jaxplay.search.policy`, which has none.
    """

    action: Array
    action_weights: Array
    value: Array
    visits: Array
    q: Array
    prior: Array
    depth: Array
    max_depth: Array
    num_simulations: Array
    opponent_value: Array | None
    opponent_known: Array | None
    finite: Array
    tree: Tree | None


class Search(Protocol):
    """Searches a batch of positions in which a player is to move."""

    def __call__(
        self,
        params: Params,
        key: Array,
        states: Any,
        *,
        num_simulations: Array | None = None,
        tree: Tree | None = None,
    ) -> SearchOutput:
        """Search `states`.

        Args:
            params: of the evaluator, which gets them as they are; with a modelled opponent
                `jaxplay.search.SearchParams`.
            key: consumed.
            states: `(B, ...)`, in which a player is to move, B at least 1. What is said of games that are
                over means nothing.
            num_simulations: `(B,)` or `()` integers, which stop elements before the maximum; 0 is allowed.
            tree: trees of the same positions to go on with, from `SearchOutput.tree` of the same search or
                from `jaxplay.search.reuse`. It is searched for as long as it has room.

        Raises:
            UserError: `params`, `states`, `num_simulations` or `tree` are not such.
        """
        ...


def read_output(
    game: Game[Any],
    tree: Tree,
    depths: DepthStatistics,
    edge: Array | None = None,
    weights: Array | None = None,
) -> SearchOutput:
    """What a user sees of a finished search.

    Args:
        game: that was searched.
        tree: that was made.
        depths: of the simulations.
        edge: `(B,)`, the edge of the root to play; None: by visits, as the next.
        weights: `(B, E)`, the policy target.
    """
    edges = root_edges(game, tree)
    edge = most_visited(edges) if edge is None else edge
    if weights is None:
        weights = play_weights(edges)
        weights = weights / weights.sum(-1, keepdims=True)
    opponent_value, opponent_known = _opponent_value(game, tree)
    return SearchOutput(
        action=_root_action(tree, edge),
        action_weights=per_action(game, tree, weights),
        value=view_of_frame(game, _root_value(tree), tree.state.current_player[0]),
        visits=per_action(game, tree, edges.visits).astype(jnp.int32),
        q=per_action(game, tree, edges.q),
        prior=per_action(game, tree, jnp.maximum(edges.prior, 0.0)),
        depth=depths.sum.astype(jnp.float32) / jnp.maximum(depths.number, 1).astype(jnp.float32),
        max_depth=depths.max,
        num_simulations=depths.number,
        opponent_value=opponent_value,
        opponent_known=opponent_known,
        finite=tree.finite[0],
        tree=replace(tree, next_edge=tree.next_edge.at[0].set(edge.astype(tree.next_edge.dtype))),
    )


def _root_action(tree: Tree, edge: Array) -> Array:
    """`(B,)` int32: the action that an edge `(B,)` of the root stands for."""
    if tree.labels is not None:
        edge = jnp.take_along_axis(tree.labels[0], edge[:, None], axis=-1)[:, 0]
    return edge.astype(jnp.int32)


def per_action(game: Game[Any], tree: Tree, values: Array) -> Array:
    """`(B, A)`: values `(B, E)` of the root's edges at their actions, 0 at actions without an edge."""
    if tree.labels is None:
        return values[:, : game.num_actions]
    batch = jnp.arange(values.shape[0])[:, None]
    whole = jnp.zeros((values.shape[0], game.num_actions), values.dtype)
    return whole.at[batch, tree.labels[0]].set(values, mode="drop")


def _root_value(tree: Tree) -> Array:
    """`(B, V)`: mean of the root's own value and all simulations, or what is proven; fixed frame."""
    total = tree.value_sum[0].sum(1) + own_value(tree)
    mean = total / (1.0 + tree.visits[0].sum(-1, keepdims=True).astype(jnp.float32))
    if tree.proven is None:
        return mean
    proof = root_proof(tree).astype(jnp.float32)[:, None]
    return jnp.where(proof != 0, proof - root_rewards(tree), mean)


def _opponent_value(game: Game[Any], tree: Tree) -> tuple[Array | None, Array | None]:
    """`(B, A)` each: what a modelled opponent thinks of its positions after the actions; its mask."""
    if tree.opponent_value is None or tree.replied is None:
        return None, None
    child = tree.children[0]
    node, batch = jnp.maximum(child, 0), jnp.arange(child.shape[0])[:, None]
    known = (child >= 0) & tree.replied.at[node, batch].get(mode="promise_in_bounds")
    value = tree.opponent_value.at[node, batch].get(mode="promise_in_bounds")
    return per_action(game, tree, jnp.where(known, value, 0.0)), per_action(game, tree, known)
