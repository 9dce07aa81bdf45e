"""Sums of items by rows as gathers, which CPUs and GPUs do faster than scatters."""

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
        items: `(r, K)` int32, the items of the rows that have some, padded.
        real: `(r, K)` bool, where that is no padding.
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
        if self.filled.all():
            return sums if len(sums) == len(self.place) else sums[self.place]
        return jnp.where(self.filled, sums[self.place], 0)

    def of(self, values: Array) -> Array:
        """`(R,)`: the sums of `values` `(m,)`."""
        if not len(self.items):
            return jnp.zeros(len(self.place), values.dtype)
        if self.row is not None:
            return jax.ops.segment_sum(values, self.row, len(self.place), indices_are_sorted=False)
        taken = values[self.items]
        if not self.real.all():
            taken = jnp.where(self.real, taken, 0)
        return self.spread(taken.sum(axis=1))


def sums_of(row: np.ndarray, num_rows: int) -> Sums:
    """How to add up items by their rows, `(m,)` int, of `num_rows`."""
    count = np.bincount(row, minlength=num_rows)
    filled = count > 0
    place = np.cumsum(filled) - 1
    order = np.argsort(row, kind="stable")
    most = int(count.max(initial=0))
    start = np.cumsum(count) - count
    within = np.arange(len(row)) - start[row[order]]
    items = np.zeros((int(filled.sum()), most), np.int32)
    real = np.zeros(items.shape, bool)
    items[place[row[order]], within] = order
    real[place[row[order]], within] = True
    uneven = items.size > MOST_PADDING * max(len(row), 1)
    return Sums(
        items, real, np.maximum(place, 0).astype(np.int32), filled, row.astype(np.int32) if uneven else None
    )
