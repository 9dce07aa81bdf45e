"""Logical shards: a leading axis of matches and memory that devices divide among themselves.

A run has S shards, whatever it runs on. Each shard draws from `fold_in(key, shard)` and sees its own
matches and memory only; gradients and metrics are averaged over all of them. So one device and several
give the same run up to rounding.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array


@dataclass(frozen=True)
class Shards:
    """How the shards of a run lie on devices.

    Attributes:
        count: S, all shards.
        devices: how many devices divide them.
        axis: name of the mesh axis inside `shard_map`; None on one device.
    """

    count: int = 1
    devices: int = 1
    axis: str | None = None

    @property
    def local(self) -> int:
        """Shards on one device."""
        return self.count // self.devices

    def keys(self, key: Array) -> Array:
        """`(local,)` keys, one for each shard on this device."""
        first = 0 if self.axis is None else jax.lax.axis_index(self.axis) * self.local
        return jax.vmap(lambda i: jax.random.fold_in(key, first + i))(jnp.arange(self.local))

    def map(self, fn: Callable[..., Any], *trees: Any) -> Any:
        """`fn` of each shard's part of `trees` (leading axis `local`), one after the other."""
        if self.local > 1:
            return jax.lax.map(lambda parts: fn(*parts), trees)
        result = fn(*jax.tree.map(lambda x: x[0], trees))
        return jax.tree.map(lambda x: x[None], result)

    def mean(self, tree: Any) -> Any:
        """The mean over all shards of a tree with leading axis `local`."""
        tree = jax.tree.map(lambda x: x.mean(0), tree)
        return tree if self.axis is None else jax.lax.pmean(tree, self.axis)

    def sum(self, tree: Any) -> Any:
        """The sum over all shards of a tree with leading axis `local`."""
        tree = jax.tree.map(lambda x: x.sum(0), tree)
        return tree if self.axis is None else jax.lax.psum(tree, self.axis)


ONE_SHARD = Shards()
"""A run that is not divided."""
