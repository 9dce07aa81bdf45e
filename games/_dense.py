"""Reads and sums by computed indices, in two ways.

CPUs and GPUs gather and scatter. A TPU does that one element after the other: there all pairs are compared,
and what is asked for is left of a sum or a maximum over them (Pgx's issue 1217 tells what that is worth).
Results are the same to the bit.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array


def take(values: Array, index: Array) -> Array:
    """`values[index]`: `(..., *rest)` of `(n, *rest)` and `(...)` integers from 0 to n - 1."""
    return jax.lax.platform_dependent(jnp.asarray(values), index, tpu=taken, default=_gathered)


def greatest(values: Array, group: Array) -> Array:
    """`(n, *rest)`: for each of `values`, `(n, *rest)`, the greatest of its group, `(n,)` from 0 to n."""
    return jax.lax.platform_dependent(values, group, tpu=greatest_of_pairs, default=_greatest_by_scatter)


def sum_by(values: Array, group: Array) -> Array:
    """`(n,)`: sums of the `values`, `(n,)`, of groups 0 to n - 1; those of another group belong to none."""
    return jax.lax.platform_dependent(values, group, tpu=sum_of_pairs, default=_sum_by_scatter)


def taken(values: Array, index: Array) -> Array:
    """`take` without a gather."""
    ones, count = (1,) * index.ndim, values.shape[0]
    hits = index.astype(jnp.int32)[..., None] == np.arange(count, dtype=np.int32).reshape(*ones, count)
    hits = hits.reshape(*hits.shape, *[1] * (values.ndim - 1))
    kept = jnp.where(hits, values.reshape(*ones, *values.shape), jnp.zeros((), values.dtype))
    return _sum(kept, index.ndim)


def greatest_of_pairs(values: Array, group: Array) -> Array:
    """`greatest` without a scatter."""
    same = group[:, None] == group[None]
    same = same.reshape(*same.shape, *[1] * (values.ndim - 1))
    return jnp.where(same, values[None], _least(values.dtype)).max(axis=1)


def sum_of_pairs(values: Array, group: Array) -> Array:
    """`sum_by` without a scatter."""
    mine = np.arange(values.shape[0], dtype=np.int32)[:, None] == group.astype(jnp.int32)[None]
    return _sum(jnp.where(mine, values[None], jnp.zeros((), values.dtype)), 1)


def _gathered(values: Array, index: Array) -> Array:
    return values.at[index].get(mode="promise_in_bounds")


def _greatest_by_scatter(values: Array, group: Array) -> Array:
    most = jnp.full((values.shape[0] + 1, *values.shape[1:]), _least(values.dtype), values.dtype)
    return _gathered(most.at[group].max(values, mode="promise_in_bounds"), group)


def _sum_by_scatter(values: Array, group: Array) -> Array:
    return jnp.zeros(values.shape[0], values.dtype).at[group].add(values, mode="drop")


def _sum(values: Array, axis: int) -> Array:
    """In their own type: unsigned integers wrap around."""
    return values.any(axis) if values.dtype == jnp.bool_ else values.sum(axis, dtype=values.dtype)


def _least(dtype: Any) -> Any:
    return False if dtype == jnp.bool_ else np.iinfo(dtype).min
