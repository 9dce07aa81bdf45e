"""Tables that find positions on the device: positions as words, words as 64-bit hashes."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import strip
from jaxplay.struct import pytree, static

SEEDS = np.array([0x9E3779B9, 0x7F4A7C15], np.uint32)
"""The two halves of the golden ratio in 64 bits, which make two different hashes."""


def words(states: Any) -> Array:
    """A batch of states as `(B, W)` uint32: every field but mask and rewards, bit for bit."""
    return jnp.concatenate([words_of(leaf) for leaf in jax.tree.leaves(strip(states))], axis=1)


def words_of(leaf: Array) -> Array:
    """An array `(B, ...)` as `(B, W)` uint32, bit for bit, but that both zeros are one."""
    if jnp.issubdtype(leaf.dtype, jnp.floating):
        leaf = jnp.where(leaf == 0, jnp.zeros_like(leaf), leaf)
        leaf = jax.lax.bitcast_convert_type(leaf, {2: jnp.uint16, 4: jnp.uint32}[leaf.dtype.itemsize])
    return leaf.reshape(leaf.shape[0], -1).astype(jnp.uint32)


def hashed(states: Any) -> Array:
    """`(B, 2)` uint32: a 64-bit hash of each state, most significant half first."""
    return hash_words(words(states))


def hash_words(word: Array) -> Array:
    """`(B, 2)` uint32: a 64-bit hash of each row of `(B, W)` uint32, most significant half first."""
    place = _mix(jnp.arange(word.shape[1], dtype=jnp.uint32)[None] ^ SEEDS[:, None])
    parts = jax.vmap(lambda seeds: _mix(_mix(word ^ seeds[None]).sum(axis=1, dtype=jnp.uint32)), out_axes=1)
    return parts(place)


def _mix(x: Array) -> Array:
    """The finalizer of MurmurHash3: each bit of the input changes each of the output half the time."""
    x = (x ^ (x >> 16)) * np.uint32(0x85EBCA6B)
    x = (x ^ (x >> 13)) * np.uint32(0xC2B2AE35)
    return x ^ (x >> 16)


def joined(hashes: np.ndarray) -> np.ndarray:
    """`(B,)` uint64: hashes `(B, 2)` on the host as single numbers."""
    return hashes[:, 0].astype(np.uint64) << np.uint64(32) | hashes[:, 1]


@pytree
class Table:
    """Sorted hashes of S positions.

    Attributes:
        high: `(S,)` uint32, the high halves of the hashes in ascending order.
        low: `(S,)` uint32, the low halves.
        number: `(S,)` int32, the numbers of the positions.
        run: the largest number of hashes with the same high half.
    """

    high: Array
    low: Array
    number: Array
    run: int = static()

    def index(self, states: Any) -> Array:
        """`(B,)` int32: the number of each state, -1 where the table does not hold it.

        A state outside the table is taken for one inside with probability `S / 2**64`.
        """
        return self.find(hashed(states))

    def find(self, hashes: Array) -> Array:
        """`(B,)` int32: the number of each hash `(B, 2)`, -1 where the table does not hold it."""
        high, low = hashes.T
        start = jnp.searchsorted(self.high, high)
        place = jnp.minimum(start[:, None] + jnp.arange(self.run)[None], self.high.shape[0] - 1)
        hit = (self.high[place] == high[:, None]) & (self.low[place] == low[:, None])
        found = jnp.take_along_axis(place, jnp.argmax(hit, axis=1)[:, None], axis=1)[:, 0]
        return jnp.where(hit.any(axis=1), self.number[found], -1)


def table_of(hashes: np.ndarray) -> Table:
    """The table of positions by hashes `(S,)` uint64, all different; a number is a place in that array."""
    number = np.argsort(hashes)
    high = (hashes[number] >> np.uint64(32)).astype(np.uint32)
    low = hashes[number].astype(np.uint32)
    run = int(np.unique(high, return_counts=True)[1].max())
    with jax.ensure_compile_time_eval():  # arrays, not tracers, where a function under jit asks first
        return Table(jnp.asarray(high), jnp.asarray(low), jnp.asarray(number, jnp.int32), run)
