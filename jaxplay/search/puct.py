"""PUCT, the search of AlphaZero (Silver et al. 2018), over a batch of positions."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Evaluate, Params
from jaxplay.game import Game
from jaxplay.search import rules
from jaxplay.search.noise import mix_dirichlet
from jaxplay.search.output import Search, SearchOutput, read_output, run_simulations
from jaxplay.search.simulate import Simulator, choose_at_root, make_root, provable
from jaxplay.search.tree import new_tree
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
    prove: bool = False,
) -> Search:
    """A batched PUCT search.

    Args:
        game: whose positions are searched.
        evaluate: priors and values of leaves.
        num_simulations: N, at most; a tree holds N + 1 nodes.
        c_init: weight of exploration, see `jaxplay.search.rules.puct` as for the next two.
        c_base: visits at which exploration begins to grow.
        fpu_reduction: how much worse than its node an edge not yet visited counts.
        dirichlet_fraction: share of Dirichlet noise in the root's prior; 0 for greedy play.
        dirichlet_concentration: sum of the noise's parameters, shared by the legal actions.
        prove: back up wins and losses exactly where that is possible (`jaxplay.search.simulate.provable`).
    """
    rule = rules.puct(c_init, c_base, fpu_reduction)
    sim = Simulator(game, evaluate, rule, lambda edges, simulation: rule(edges), prove and provable(game))

    def search(
        params: Params, key: Array, states: Any, *, num_simulations: Array | None = None
    ) -> SearchOutput:
        key_root, key_noise, key_loop = jax.random.split(key, 3)
        root = make_root(sim, params, key_root, states)
        if dirichlet_fraction > 0.0:
            noisy = mix_dirichlet(key_noise, root.prior, dirichlet_fraction, dirichlet_concentration)
            root = replace(root, prior=noisy)
        tree = choose_at_root(sim, new_tree(root, maximum + 1), jnp.int32(0))
        return read_output(game, run_simulations(sim, tree, params, key_loop, maximum, num_simulations))

    maximum = num_simulations
    return search
