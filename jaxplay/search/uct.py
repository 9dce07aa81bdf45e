"""UCT with random playouts (Kocsis and Szepesvári 2006), the baseline that needs no network."""

import math
from typing import Any, Unpack

import jax
from jax import Array

from jaxplay.evaluator import Evaluate, Params, rollout
from jaxplay.game import Game
from jaxplay.search import rules
from jaxplay.search.loop import Plan, run_simulations
from jaxplay.search.nodes import TreeOptions, best_edge, make_root, make_simulator
from jaxplay.search.output import Search, SearchOutput, read_output
from jaxplay.search.reuse import plant
from jaxplay.search.tree import Tree


def uct(
    game: Game[Any],
    num_simulations: int,
    *,
    evaluate: Evaluate | None = None,
    exploration: float = math.sqrt(2.0),
    num_rollouts: int = 1,
    **options: Unpack[TreeOptions],
) -> Search:
    """A batched UCT search; its parameters are None unless `evaluate` has some.

    Args:
        game: whose positions are searched.
        num_simulations: N, at most, at each call.
        evaluate: values of leaves (its priors are not used); None: random playouts.
        exploration: weight of exploration.
        num_rollouts: playouts whose mean values a leaf.
        options: see `TreeOptions`.

    Raises:
        ValueError: options that do not fit the game.
    """
    rule = rules.uct(exploration)
    evaluate = rollout(game, num_rollouts) if evaluate is None else evaluate
    sim = make_simulator(game, evaluate, rule, num_simulations, **options)
    maximum = num_simulations

    def search(
        params: Params,
        key: Array,
        states: Any,
        *,
        num_simulations: Array | None = None,
        tree: Tree | None = None,
    ) -> SearchOutput:
        key_root, key_loop = jax.random.split(key)
        tree = plant(sim, make_root(sim, params, key_root, states), tree)
        plan = Plan(lambda edges, simulation: best_edge(rule(edges), edges), maximum, num_simulations)
        return read_output(game, *run_simulations(sim, tree, params, key_loop, plan))

    return search
