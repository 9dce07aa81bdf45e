"""Replicator dynamics of zero-sum matrix games: strategies grow by what they earn above the average.

Their mixtures circle around an equilibrium; it is the mean over time that comes near it.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.matrix_games.checks import as_mixture, as_payoff
from jaxplay.matrix_games.mixtures import TINY, dot, everyone, present, softmax, uniform

Pair = tuple[Array, Array]
Move = Callable[[Array, Array, Array], Array]
"""`mixture (N,), payoffs (N,), mask (N,) -> mixture (N,)`: one step of one player."""


class Flow(NamedTuple):
    """Where the dynamics led.

    Attributes:
        row: `(N,)`, the last mixture of the row player.
        column: `(M,)`, the last mixture of the column player.
        mean_row: `(N,)`, the row player's mean over all steps and the start.
        mean_column: `(M,)`, the column player's mean over all steps and the start.
    """

    row: Array
    column: Array
    mean_row: Array
    mean_column: Array


def replicator(
    payoff: Array,
    rows: Array | None = None,
    columns: Array | None = None,
    *,
    start: Pair | None = None,
    num_steps: int = 10_000,
    dt: float = 0.01,
) -> Flow:
    """Replicator dynamics (Taylor and Jonker 1978) of both players.

    A step is the exact flow against an opponent who stands still, `p <- p exp(dt A q)` normalised,
    so that mixtures stay positive.

    Args:
        payoff: `(N, M)` float32, what the row player receives and the column player pays.
        rows: `(N,)` bool, the row player's strategies that exist; by default all do.
        columns: `(M,)` bool, the column player's.
        start: the mixtures to begin with, by default uniform. A strategy of weight zero keeps it.
        num_steps: the number of steps.
        dt: the time of a step, in units of one over payoff.

    Raises:
        UserError: wrong shapes, or numbers that are not finite.
    """

    def move(mixture: Array, gain: Array, mask: Array) -> Array:
        return softmax(jnp.log(jnp.maximum(mixture, TINY)) + dt * gain, mask & (mixture > 0.0))

    return _flow(move, payoff, rows, columns, start, num_steps)


def projected_replicator(
    payoff: Array,
    rows: Array | None = None,
    columns: Array | None = None,
    *,
    start: Pair | None = None,
    num_steps: int = 10_000,
    dt: float = 0.01,
    floor: float = 1e-6,
) -> Flow:
    """Projected replicator dynamics (Lanctot et al. 2017): no weight falls below `floor`.

    The mean mixtures are what PSRO plays. OpenSpiel takes a hundred thousand steps of 0.001.

    Args:
        payoff: see `replicator`.
        rows: see `replicator`.
        columns: see `replicator`.
        start: see `replicator`.
        num_steps: see `replicator`.
        dt: see `replicator`; a step is one of Euler's.
        floor: the least weight of a strategy that exists, at most one over the number of strategies.

    Raises:
        UserError: see `replicator`.
    """

    def move(mixture: Array, gain: Array, mask: Array) -> Array:
        return project(mixture + dt * mixture * (gain - dot(mixture, gain)), mask, floor)

    return _flow(move, payoff, rows, columns, start, num_steps)


def project(point: Array, mask: Array | None = None, floor: float = 0.0) -> Array:
    """`(N,)`: the nearest probabilities, none of which is below `floor` (Wang and Carreira-Perpiñán 2013).

    Args:
        point: `(N,)` float32, any point.
        mask: `(N,)` bool, the entries that exist, by default all; the others become 0.
        floor: the least probability, at most one over the number of entries.

    Raises:
        UserError: wrong shapes, or numbers that are not finite.
    """
    point = as_mixture("point", point, jnp.size(point))
    mask = everyone(mask, point.shape[0])
    number = jnp.arange(1, point.shape[0] + 1)
    above = jnp.sort(jnp.where(mask, point - floor, -jnp.inf), descending=True)
    above = jnp.where(number <= mask.sum(), above, 0.0)
    shift = (1.0 - floor * mask.sum() - jnp.cumsum(above)) / number
    free = (above + shift > 0.0) & (number <= mask.sum())
    last = jnp.maximum(jnp.max(jnp.where(free, number, 0)), 1) - 1
    return jnp.where(mask, jnp.maximum(point - floor + shift[last], 0.0) + floor, 0.0)


def _flow(
    move: Move,
    payoff: Array,
    rows: Array | None,
    columns: Array | None,
    start: Pair | None,
    num_steps: int,
) -> Flow:
    payoff = as_payoff(payoff, rows, columns)
    rows, columns = everyone(rows, payoff.shape[0]), everyone(columns, payoff.shape[1])
    payoff = present(payoff, rows, columns)
    begin = (uniform(rows), uniform(columns))
    if start is not None:
        begin = as_mixture("start", start[0], len(rows)), as_mixture("start", start[1], len(columns))

    def step(carry: tuple[Pair, Pair], number: Array) -> tuple[tuple[Pair, Pair], None]:
        (row, column), mean = carry
        after = (
            move(row, dot(payoff, column), rows),
            move(column, -dot(payoff.T, row), columns),
        )
        mean = jax.tree.map(lambda m, p: m + (p - m) / number, mean, after)
        return (after, mean), None

    numbers = jnp.arange(2, num_steps + 2, dtype=jnp.float32)
    (last, mean), _ = jax.lax.scan(step, (begin, begin), numbers)
    return Flow(*last, *mean)
