"""A search by any selection rule, one function of the edges of a node."""

from typing import Any, Unpack

import jax
from jax import Array

from jaxplay.evaluator import Evaluate, Params
from jaxplay.game import Game
from jaxplay.search.loop import Plan, run_simulations
from jaxplay.search.nodes import TreeOptions, best_edge, make_root, make_simulator
from jaxplay.search.output import Search, SearchOutput, read_output
from jaxplay.search.reuse import plant
from jaxplay.search.rules import Edges, Rule
from jaxplay.search.tree import Tree


def by_rule(
    game: Game[Any],
    evaluate: Evaluate,
    num_simulations: int,
    rule: Rule,
    *,
    at_root: Rule | None = None,
    leaves: int = 1,
    **options: Unpack[TreeOptions],
) -> Search:
    """A batched search that takes the edge of highest score; its `action` is the one most visited.

    Args:
        game: whose positions are searched.
        evaluate: priors and values of leaves.
        num_simulations: N, at most, at each call.
        rule: scores `(K, E)` of the edges of K nodes. It may depend only on what it is given, which is what
            its own node has seen: choices are kept until a simulation passes through the node again. Edges
            that do not exist are masked by the search, and chance has a rule of its own.
        at_root: the rule at the root; None: the same.
        leaves: of each tree, evaluated at once; those under way count as visits.
        options: see `TreeOptions`.

    Raises:
        ValueError: options that do not fit the game.
    """
    first = rule if at_root is None else at_root
    sim = make_simulator(game, evaluate, rule, num_simulations, leaves=leaves, **options)
    maximum = num_simulations

    def start(edges: Edges, simulation: Array) -> Array:
        return best_edge(first(edges), edges)

    def search(
        params: Params,
        key: Array,
        states: Any,
        *,
        num_simulations: Array | None = None,
        tree: Tree | None = None,
    ) -> SearchOutput:
        key_root, key_loop = jax.random.split(key)
        tree = plant(sim, make_root(sim, params, key_root, states), tree, pending=leaves > 1)
        plan = Plan(start, maximum, num_simulations, leaves)
        return read_output(game, *run_simulations(sim, tree, params, key_loop, plan))

    return search
