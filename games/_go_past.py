"""The positions that a game of Go may not return to, as digests of 48 bits in ascending order.

A digest is the sum of a random key for each stone: what a move adds and takes away tells the digest after it.
(Zobrist, A New Hashing Method with Application for Game Playing, 1970; there it is an exclusive or.)
Two positions share a digest with a chance of 2**-48. A move that repeats nothing is so refused in fewer than
one of two million games on 19 by 19: a game compares at most 361 points, 722 times, with 722 positions. Room
that is left holds the greatest number of 48 bits.
"""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.games._dense import sum_by, take
from jaxplay.games._mnk import rotations_and_mirrors
from jaxplay.struct import pytree

KEY_SEED = 1970


@pytree
class Digest:
    """A digest, or an array of them.

    Attributes:
        high: `(...)` uint32: the leading bits.
        low: `(...)` uint16: the others.
    """

    high: Any
    low: Any

    def __add__(self, other: "Digest") -> "Digest":
        return Digest(self.high + other.high, self.low + other.low)

    def __sub__(self, other: "Digest") -> "Digest":
        return Digest(self.high - other.high, self.low - other.low)

    def __getitem__(self, index: Any) -> "Digest":
        return Digest(jnp.asarray(self.high)[index], jnp.asarray(self.low)[index])

    def where(self, condition: Array, other: "Digest") -> "Digest":
        """These digests where `condition` holds, else `other`."""
        return jax.tree.map(lambda one, two: jnp.where(condition, one, two), self, other)

    def sum(self, where: Array) -> "Digest":
        """`()`: the sum of those digests, `(n,)`, for which `where` holds."""
        return Digest(*(jnp.where(where, word, 0).sum(dtype=word.dtype) for word in (self.high, self.low)))

    def sum_by(self, group: Array) -> "Digest":
        """`(n,)`: the sums of the digests, `(n,)`, of groups 0 to n - 1; others belong to none."""
        return Digest(sum_by(self.high, group), sum_by(self.low, group))


GREATEST = Digest(np.uint32(2**32 - 1), np.uint16(2**16 - 1))


def keys(size: int, turned: Array) -> Digest:
    """`(2, N)`: the keys of black and white stones on a board that symmetry `turned` has turned."""
    every = _keys(size)
    return Digest(take(jnp.asarray(every.high), turned), take(jnp.asarray(every.low), turned))


@functools.cache
def _keys(size: int) -> Digest:
    """`(8, 2, N)`: the keys as every symmetry moves them."""
    random = np.random.RandomState(KEY_SEED)  # its numbers are the same in every version of NumPy
    sources = np.argsort(rotations_and_mirrors(size), axis=1)
    words = (random.randint(2**bits, size=(2, size * size), dtype=np.uint64) for bits in (32, 16))
    high, low = (np.moveaxis(word[:, sources], 1, 0) for word in words)
    return Digest(high.astype(np.uint32), low.astype(np.uint16))


def nothing(count: int) -> Digest:
    """`(count,)`: room for `count` digests, filled with the greatest one, which stands for none."""
    return Digest(jnp.full(count, GREATEST.high), jnp.full(count, GREATEST.low))


def is_full(past: Digest) -> Array:
    """`()` bool: whether `past`, `(M,)` in ascending order, has no room left."""
    return past.high[-1] != GREATEST.high


def insert(past: Digest, digest: Digest) -> Digest:
    """`past`, `(M,)` in ascending order and not full, with one more digest."""
    less = (past.high < digest.high) | ((past.high == digest.high) & (past.low < digest.low))
    place, at = less.sum(dtype=jnp.int32), np.arange(past.high.size, dtype=np.int32)

    def inserted(old: Array, new: Array) -> Array:
        later = jax.lax.pad(old, old.dtype.type(0), [(1, -1, 0)])
        return jnp.where(at < place, old, jnp.where(at == place, new, later))

    return Digest(inserted(past.high, digest.high), inserted(past.low, digest.low))


def contains(past: Digest, digests: Digest) -> Array:
    """`(n,)` bool: which `digests`, `(n,)`, are in `past`, `(M,)` in ascending order.

    On a TPU, where gathers are slow, each is compared with all.
    """
    return jax.lax.platform_dependent(past, digests, tpu=contained, default=_bisected)


def contained(past: Digest, digests: Digest) -> Array:
    """`contains` by comparing all pairs."""
    high = past.high[None] == digests.high[:, None]
    return (high & (past.low[None] == digests.low[:, None])).any(axis=1)


def _bisected(past: Digest, digests: Digest) -> Array:
    """`contains` by bisection, which finds the last entry whose `high` is not greater.

    The one before it may share that `high`; three equal ones are less likely than two equal digests.
    """

    def halve(place: Array, half: Array) -> tuple[Array, None]:
        further = past.high.at[place + half].get(mode="promise_in_bounds") <= digests.high
        return place + jnp.where(further, half, 0), None

    start = jnp.zeros(digests.high.shape, jnp.int32)
    place, _ = jax.lax.scan(halve, start, jnp.asarray(_halves(past.high.size)))
    found = (past[i] for i in (place, jnp.maximum(place - 1, 0)))
    last, before = ((entry.high == digests.high) & (entry.low == digests.low) for entry in found)
    return last | before


def _halves(count: int) -> np.ndarray:
    """The strides of a bisection of `count` entries."""
    halves = []
    while count > 1:
        halves.append(count // 2)
        count -= count // 2
    return np.array(halves, np.int32)
