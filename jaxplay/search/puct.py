"""PUCT, the search of AlphaZero (Silver et al. 2018), over a batch of positions."""

from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Evaluate, Params
from jaxplay.game import Game
from jaxplay.search import rules
from jaxplay.search.noise import mix_dirichlet
from jaxplay.search.simulate import Simulator, choose_at_root, make_node, root_edges, simulate
from jaxplay.search.tree import Tree, new_tree
from jaxplay.struct import replace
from jaxplay.values import view_of_frame


class SearchOutput(NamedTuple):
    """What a search found. B positions, A actions.

    Attributes:
        action: `(B,)` int32, the most visited action (of equals, the one of higher value).
        action_weights: `(B, A)` float32, shares of visits: the policy target. Uniform over legal actions
            where nothing was simulated.
        value: `(B,)` or `(B, P)` float32, the mean of all simulations as the mover sees it, scaled.
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


def puct(
    game: Game[Any],
    evaluate: Evaluate,
    num_simulations: int,
    *,
    c_init: float = 1.25,
    c_base: float = 19652.0,
    fpu_reduction: float = 0.2,
    dirichlet_fraction: float = 0.0,
    dirichlet_concentration: float = 10.0,
) -> Search:
    """A batched PUCT search.

    Args:
        game: whose positions are searched.
        evaluate: priors and values of leaves.
        num_simulations: N, at most; a tree holds N + 1 nodes.
        c_init, c_base, fpu_reduction: see `jaxplay.search.rules.puct`.
        dirichlet_fraction: share of Dirichlet noise in the root's prior; 0 for greedy play.
        dirichlet_concentration: sum of the noise's parameters, shared by the legal actions.
    """
    rule = rules.puct(c_init, c_base, fpu_reduction)
    sim = Simulator(game, evaluate, rule, lambda edges, simulation: rule(edges))

    def start(params: Params, key: Array, states: Any) -> Tree:
        key_seed, key_node, key_noise = jax.random.split(key, 3)
        states = jax.vmap(game.reseed)(states, jax.random.split(key_seed, states.terminated.shape[0]))
        nowhere = jnp.zeros(states.terminated.shape, jnp.int32)
        root, _ = make_node(sim, params, key_node, states, nowhere, nowhere)
        if dirichlet_fraction > 0.0:
            noisy = mix_dirichlet(key_noise, root.prior, dirichlet_fraction, dirichlet_concentration)
            root = replace(root, prior=noisy)
        return choose_at_root(sim, new_tree(root, num_simulations + 1), jnp.int32(0))

    def search(
        params: Params, key: Array, states: Any, *, num_simulations: Array | None = None
    ) -> SearchOutput:
        key_start, key_loop = jax.random.split(key)
        return run_simulations(sim, start(params, key_start, states), params, key_loop, maximum, num_simulations)

    maximum = num_simulations
    return search


def run_simulations(
    sim: Simulator, tree: Tree, params: Params, key: Array, maximum: int, budget: Array | None
) -> SearchOutput:
    """Run `maximum` simulations, in each element at most its `budget` `(B,)`, and read the result."""
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
    return read_output(sim.game, tree, depth, depth_max)


def read_output(game: Game[Any], tree: Tree, depth: Array, max_depth: Array) -> SearchOutput:
    """What a user sees of a finished tree."""
    player = tree.state.current_player[0]
    edges = jax.tree.map(lambda x: x[:, : game.num_actions] if x.ndim == 2 else x, root_edges(game, tree))
    legal = edges.prior >= 0.0
    count = edges.visits.sum(-1, keepdims=True)
    even = legal / jnp.maximum(legal.sum(-1, keepdims=True), 1)
    weights = jnp.where(count > 0, edges.visits / jnp.maximum(count, 1.0), even.astype(jnp.float32))
    ranked = jnp.where(legal, edges.visits + 0.4 * jnp.clip(edges.q, -1.0, 1.0), -jnp.inf)
    total = tree.value_sum[0].sum(1) + tree.value[0]
    mean = total / (1.0 + tree.visits[0].sum(-1, keepdims=True).astype(jnp.float32))
    return SearchOutput(
        action=jnp.argmax(ranked, axis=-1).astype(jnp.int32),
        action_weights=weights,
        value=view_of_frame(game, mean, player),
        visits=edges.visits.astype(jnp.int32),
        q=edges.q,
        prior=jnp.maximum(edges.prior, 0.0),
        depth=depth,
        max_depth=max_depth,
        tree=tree,
    )
