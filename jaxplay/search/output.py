"""What a search is and what it reports, whatever its rules."""

from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Params
from jaxplay.game import Game
from jaxplay.search.rules import sensible
from jaxplay.search.simulate import Simulator, node_proof, root_edges, simulate
from jaxplay.search.tree import Tree
from jaxplay.values import view_of_frame


class SearchOutput(NamedTuple):
    """What a search found. B positions, A actions.

    Attributes:
        action: `(B,)` int32, what to play: in PUCT the most visited action (of equals, the one of higher
            value), in Gumbel search the winner of sequential halving.
        action_weights: `(B, A)` float32 probabilities, the policy target: in PUCT shares of visits (uniform
            over legal actions where nothing was simulated), in Gumbel search the improved policy.
        value: `(B,)` or `(B, P)` float32, the mean of all simulations as the mover sees it, scaled; exact
            where proven.
        visits: `(B, A)` int32.
        q: `(B, A)` float32, mean value of each visited action for the mover, 0 of the others.
        prior: `(B, A)` float32, what the search started from (noise included), 0 for illegal actions.
        depth: `(B,)` float32, mean depth at which simulations left the tree.
        max_depth: `(B,)` int32.
        tree: the whole tree.
    """

    action: Array
    action_weights: Array
    value: Array
    visits: Array
    q: Array
    prior: Array
    depth: Array
    max_depth: Array
    tree: Tree


class Search(Protocol):
    """Searches a batch of positions in which a player is to move."""

    def __call__(
        self, params: Params, key: Array, states: Any, *, num_simulations: Array | None = None
    ) -> SearchOutput:
        """Search `states` `(B, ...)`; `num_simulations` `(B,)` int32 stops elements before the maximum."""
        ...


class Simulated(NamedTuple):
    """A finished tree, with the mean and maximal depth of its simulations, each `(B,)`."""

    tree: Tree
    depth: Array
    max_depth: Array


def run_simulations(
    sim: Simulator, tree: Tree, params: Params, key: Array, maximum: int, budget: Array | None
) -> Simulated:
    """Run `maximum` simulations, in each element at most its `budget` `(B,)`."""
    batch = tree.parent.shape[1]
    limit = jnp.full((batch,), maximum, jnp.int32) if budget is None else jnp.minimum(budget, maximum)

    def body(i: Array, carry: tuple[Tree, Array, Array]) -> tuple[Tree, Array, Array]:
        tree, depth_sum, depth_max = carry
        active = i < limit
        tree, depth = simulate(sim, tree, params, jax.random.fold_in(key, i), i, active)
        depth = jnp.where(active, depth + 1, 0)
        return tree, depth_sum + depth, jnp.maximum(depth_max, depth)

    end = maximum if budget is None else limit.max()
    zero = jnp.zeros((batch,), jnp.int32)
    tree, depth_sum, depth_max = jax.lax.fori_loop(0, end, body, (tree, zero, zero))
    depth = depth_sum.astype(jnp.float32) / jnp.maximum(limit, 1).astype(jnp.float32)
    return Simulated(tree, depth, depth_max)


def read_output(game: Game[Any], simulated: Simulated) -> SearchOutput:
    """What a user sees of a finished search, the action and its weights by visits."""
    tree = simulated.tree
    player = tree.state.current_player[0]
    edges = jax.tree.map(lambda x: x[:, : game.num_actions] if x.ndim == 2 else x, root_edges(game, tree))
    allowed = sensible(edges)
    visits = jnp.where(allowed, edges.visits, 0.0)
    count = visits.sum(-1, keepdims=True)
    even = allowed / jnp.maximum(allowed.sum(-1, keepdims=True), 1)
    weights = jnp.where(count > 0, visits / jnp.maximum(count, 1.0), even.astype(jnp.float32))
    ranked = jnp.where(allowed, edges.visits + 0.4 * jnp.clip(edges.q, -1.0, 1.0), -jnp.inf)
    total = tree.value_sum[0].sum(1) + tree.value[0]
    mean = total / (1.0 + tree.visits[0].sum(-1, keepdims=True).astype(jnp.float32))
    proof = node_proof(edges, player).astype(jnp.float32)[:, None]
    mean = jnp.where(proof != 0, proof, mean)
    return SearchOutput(
        action=jnp.argmax(ranked, axis=-1).astype(jnp.int32),
        action_weights=weights,
        value=view_of_frame(game, mean, player),
        visits=edges.visits.astype(jnp.int32),
        q=edges.q,
        prior=jnp.maximum(edges.prior, 0.0),
        depth=simulated.depth,
        max_depth=simulated.max_depth,
        tree=tree,
    )
