"""Gumbel AlphaZero search (Danihelka et al. 2022, Policy improvement by planning with Gumbel).

At the root, the actions with the largest Gumbel noise plus log-prior are considered, and sequential halving
spends the simulations on them. Below the root, actions are chosen so that visits follow the improved policy.

Within a round of a halving phase, each action that remains gets one simulation, and their subtrees are
disjoint. So the simulations of a round can be made side by side (`parallel`): 32 simulations of 16 actions
take 4 calls of the evaluator instead of 32.
"""

from functools import partial
from typing import Any, NamedTuple, Unpack

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.evaluator import Evaluate, Params
from jaxplay.game import Game
from jaxplay.search._call import Call, as_search
from jaxplay.search._edges import best_edge, root_edges
from jaxplay.search._halving import calls, halving, halving_table
from jaxplay.search._loop import (
    ChooseAtRoot,
    DepthStatistics,
    Plan,
    add_depths,
    limits,
    rounds_that_fit,
    run_simulations,
    zero_depths,
)
from jaxplay.search._nodes import make_root
from jaxplay.search._output import Search, SearchOutput, read_output
from jaxplay.search._paths import path_buffer, start
from jaxplay.search._reuse import new_or_reused_tree
from jaxplay.search._simulate import simulate
from jaxplay.search._simulator import Simulator, TreeOptions, make_simulator
from jaxplay.search._tree import Tree
from jaxplay.search.rules import Edges, improved_policy, log_prior, value_bonus, viable_edges

FAR = 1e4
"""Between scores of edges whose visits differ by one, and far above all other differences."""

CPU_ENOUGH = 1024
"""Positions that are a large call for a CPU by themselves: more simulations at once gain nothing there."""

LEAST_BLOCK = 16
"""Edges that a backup works off together, at least: of one position a whole way or half of it."""


class Sigma(NamedTuple):
    """How values weigh against priors: see `jaxplay.search.rules.value_bonus`."""

    c_visit: float
    c_scale: float
    rescale: bool


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
    parallel: bool = False,
    **options: Unpack[TreeOptions],
) -> Search:
    """A batched Gumbel search. Its `action` is drawn by the noise, its `action_weights` improve the prior.

    Args:
        game: whose positions are searched.
        evaluate: priors and values of leaves.
        num_simulations: the most simulations of a call.
        max_considered: the most actions that sequential halving starts with.
        noise: scale of the Gumbel noise; 0 for greedy play.
        c_visit: see `jaxplay.search.rules.value_bonus`, as for the next two.
        c_scale: weight of the values against the prior.
        rescale: whether the values of each node are stretched to [0, 1] first.
        parallel: whether all actions of a round are simulated at once. Which actions remain is then decided
            between rounds only, and positions with fewer legal actions than are considered get fewer
            simulations. The rounds are those of `num_simulations` for all elements: a smaller number at the
            call ends them early, while otherwise halving is that of the number of each element. On a CPU,
            1,024 positions and more are a large call by themselves: the actions of a round are then
            simulated one after another, to the same end.
        options: see `TreeOptions`.

    Raises:
        UserError: options that do not fit the game.
    """
    sigma = Sigma(c_visit, c_scale, rescale)
    sim = make_simulator(
        game,
        evaluate,
        improved_policy(*sigma),
        num_simulations,
        prior_first=True,
        least_block=LEAST_BLOCK,
        **options,
    )
    considered = min(max_considered, game.num_actions, sim.num_edges)

    def run(call: Call) -> SearchOutput:
        key_start, key_noise, key_loop = jax.random.split(call.key, 3)
        tree = new_or_reused_tree(sim, make_root(sim, call.params, key_start, call.states), call.tree)
        edges = root_edges(game, tree)
        draws = noise * jax.random.gumbel(key_noise, edges.prior.shape)
        race = Race(draws + log_prior(edges), edges.visits, sigma)
        limit = limits(tree, num_simulations, call.num_simulations)
        if parallel:
            visits = halving_table(considered, num_simulations)[-1]
            tree, depths = _run_rounds(sim, tree, call.params, key_loop, visits, race, limit)
        else:
            by_halving = _by_halving(race, considered, edges, limit, num_simulations)
            plan = Plan(by_halving, num_simulations, call.num_simulations)
            tree, depths = run_simulations(sim, tree, call.params, key_loop, plan)
        return _read(game, tree, depths, race)

    return as_search(game, run, sim.opponent)


class Race(NamedTuple):
    """What sequential halving goes by.

    Attributes:
        logits: `(B, E)` log-priors plus Gumbel noise.
        before: `(B, E)` visits of the root's edges before this search.
        sigma: weights of values.
    """

    logits: Array
    before: Array
    sigma: Sigma

    def score(self, edges: Edges, visits: Array) -> Array:
        """`(B, E)`: logits plus what values add, edges with exactly `visits` `(B,)` visits before others.

        Of the others, which matter only where all of those are proven to lose, the nearest come first.
        """
        score = jnp.maximum(self.logits + value_bonus(edges, *self.sigma), -0.1 * FAR)
        return score - FAR * jnp.abs(edges.visits - self.before - visits[:, None])


def _by_halving(race: Race, considered: int, edges: Edges, budget: Array, maximum: int) -> ChooseAtRoot:
    """The edges of the roots that sequential halving takes within `budget` `(B,)`, one after another."""
    legal = jnp.minimum((edges.prior >= 0).sum(-1), considered)
    rows = halving(considered, legal[None], budget[None], jnp.arange(maximum)[:, None], jnp)

    def choose_at_root(edges: Edges, simulation: Array) -> Array:
        visits = rows[jnp.minimum(simulation, maximum - 1)].astype(jnp.float32)
        return best_edge(race.score(edges, visits), edges)

    return choose_at_root


def _read(game: Game[Any], tree: Tree, depths: DepthStatistics, race: Race) -> SearchOutput:
    """The winner of the halving, and the improved policy."""
    edges = root_edges(game, tree)
    score = race.score(edges, (edges.visits - race.before).max(-1))
    logits = log_prior(edges) + value_bonus(edges, *race.sigma)
    weights = jax.nn.softmax(jnp.where(viable_edges(edges), logits, -jnp.inf))
    return read_output(game, tree, depths, best_edge(score, edges), weights)


def _run_rounds(
    sim: Simulator, tree: Tree, params: Params, key: Array, visits: np.ndarray, race: Race, limit: Array
) -> tuple[Tree, DepthStatistics]:
    """The simulations of each round side by side, at most `limit` `(B,)`.

    `visits` is the row of the halving table to follow.
    """
    run = partial(_run_calls, sim, params, key, visits, race, limit)
    if tree.parent.shape[1] < CPU_ENOUGH:
        return run(False, tree)
    return jax.lax.platform_dependent(tree, cpu=partial(run, True), default=partial(run, False))


def _run_calls(
    sim: Simulator,
    params: Params,
    key: Array,
    visits: np.ndarray,
    race: Race,
    limit: Array,
    one_by_one: bool,
    tree: Tree,
) -> tuple[Tree, DepthStatistics]:
    """The rounds in the calls of the evaluator that `calls` says."""
    batch, parts = tree.parent.shape[1], calls(visits, one_by_one)
    buffer = path_buffer(tree, max(width for width, _ in parts) * batch)

    def play(width: int, numbers: Array, first: int, call: Array, carry: _Round) -> _Round:
        number, place = numbers[call - first]
        fresh = partial(_scores, race, root_edges(sim.game, carry.tree), number)
        scores = jax.lax.cond(place == 0, fresh, lambda: carry.scores) if one_by_one else fresh()
        edge, active = _best(scores, width)
        if one_by_one:
            scores = scores.at[jnp.arange(batch)[None], edge].set(-jnp.inf)
        active = active & (carry.depths.number[None] + jnp.arange(width)[:, None] < limit[None])
        simulations, key_now = start(edge, active), jax.random.fold_in(key, call)
        tree, buffer, depth = simulate(sim, carry.tree, carry.buffer, params, key_now, simulations)
        return _Round(tree, buffer, add_depths(carry.depths, depth.reshape(width, batch), active), scores)

    carry, first = _Round(tree, buffer, zero_depths(batch), jnp.zeros_like(race.logits)), 0
    for width, numbers in parts:
        last = first + jnp.minimum(len(numbers), rounds_that_fit(carry.tree, width))
        carry = jax.lax.fori_loop(first, last, partial(play, width, jnp.asarray(numbers), first), carry)
        first += len(numbers)
    return carry.tree, carry.depths


class _Round(NamedTuple):
    """What goes from one call to the next; `scores` `(B, E)` as the round began, of edges not yet taken."""

    tree: Tree
    buffer: Array
    depths: DepthStatistics
    scores: Array


def _scores(race: Race, edges: Edges, number: Array) -> Array:
    """`(B, E)`: scores of edges; those that did not go through all `number` rounds are below `-0.5 * FAR`."""
    level = jnp.full(edges.value.shape, number, jnp.float32)
    return jnp.where(viable_edges(edges), race.score(edges, level), -jnp.inf)


def _best(scores: Array, width: int) -> tuple[Array, Array]:
    """The best `width` edges `(width, B)`, and whether each exists."""
    best, edge = jax.lax.top_k(scores, width) if width > 1 else _first(scores)
    return edge.T, best.T > -0.5 * FAR


def _first(scores: Array) -> tuple[Array, Array]:
    """The same as `jax.lax.top_k` of one, which would sort."""
    return scores.max(-1, keepdims=True), jnp.argmax(scores, axis=-1, keepdims=True).astype(jnp.int32)
