"""Gumbel AlphaZero search (Danihelka et al. 2022, Policy improvement by planning with Gumbel).

At the root, the actions with the largest Gumbel noise plus log-prior are considered, and sequential halving
spends the simulations on them. Below the root, actions are chosen so that visits follow the improved policy.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.evaluator import Evaluate, Params
from jaxplay.game import Game
from jaxplay.search.output import Search, SearchOutput, read_output, run_simulations
from jaxplay.search.rules import Edges, improved_logits, improved_policy, sensible
from jaxplay.search.simulate import (
    RootRule,
    Simulator,
    best_edge,
    choose_at_root,
    make_root,
    provable,
    root_edges,
)
from jaxplay.search.tree import new_tree


def gumbel(
    game: Game[Any],
    evaluate: Evaluate,
    num_simulations: int,
    *,
    max_considered: int = 16,
    noise: float = 1.0,
    c_visit: float = 50.0,
    c_scale: float = 0.1,
    rescale: bool = True,
    prove: bool = False,
) -> Search:
    """A batched Gumbel search. Its `action` is drawn by the noise, its `action_weights` improve the prior.

    Args:
        game: whose positions are searched.
        evaluate: priors and values of leaves.
        num_simulations: N; a tree holds N + 1 nodes.
        max_considered: actions that sequential halving starts with, at most.
        noise: scale of the Gumbel noise; 0 for greedy play.
        c_visit: see `jaxplay.search.rules.improved_logits`, as for the next two.
        c_scale: weight of the values against the prior.
        rescale: stretch the values of each node to [0, 1] first.
        prove: back up wins and losses exactly where that is possible (`jaxplay.search.simulate.provable`).
    """
    table = halving_table(min(max_considered, game.num_actions), num_simulations)
    interior = improved_policy(c_visit, c_scale, rescale)
    prove = prove and provable(game)

    def search(
        params: Params, key: Array, states: Any, *, num_simulations: Array | None = None
    ) -> SearchOutput:
        key_start, key_noise, key_loop = jax.random.split(key, 3)
        plain = Simulator(game, evaluate, interior, lambda edges, simulation: edges.prior, prove)
        root = make_root(plain, params, key_start, states)
        draws = noise * jax.random.gumbel(key_noise, root.prior.shape)
        rule = _root_rule(draws, jnp.asarray(table), c_visit, c_scale, rescale)
        sim = plain._replace(root_rule=rule)
        tree = choose_at_root(sim, new_tree(root, maximum + 1), jnp.int32(0))
        found = run_simulations(sim, tree, params, key_loop, maximum, num_simulations)
        edges = root_edges(game, found.tree)
        last = halving_score(edges, draws, edges.visits.max(-1), c_visit, c_scale, rescale)
        logits = jnp.where(sensible(edges), improved_logits(edges, c_visit, c_scale, rescale), -jnp.inf)
        return read_output(game, found)._replace(
            action=best_edge(last, edges).astype(jnp.int32),
            action_weights=jax.nn.softmax(logits)[:, : game.num_actions],
        )

    maximum = num_simulations
    return search


def halving_score(
    edges: Edges, draws: Array, considered: Array, c_visit: float, c_scale: float, rescale: bool
) -> Array:
    """`(B, E)`: noise plus improved logits, edges with exactly `considered` `(B,)` visits before others.

    Of the others, which matter only where all of those are proven to lose, the nearest come first.
    """
    score = draws + improved_logits(edges, c_visit, c_scale, rescale)
    score = jnp.maximum(score - jnp.max(score, axis=-1, keepdims=True), -1e3)
    return score - 1e4 * jnp.abs(edges.visits - considered[:, None])


def _root_rule(draws: Array, table: Array, c_visit: float, c_scale: float, rescale: bool) -> RootRule:
    def rule(edges: Edges, simulation: Array) -> Array:
        legal = (edges.prior >= 0).sum(-1)
        row = jnp.clip(legal, 0, table.shape[0] - 1)
        considered = table[row, jnp.minimum(simulation, table.shape[1] - 1)].astype(jnp.float32)
        return halving_score(edges, draws, considered, c_visit, c_scale, rescale)

    return rule


def halving_table(max_considered: int, num_simulations: int) -> np.ndarray:
    """`(max_considered + 1, num_simulations)` int32: visits that the next edge must have.

    Row m: sequential halving of m actions. In each phase the remaining actions get equally many visits,
    then the better half remains, until two are left.
    """
    rows = [_halving(m, num_simulations) for m in range(max_considered + 1)]
    return np.asarray(rows, np.int32).reshape(max_considered + 1, num_simulations)


def _halving(considered: int, num_simulations: int) -> list[int]:
    if considered <= 1:
        return list(range(num_simulations))
    phases = int(np.ceil(np.log2(considered)))
    sequence: list[int] = []
    visits = [0] * considered
    remaining = considered
    while len(sequence) < num_simulations:
        for _ in range(max(1, num_simulations // (phases * remaining))):
            sequence.extend(visits[:remaining])
            visits[:remaining] = [v + 1 for v in visits[:remaining]]
        remaining = max(2, remaining // 2)
    return sequence[:num_simulations]
