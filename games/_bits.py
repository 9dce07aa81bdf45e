"""Bitboards: the cells of a grid as bits of uint32 words, because 64-bit types stay off.

`Bits64` is what a 64-bit integer would be, for up to 64 cells. `Grid` lays out any number of rows; its
boards are `(W,)` uint32 arrays. Rows are stored from the top and padded to a power of two of bits, with at
least one bit that stays empty: so no row straddles two words, and a shifted line cannot wrap around.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.struct import pytree

WORD = 32
"""Number of bits in a word."""


@pytree
class Bits64:
    """64 bits, or an array of them; operators work as on integers. Two words apart compile to plain loops.

    Attributes:
        low: `(...)` uint32: bits 0 to 31.
        high: `(...)` uint32: bits 32 to 63.
    """

    low: Array | np.ndarray
    high: Array | np.ndarray

    @classmethod
    def of(cls, words: Array) -> "Bits64":
        """From `(2, ...)` uint32: low and high words."""
        return cls(words[0], words[1])

    @classmethod
    def single(cls, index: Array) -> "Bits64":
        """Bit `index`, `(...)` int32; no bit where it is not 0 to 63."""
        one = jnp.uint32(1) << (index % WORD).astype(jnp.uint32)
        low, high = (jnp.where(index // WORD == word, one, jnp.uint32(0)) for word in range(2))
        return cls(low, high)

    @classmethod
    def constant(cls, bits: np.ndarray) -> "Bits64":
        """From `(..., n)` bool, `n` up to 64: NumPy words with these bits."""
        numbers = np.sum(bits * (np.uint64(1) << np.arange(bits.shape[-1], dtype=np.uint64)), axis=-1)
        return cls((numbers % (1 << WORD)).astype(np.uint32), (numbers >> WORD).astype(np.uint32))

    @classmethod
    def pack(cls, bits: Array) -> "Bits64":
        """From `(..., n)` bool, `n` up to 64."""
        padded = jnp.pad(bits, [(0, 0)] * (bits.ndim - 1) + [(0, 2 * WORD - bits.shape[-1])])
        weights = np.uint32(1) << np.arange(WORD, dtype=np.uint32)
        ones = padded.reshape(*bits.shape[:-1], 2, WORD).astype(jnp.uint32)
        weighed = ones * np.expand_dims(weights, tuple(range(bits.ndim)))
        low, high = jnp.moveaxis(weighed.sum(axis=-1, dtype=jnp.uint32), -1, 0)
        return cls(low, high)

    def words(self) -> Array:
        """`(2, ...)` uint32: low and high words."""
        return jnp.stack([self.low, self.high])

    def bits(self, count: int) -> Array:
        """`(..., count)` bool: the first `count` bits."""
        words = jnp.stack([self.low, self.high], axis=-1)
        each = words[..., None] >> np.expand_dims(np.arange(WORD, dtype=np.uint32), tuple(range(words.ndim)))
        return (each & 1 != 0).reshape(*words.shape[:-1], 2 * WORD)[..., :count]

    def any(self) -> Array:
        """`(...)` bool: whether a bit is set."""
        return self.low | self.high != 0

    def count(self) -> Array:
        """`(...)` int32: how many bits are set."""
        ones = jax.lax.population_count
        return (ones(self.low) + ones(self.high)).astype(jnp.int32)

    def union(self) -> "Bits64":
        """The bits set anywhere along the first axis."""
        zero = np.uint32(0)
        low, high = jax.lax.reduce((self.low, self.high), (zero, zero), _either, (0,))  # both in one loop
        return Bits64(low, high)

    def where(self, condition: Array) -> "Bits64":
        """These bits where `condition` holds, none elsewhere."""
        zero = jnp.uint32(0)
        return Bits64(jnp.where(condition, self.low, zero), jnp.where(condition, self.high, zero))

    def __and__(self, other: "Bits64") -> "Bits64":
        return Bits64(self.low & other.low, self.high & other.high)

    def __or__(self, other: "Bits64") -> "Bits64":
        return Bits64(self.low | other.low, self.high | other.high)

    def __invert__(self) -> "Bits64":
        return Bits64(~self.low, ~self.high)

    def __lshift__(self, distance: Array | np.ndarray) -> "Bits64":
        carry = (self.low >> 1) >> (WORD - 1 - distance)  # in two steps: a shift by all 32 bits is undefined
        return Bits64(self.low << distance, (self.high << distance) | carry)

    def __rshift__(self, distance: Array | np.ndarray) -> "Bits64":
        carry = (self.high << 1) << (WORD - 1 - distance)
        return Bits64((self.low >> distance) | carry, self.high >> distance)


def _either(one: tuple[Array, Array], other: tuple[Array, Array]) -> tuple[Array, Array]:
    return one[0] | other[0], one[1] | other[1]


@dataclass(frozen=True)
class Grid:
    """A grid of `rows` by `columns` cells (at most 31 columns), laid out in bits."""

    rows: int
    columns: int

    @property
    def stride(self) -> int:
        """Bits from a cell to the cell below it."""
        return 1 << self.columns.bit_length()

    @property
    def num_words(self) -> int:
        """W: words in a board."""
        return -(-self.rows * self.stride // WORD)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.columns

    def cell(self, index: Array) -> Array:
        """`(W,)` uint32: the one cell numbered `index`, counted along the rows from the top left."""
        row, column = index // self.columns, index % self.columns
        bit = row * self.stride + column
        one = jnp.uint32(1) << (bit % WORD).astype(jnp.uint32)
        return jnp.where(np.arange(self.num_words, dtype=np.int32) == bit // WORD, one, jnp.uint32(0))

    def pack(self, cells: Array | np.ndarray) -> Array:
        """`(W,)` uint32: the board whose set cells are those of `cells`, `(rows, columns)` bool."""
        below = self.num_words * WORD // self.stride - self.rows
        bits = jnp.pad(cells, ((0, below), (0, self.stride - self.columns))).reshape(-1, WORD)
        weights = np.uint32(1) << np.arange(WORD, dtype=np.uint32)
        return jnp.sum(jnp.where(bits, weights[None], jnp.uint32(0)), axis=1, dtype=jnp.uint32)

    def unpack(self, board: Array) -> Array:
        """`(rows, columns)` bool: which cells are set."""
        bits = (board[:, None] >> np.arange(WORD, dtype=np.uint32)[None]) & 1
        return bits.reshape(-1, self.stride)[: self.rows, : self.columns] != 0

    def has_line(self, board: Array, length: int, *, longer: bool = True) -> Array:
        """`()` bool: `length` set cells in a row, column or diagonal; more of them count only if `longer`."""
        found = jnp.bool_(False)
        for step in (1, self.stride - 1, self.stride, self.stride + 1):
            starts = line_starts(board, step, length)
            if not longer:
                more = starts & shift(board, length * step)
                starts = starts & ~(more | shift(more, -step))
            found = found | jnp.any(starts != 0)
        return found


def shift(board: Array, distance: int) -> Array:
    """Move every bit `distance` places towards the first cell, or away from it if negative.

    What leaves the board is lost.
    """
    words, bits = divmod(distance, WORD)
    low = _skip(board, words)
    if bits == 0:
        return low
    return (low >> bits) | (_skip(board, words + 1) << (WORD - bits))


def line_starts(board: Array, step: int, length: int) -> Array:
    """The cells from which `length` cells, `step` bits apart, are all set; doubles the run each round."""
    reach = 1
    while reach < length:
        jump = min(reach, length - reach)
        board = board & shift(board, jump * step)
        reach += jump
    return board


def _skip(board: Array, words: int) -> Array:
    """`board` without its first `words` words, zeros behind; if negative, with as many zeros before it."""
    kept = board[max(0, words) : board.size + min(0, words)]
    gap = jnp.zeros(board.size - kept.size, jnp.uint32)
    return jnp.concatenate([kept, gap] if words >= 0 else [gap, kept])


def channels(planes: Sequence[Array]) -> Array:
    """`(n, len(planes))` float32: up to 8 bool planes, each `(n,)` or `()`, side by side.

    They pass through the bits of a byte, which XLA on CPU interleaves twice as fast as arrays.
    """
    codes = sum((plane.astype(jnp.uint8) << i for i, plane in enumerate(planes)), np.uint8(0))
    bits = jnp.asarray(codes)[:, None] >> np.arange(len(planes), dtype=np.uint8)[None] & 1
    return bits.astype(jnp.float32)
