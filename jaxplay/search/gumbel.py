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
from jaxplay.search.loop import (
    Depths,
    Plan,
    Start,
    add_depths,
    limits,
    no_depths,
    rounds_with_room,
    run_simulations,
)
from jaxplay.search.nodes import Simulator, TreeOptions, best_edge, make_root, make_simulator, root_edges
from jaxplay.search.output import Search, SearchOutput, per_action, read_output, root_action
from jaxplay.search.paths import room, set_out
from jaxplay.search.reuse import plant
from jaxplay.search.rules import Edges, improved_policy, log_prior, sensible, value_bonus
from jaxplay.search.simulate import simulate
from jaxplay.search.tree import Tree

FAR = 1e4
"""Between scores of edges whose visits differ by one, and far above all other differences."""

CPU_ENOUGH = 1024
"""Positions that are a large call for a CPU by themselves: more simulations at once gain nothing there."""


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
        num_simulations: N, at each call.
        max_considered: actions that sequential halving starts with, at most.
        noise: scale of the Gumbel noise; 0 for greedy play.
        c_visit: see `jaxplay.search.rules.value_bonus`, as for the next two.
        c_scale: weight of the values against the prior.
        rescale: stretch the values of each node to [0, 1] first.
        parallel: simulate all actions of a round at once. Which actions remain is then decided between
            rounds only, and positions with fewer legal actions than are considered get fewer simulations.
            The rounds are those of N for all elements: a smaller `num_simulations` at the call ends them
            early, while otherwise halving is that of the number of each element. On a CPU, 1,024 positions
            and more are a large call by themselves: the actions of a round are then simulated one after
            another, to the same end.
        options: see `TreeOptions`.

    Raises:
        ValueError: options that do not fit the game.
    """
    sigma = Sigma(c_visit, c_scale, rescale)
    sim = make_simulator(
        game, evaluate, improved_policy(*sigma), num_simulations, prior_first=True, **options
    )
    considered = min(max_considered, game.num_actions, sim.num_edges)
    maximum = num_simulations

    def search(
        params: Params,
        key: Array,
        states: Any,
        *,
        num_simulations: Array | None = None,
        tree: Tree | None = None,
    ) -> SearchOutput:
        key_start, key_noise, key_loop = jax.random.split(key, 3)
        tree = plant(sim, make_root(sim, params, key_start, states), tree)
        edges = root_edges(game, tree)
        draws = noise * jax.random.gumbel(key_noise, edges.prior.shape)
        race = Race(draws + log_prior(edges), edges.visits, sigma)
        if parallel:
            visits = halving_table(considered, maximum)[-1]
            tree, depths = _run_rounds(sim, tree, params, key_loop, visits, race, num_simulations)
        else:
            start = _start(race, considered, edges, limits(tree, maximum, num_simulations), maximum)
            plan = Plan(start, maximum, num_simulations)
            tree, depths = run_simulations(sim, tree, params, key_loop, plan)
        return _read(game, tree, depths, race)

    return search


class Race(NamedTuple):
    """What sequential halving goes by.

    Attributes:
        logits: `(B, E)` log-priors plus Gumbel noise.
        before: `(B, E)` visits of the root's edges before this search.
        sigma: weights.
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


def _start(race: Race, considered: int, edges: Edges, budget: Array, maximum: int) -> Start:
    """The edges of the roots that sequential halving takes within `budget` `(B,)`, one after another."""
    legal = jnp.minimum((edges.prior >= 0).sum(-1), considered)
    rows = halving(considered, legal[None], budget[None], jnp.arange(maximum)[:, None], jnp)

    def start(edges: Edges, simulation: Array) -> Array:
        visits = rows[jnp.minimum(simulation, maximum - 1)].astype(jnp.float32)
        return best_edge(race.score(edges, visits), edges)

    return start


def _read(game: Game[Any], tree: Tree, depths: Depths, race: Race) -> SearchOutput:
    edges = root_edges(game, tree)
    score = race.score(edges, (edges.visits - race.before).max(-1))
    logits = log_prior(edges) + value_bonus(edges, *race.sigma)
    logits = jnp.where(sensible(edges), logits, -jnp.inf)
    return read_output(game, tree, depths)._replace(
        action=root_action(tree, best_edge(score, edges)),
        action_weights=per_action(game, tree, jax.nn.softmax(logits)),
    )


def _run_rounds(
    sim: Simulator,
    tree: Tree,
    params: Params,
    key: Array,
    visits: np.ndarray,
    race: Race,
    budget: Array | None,
) -> tuple[Tree, Depths]:
    """All simulations of a round side by side; `visits` is the row of the halving table to follow."""
    run = partial(_run_calls, sim, params, key, visits, race, limits(tree, len(visits), budget))
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
    apart: bool,
    tree: Tree,
) -> tuple[Tree, Depths]:
    """The rounds by as many simulations as `limit` `(B,)`, in the calls that `calls` says."""
    batch, parts = tree.parent.shape[1], calls(visits, apart)
    scratch = room(tree, max(width for width, _ in parts) * batch)

    def play(width: int, numbers: Array, first: int, call: Array, carry: _Round) -> _Round:
        number, place = numbers[call - first]
        fresh = partial(_scores, race, root_edges(sim.game, carry.tree), number)
        scores = jax.lax.cond(place == 0, fresh, lambda: carry.scores) if apart else fresh()
        edge, active = _best(scores, width)
        scores = scores.at[jnp.arange(batch)[None], edge].set(-jnp.inf) if apart else scores
        active = active & (carry.depths.number[None] + jnp.arange(width)[:, None] < limit[None])
        walkers, key_now = set_out(edge, active), jax.random.fold_in(key, call)
        tree, scratch, depth = simulate(sim, carry.tree, carry.scratch, params, key_now, walkers)
        return _Round(tree, scratch, add_depths(carry.depths, depth.reshape(width, batch), active), scores)

    carry, first = _Round(tree, scratch, no_depths(batch), jnp.zeros_like(race.logits)), 0
    for width, numbers in parts:
        last = first + jnp.minimum(len(numbers), rounds_with_room(carry.tree, width))
        carry = jax.lax.fori_loop(first, last, partial(play, width, jnp.asarray(numbers), first), carry)
        first += len(numbers)
    return carry.tree, carry.depths


class _Round(NamedTuple):
    """What goes from one call to the next; `scores` `(B, E)` as the round began, of edges not yet taken."""

    tree: Tree
    scratch: Array
    depths: Depths
    scores: Array


def _scores(race: Race, edges: Edges, number: Array) -> Array:
    """`(B, E)`: of edges; those that did not go through all `number` rounds are below `-0.5 * FAR`."""
    level = jnp.full(edges.value.shape, number, jnp.float32)
    return jnp.where(sensible(edges), race.score(edges, level), -jnp.inf)


def _best(scores: Array, width: int) -> tuple[Array, Array]:
    """The best `width` edges `(width, B)`, and which of them there are."""
    best, edge = jax.lax.top_k(scores, width) if width > 1 else _first(scores)
    return edge.T, best.T > -0.5 * FAR


def _first(scores: Array) -> tuple[Array, Array]:
    """`jax.lax.top_k` of one, which would sort."""
    return scores.max(-1, keepdims=True), jnp.argmax(scores, axis=-1, keepdims=True).astype(jnp.int32)


def calls(visits: np.ndarray, apart: bool) -> list[tuple[int, np.ndarray]]:
    """The widths of the calls of the evaluator in a row of the halving table, and what they are about.

    Args:
        visits: the row.
        apart: whether actions of a round are simulated one after another.

    Returns:
        `(width, numbers)`, one after another; `numbers` `(n, 2)` int32: of each of n calls, the number of its
        round, and how many actions of the round went before.
    """
    if apart:
        place = np.arange(len(visits)) - np.searchsorted(visits, visits)
        return [(1, np.stack([visits, place], axis=1).astype(np.int32))]
    parts, first = [], 0
    for width, repeats in rounds(visits):
        number = np.arange(first, first + repeats, dtype=np.int32)
        parts.append((width, np.stack([number, np.zeros_like(number)], axis=1)))
        first += repeats
    return parts


def rounds(visits: np.ndarray) -> list[tuple[int, int]]:
    """`(width, repeats)` of the rounds of a row of the halving table: all simulations at one visit count."""
    widths = np.bincount(visits)
    changes = np.flatnonzero(np.diff(widths)) + 1
    return [(int(part[0]), len(part)) for part in np.split(widths, changes)]


def halving_table(max_considered: int, num_simulations: int) -> np.ndarray:
    """`(max_considered + 1, num_simulations)` int32: row m is `halving` of m actions."""
    considered = np.arange(max_considered + 1, dtype=np.int32)[:, None]
    simulation = np.arange(num_simulations, dtype=np.int32)[None]
    return halving(max_considered, considered, np.int32(num_simulations), simulation)


def halving(most: int, considered: Any, budget: Any, simulation: Any, numpy: Any = np) -> Any:
    """Visits that the edge must have by which a simulation sets out; integers that are broadcast.

    Sequential halving: in each phase the remaining actions get equally many visits, then the better half
    remains, until two are left, which go on by turns.

    Args:
        most: actions at the beginning, at most.
        considered: actions at the beginning.
        budget: simulations that the schedule is made for.
        simulation: number of the simulation, from 0.
        numpy: of whose arrays the arguments are, `numpy` or `jax.numpy`.
    """
    halvings = most.bit_length()
    phases = sum((considered > 2**power) * np.int32(1) for power in range(halvings))
    remaining, first, level = considered, 0 * budget, 0 * budget
    visits = simulation + 0 * (considered + budget)
    for _ in range(halvings):
        each = numpy.maximum(1, budget // numpy.maximum(phases * remaining, 1))
        here = (considered > 1) & (simulation >= first)
        visits = numpy.where(here, level + (simulation - first) // numpy.maximum(remaining, 1), visits)
        first, level = first + each * remaining, level + each
        remaining = numpy.maximum(2, remaining // 2)
    return visits
