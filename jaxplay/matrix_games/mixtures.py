"""Mixtures of strategies, with masks for strategies that do not exist."""

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from jaxplay.matrix_games.checks import as_mixture, as_payoff

TINY = 1e-30


class Equilibrium(NamedTuple):
    """Mixtures of two players of a zero-sum game, N rows against M columns.

    Attributes:
        row: `(N,)` float32, the mixture of the player who receives the payoffs.
        column: `(M,)` float32, the mixture of the player who pays them.
        value: `()`, the payoff that the row player expects.
        exploitability: `()`, in units of payoff, 0 at an equilibrium; see `exploitability`.
    """

    row: Array
    column: Array
    value: Array
    exploitability: Array


def everyone(mask: Array | None, size: int) -> Array:
    """`(size,)` bool: `mask`, or all True where there is none."""
    return jnp.ones((size,), bool) if mask is None else mask


def uniform(mask: Array) -> Array:
    """`(N,)` float32: the same weight for all that exist; all zero if none does."""
    return mask / jnp.maximum(mask.sum(), 1)


def normalised(weights: Array, fallback: Array) -> Array:
    """`(N,)`: weights of at least 0 as probabilities; `fallback` where all are (almost) zero."""
    total = weights.sum()
    return jnp.where(total < 1e-10, fallback, weights / jnp.maximum(total, TINY))


def softmax(logits: Array, mask: Array) -> Array:
    """`(N,)`: the softmax over the entries in `mask`; all zero if there are none."""
    top = jnp.max(jnp.where(mask, logits, -jnp.inf))
    weights = jnp.where(mask, jnp.exp(jnp.where(mask, logits - top, 0.0)), 0.0)
    return weights / jnp.maximum(weights.sum(), TINY)


def present(payoff: Array, rows: Array, columns: Array) -> Array:
    """`(N, M)`: payoffs, zero where the row or the column does not exist."""
    return jnp.where(rows[:, None] & columns[None], payoff, 0.0)


def exploitability(
    payoff: Array,
    row: Array,
    column: Array | None = None,
    *,
    rows: Array | None = None,
    columns: Array | None = None,
) -> Array:
    """`()`: half of what the two players gain by turning to a best response (NashConv / 2).

    Args:
        payoff: `(N, M)`, what the row player receives and the column player pays.
        row: `(N,)`, the row player's mixture.
        column: `(M,)`, the column player's mixture; by default `row`, in a symmetric game.
        rows: `(N,)` bool, the row player's strategies that exist; by default all do.
        columns: `(M,)` bool, the column player's; in a symmetric game they are `rows`.

    Raises:
        UserError: wrong shapes, or numbers that are not finite.
    """
    if column is None:
        column, columns = row, rows
    payoff = as_payoff(payoff, rows, columns)
    row, column = as_mixture("row", row, payoff.shape[0]), as_mixture("column", column, payoff.shape[1])
    rows, columns = everyone(rows, payoff.shape[0]), everyone(columns, payoff.shape[1])
    payoff = present(payoff, rows, columns)
    best = jnp.max(jnp.where(rows, dot(payoff, column), -jnp.inf))
    worst = jnp.min(jnp.where(columns, dot(payoff.T, row), jnp.inf))
    return (best - worst) / 2


def dot(matrix: Array, vector: Array) -> Array:
    """The product in full float32; by default accelerators would round its factors."""
    return jnp.matmul(matrix, vector, precision="highest")
