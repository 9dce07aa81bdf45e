"""Sums of items by rows as gathers, which CPUs and GPUs do faster than scatters.

Rows are the last axis, so that a sum over the items of each is vectorized over the rows.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

MOST_PADDING = 4
"""Rows are padded to the longest one as long as that makes at most so many times the items."""


class Sums(NamedTuple):
    """Which items each row adds up.

    Attributes:
        items: `(K, r)` int32, the items of the rows that have some, padded.
        real: `(K, r)` bool, where that is no padding.
        place: `(R,)` int32, which of those rows each row is; of no meaning where it has no items.
        filled: `(R,)` bool, whether a row has items.
        row: `(m,)` int32, the row of each item, where rows are too uneven to be padded; else None.
    """

    items: np.ndarray
    real: np.ndarray
    place: np.ndarray
    filled: np.ndarray
    row: np.ndarray | None

    def spread(self, sums: Array) -> Array:
        """`(R,)` from the sums of the rows that have items, `(r,)`: 0 in all others."""
        return spread(sums, self.place, self.filled)

    def of(self, values: Array) -> Array:
        """`(R,)`: the sums of `values` `(m,)`."""
        if not self.items.size:
            return jnp.zeros(len(self.place), values.dtype)
        if self.row is not None:
            return jax.ops.segment_sum(values, self.row, len(self.place))
        taken = values[self.items]
        if not self.real.all():
            taken = jnp.where(self.real, taken, 0)
        return self.spread(taken.sum(axis=0))


def spread(values: Array, place: np.ndarray, filled: np.ndarray) -> Array:
    """`(R,)`: `values[place]` where `filled`, else 0."""
    if not filled.all():
        return jnp.where(filled, values[place], 0)
    return values if np.array_equal(place, np.arange(len(values))) else values[place]


def sums_of(row: np.ndarray, num_rows: int) -> Sums:
    """How to add up items by their rows, `(m,)` int, of `num_rows`."""
    count = np.bincount(row, minlength=num_rows)
    filled = count > 0
    place = np.maximum(np.cumsum(filled) - 1, 0).astype(np.int32)
    order = np.argsort(row, kind="stable")
    within = np.arange(len(row)) - (np.cumsum(count) - count)[row[order]]
    items = np.zeros((int(count.max(initial=0)), int(filled.sum())), np.int32)
    real = np.zeros(items.shape, bool)
    items[within, place[row[order]]] = order
    real[within, place[row[order]]] = True
    uneven = items.size > MOST_PADDING * max(len(row), 1)
    return Sums(items, real, place, filled, row.astype(np.int32) if uneven else None)
