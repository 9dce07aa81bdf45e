"""A search by any selection rule, one function of the edges of a node."""

from typing import Any, Unpack

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Evaluate
from jaxplay.game import Game
from jaxplay.search._call import Call, as_search
from jaxplay.search._edges import best_edge
from jaxplay.search._loop import Plan, run_simulations
from jaxplay.search._nodes import make_root
from jaxplay.search._output import Search, SearchOutput, read_output
from jaxplay.search._reuse import new_or_reused_tree
from jaxplay.search._simulator import TreeOptions, make_simulator
from jaxplay.search.rules import Edges, Rule


def tree_search(
    game: Game[Any],
    evaluate: Evaluate,
    num_simulations: int,
    rule: Rule,
    *,
    at_root: Rule | None = None,
    leaves: int = 1,
    **options: Unpack[TreeOptions],
) -> Search:
    """A batched search that takes the edge of highest score; its `action` is the most visited one.

    Args:
        game: whose positions are searched.
        evaluate: priors and values of leaves.
        num_simulations: the most simulations of a call.
        rule: scores `(K, E)` of the edges of K nodes. It may depend only on what it is given, which is what
            its own node has seen: choices are kept until a simulation passes through the node again. Edges
            that do not exist are masked by the search, and chance has a rule of its own.
        at_root: the rule at the root; None: the same.
        leaves: leaves of each tree that are evaluated at once; simulations under way count as visits.
        options: see `TreeOptions`.

    Raises:
        UserError: options that do not fit the game.
    """
    first = _bounded(rule if at_root is None else at_root)
    sim = make_simulator(game, evaluate, _bounded(rule), num_simulations, leaves=leaves, **options)

    def choose_at_root(edges: Edges, simulation: Array) -> Array:
        return best_edge(first(edges), edges)

    def run(call: Call) -> SearchOutput:
        key_root, key_loop = jax.random.split(call.key)
        root = make_root(sim, call.params, key_root, call.states)
        tree = new_or_reused_tree(sim, root, call.tree, pending=leaves > 1)
        plan = Plan(choose_at_root, num_simulations, call.num_simulations, leaves)
        return read_output(game, *run_simulations(sim, tree, call.params, key_loop, plan))

    return as_search(game, run, sim.opponent)


def _bounded(rule: Rule) -> Rule:
    """The rule, with no score of minus infinity: that is for edges that may not be taken."""

    def bounded(edges: Edges) -> Array:
        return jnp.maximum(rule(edges), jnp.finfo(jnp.float32).min)

    return bounded
