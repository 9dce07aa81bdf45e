"""PUCT, the search of AlphaZero, over a batch of positions."""

from typing import Any, Unpack

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Evaluate
from jaxplay.game import Game
from jaxplay.search import rules
from jaxplay.search._call import Call, as_search
from jaxplay.search._edges import best_edge, root_edges
from jaxplay.search._forced import forced, pruned_visits
from jaxplay.search._loop import Plan, certain, run_simulations
from jaxplay.search._nodes import make_root
from jaxplay.search._noise import mix_dirichlet, temper
from jaxplay.search._output import Search, SearchOutput, per_action, read_output
from jaxplay.search._reuse import new_or_reused_tree
from jaxplay.search._simulator import TreeOptions, make_simulator
from jaxplay.search._tree import Tree
from jaxplay.search.rules import Edges
from jaxplay.struct import replace


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
    root_temperature: float = 1.0,
    forced_playouts: float = 0.0,
    leaves: int = 1,
    stop_early: bool = False,
    **options: Unpack[TreeOptions],
) -> Search:
    """A batched PUCT search, the search of AlphaZero (Silver et al. 2018).

    Args:
        game: whose positions are searched.
        evaluate: priors and values of leaves.
        num_simulations: the most simulations of a call.
        c_init: weight of exploration, see `jaxplay.search.rules.puct` as for the next two.
        c_base: visits at which exploration begins to grow.
        fpu_reduction: how much worse than its node an edge not yet visited counts.
        dirichlet_fraction: share of Dirichlet noise in the root's prior; 0 for greedy play.
        dirichlet_concentration: sum of the noise's parameters, shared by the legal actions.
        root_temperature: the root's prior is taken to the power of its inverse, before the noise.
        forced_playouts: KataGo's k (Wu 2019): visited actions of the root get at least `sqrt(k P N)`
            visits, and `action_weights` leave out those that only this explains; 0: none are forced.
        leaves: leaves of each tree that are evaluated at once. More than one makes fewer and larger calls of
            the evaluator; a simulation then sees the visits, but not the values, of those under way.
        stop_early: whether elements end whose most visited action can no longer change. Where losses are
            proven a lead decides nothing: they end at a proven win or a single action. For greedy play only,
            as the visits of other actions end early too.
        options: see `TreeOptions`.

    Raises:
        UserError: options that do not fit the game.
    """
    rule = rules.puct(c_init, c_base, fpu_reduction)
    at_root = forced(rule, forced_playouts) if forced_playouts > 0.0 else rule
    sim = make_simulator(game, evaluate, rule, num_simulations, leaves=leaves, prior_first=True, **options)
    explores = dirichlet_fraction > 0.0 or root_temperature != 1.0
    decided = certain if sim.prove else settled

    def choose_at_root(edges: Edges, simulation: Array) -> Array:
        return best_edge(at_root(edges), edges)

    def mix(key: Array, tree: Tree) -> Tree:
        old = tree.prior[0].astype(jnp.float32)
        prior = temper(old, root_temperature) if root_temperature != 1.0 else old
        if dirichlet_fraction > 0.0:
            prior = mix_dirichlet(key, prior, dirichlet_fraction, dirichlet_concentration)
        prior = jnp.where(tree.mixed[0][:, None], old, prior).astype(tree.prior.dtype)
        return replace(tree, prior=tree.prior.at[0].set(prior), mixed=jnp.ones_like(tree.mixed))

    def run(call: Call) -> SearchOutput:
        key_root, key_noise, key_loop = jax.random.split(call.key, 3)
        root = make_root(sim, call.params, key_root, call.states)
        tree = new_or_reused_tree(sim, root, call.tree, pending=leaves > 1)
        tree = mix(key_noise, tree) if explores else tree
        plan = Plan(
            choose_at_root, num_simulations, call.num_simulations, leaves, decided if stop_early else None
        )
        tree, depths = run_simulations(sim, tree, call.params, key_loop, plan)
        found = read_output(game, tree, depths)
        return _pruned(game, found, rule, forced_playouts) if forced_playouts > 0.0 else found

    return as_search(game, run, sim.opponent)


def settled(edges: Edges, left: Array) -> Array:
    """`(B,)` bool: the action is `certain`, or leads by more visits than there are simulations left."""
    first, second = jax.lax.top_k(jnp.pad(edges.visits, ((0, 0), (0, 1))), 2)[0].T
    return (first - second > left.astype(jnp.float32)) | certain(edges, left)


def _pruned(game: Game[Any], found: SearchOutput, rule: rules.Rule, forced_playouts: float) -> SearchOutput:
    """The output with `action_weights` that leave forced visits out; as it was where nothing was visited."""
    assert found.tree is not None
    visits = pruned_visits(root_edges(game, found.tree), rule, forced_playouts)
    total = visits.sum(-1, keepdims=True)
    weights = per_action(game, found.tree, visits / jnp.maximum(total, 1.0))
    return found._replace(action_weights=jnp.where(total > 0, weights, found.action_weights))
