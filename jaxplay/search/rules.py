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
        visits: `(B, E)` float32.
        q: `(B, E)` float32 mean value of each visited edge, 0 of the others.
        value: `(B,)` float32, the evaluator's value of the node.
    """

    prior: Array
    visits: Array
    q: Array
    value: Array


Rule = Callable[[Edges], Array]


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


def proportional(edges: Edges) -> Array:
    """For chance nodes: visits in proportion to probability, without drawing at random."""
    return edges.prior / (1.0 + edges.visits)
