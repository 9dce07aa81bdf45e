"""Selection rules: which edge of a node a simulation takes next.

A rule is one function, `Edges -> scores (B, E)`; the edge with the highest score is taken, edges that do
not exist are masked by the search. A rule may depend only on what its own node has seen, because choices
are cached until a simulation passes through the node again.
"""

from collections.abc import Callable

import jax.numpy as jnp
from jax import Array

from jaxplay.struct import pytree


@pytree
class Edges:
    """The edges of one node per element, as the player to move there sees them.

    Attributes:
        prior: `(B, E)` float32 probabilities; -1 where the edge does not exist.
        visits: `(B, E)` float32, simulations that took the edge.
        q: `(B, E)` float32 mean value of each visited edge; exact where proven. It says nothing where
            `visits` is 0.
        value: `(B,)` float32, the evaluator's value of the node.
        proven: `(B, E)` int8, 1 where the edge is known to win the greatest return of the game, -1 where it
            is known to lose as much, else 0.
    """

    prior: Array
    visits: Array
    q: Array
    value: Array
    proven: Array


Rule = Callable[[Edges], Array]


def viable_edges(edges: Edges) -> Array:
    """`(B, E)` bool: edges worth taking.

    They are the proven wins if there are any, else those that are not proven losses, else all that exist.
    """
    exists = edges.prior >= 0.0
    wins, losses = exists & (edges.proven > 0), exists & (edges.proven < 0)
    open_ = exists & ~losses
    kept = jnp.where(open_.any(-1, keepdims=True), open_, exists)
    return jnp.where(wins.any(-1, keepdims=True), wins, kept)


def mean_value(edges: Edges) -> Array:
    """`(B,)`: mean of the evaluator's value and of all simulations through the node."""
    return (edges.value + (edges.visits * edges.q).sum(-1)) / (1.0 + edges.visits.sum(-1))


def puct(c_init: float = 1.25, c_base: float = 19652.0, fpu_reduction: float = 0.2) -> Rule:
    """Predictor + UCT with first-play urgency.

    `Q + P c(N) sqrt(N) / (1 + n)`, `c(N) = c_init + log((N + c_base + 1) / c_base)`, N the node's visits
    (Silver et al. 2018, AlphaZero). An edge not yet visited counts as the node's mean value less
    `fpu_reduction` times the root of the prior mass already visited (Wu 2019, KataGo).
    """

    def rule(edges: Edges) -> Array:
        visited = edges.visits > 0
        explored = jnp.where(visited, edges.prior, 0.0).sum(-1)
        first = mean_value(edges) - fpu_reduction * jnp.sqrt(explored)
        q = jnp.where(visited, edges.q, first[:, None])
        total = 1.0 + edges.visits.sum(-1)
        scale = (c_init + jnp.log((total + c_base + 1.0) / c_base)) * jnp.sqrt(total)
        return q + edges.prior * scale[:, None] / (1.0 + edges.visits)

    return rule


def uct(exploration: float = 2.0**0.5) -> Rule:
    """UCB1 on trees: `Q + c sqrt(log N / n)`, edges never visited first (Kocsis and Szepesvári 2006)."""

    def rule(edges: Edges) -> Array:
        total = jnp.maximum(edges.visits.sum(-1, keepdims=True), 1.0)
        bonus = exploration * jnp.sqrt(jnp.log(total) / jnp.maximum(edges.visits, 1.0))
        return jnp.where(edges.visits > 0, edges.q + bonus, jnp.inf)

    return rule


def mixed_value(edges: Edges) -> Array:
    """`(B,)`: the node's value from the evaluator and the visited edges, the latter weighted by prior.

    Appendix D of Danihelka et al. 2022: stands for the value of edges not yet visited.
    """
    total = edges.visits.sum(-1)
    prior = jnp.where(edges.visits > 0, jnp.maximum(edges.prior, 1e-30), 0.0)
    weighted = (prior * edges.q).sum(-1) / jnp.maximum(prior.sum(-1), 1e-30)
    return (edges.value + total * weighted) / (1.0 + total)


def value_bonus(edges: Edges, c_visit: float = 50.0, c_scale: float = 0.1, rescale: bool = True) -> Array:
    """`(B, E)`: `sigma(completed Q)`, shifted so that none is above 0; it adds to log-priors.

    `sigma(q) = (c_visit + max_b n(b)) c_scale q` (Danihelka et al. 2022, eq. 8), q first rescaled to
    [0, 1] between the least and greatest of the node's edges, or with `rescale` off from [-1, 1] to [0, 1].
    """
    q = jnp.where(edges.visits > 0, edges.q, mixed_value(edges)[:, None])
    low, high = -jnp.ones_like(edges.value), jnp.ones_like(edges.value)
    if rescale:
        exists = edges.prior >= 0.0
        low = jnp.min(jnp.where(exists, q, jnp.inf), axis=-1)
        high = jnp.max(jnp.where(exists, q, -jnp.inf), axis=-1)
    scale = (c_visit + edges.visits.max(-1)) * c_scale / jnp.maximum(high - low, 1e-8)
    return scale[:, None] * (q - high[:, None])


def log_prior(edges: Edges) -> Array:
    """`(B, E)`: logarithms of the priors, about -69 of an edge that does not exist."""
    return jnp.log(jnp.maximum(edges.prior, 1e-30))


def improved_policy(c_visit: float = 50.0, c_scale: float = 0.1, rescale: bool = True) -> Rule:
    """Visits that follow the improved policy pi' without noise: `pi'(a) - n(a) / (1 + sum n)`.

    Section 5 of Danihelka et al. 2022. pi' is the softmax of `log_prior` plus
    `value_bonus`, here without a logarithm.
    """

    def rule(edges: Edges) -> Array:
        bonus = value_bonus(edges, c_visit, c_scale, rescale)
        weights = jnp.maximum(edges.prior, 0.0) * jnp.exp(bonus)
        policy = weights / jnp.maximum(weights.sum(-1, keepdims=True), 1e-37)
        return policy - edges.visits / (1.0 + edges.visits.sum(-1, keepdims=True))

    return rule


def proportional(edges: Edges) -> Array:
    """For chance nodes: visits in proportion to probability, without drawing at random."""
    return edges.prior / (1.0 + edges.visits)
