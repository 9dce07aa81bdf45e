"""Bitboards: the cells of a grid as bits of uint32 words, because 64-bit types stay off.

A board is a `(W,)` uint32 array. Rows are stored from the top and padded to a power of two of bits, with at
least one bit that stays empty: so no row straddles two words, and a shifted line cannot wrap around an edge.
"""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jax import Array

WORD = 32
"""Bits in a word."""


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

    def has_line(self, board: Array, length: int) -> Array:
        """`()` bool: `length` set cells in a row, column or diagonal."""
        steps = (1, self.stride - 1, self.stride, self.stride + 1)
        rows, *others = (line_starts(board, step, length) for step in steps)
        for starts in others:
            rows = rows | starts
        return jnp.any(rows != 0)


def shift(board: Array, distance: int) -> Array:
    """Move every bit `distance` places towards the first cell; what leaves the board is lost."""
    words, bits = divmod(distance, WORD)
    low = _drop(board, words)
    if bits == 0:
        return low
    return (low >> bits) | (_drop(board, words + 1) << (WORD - bits))


def line_starts(board: Array, step: int, length: int) -> Array:
    """The cells from which `length` cells, `step` bits apart, are all set; doubles the run each round."""
    reach = 1
    while reach < length:
        jump = min(reach, length - reach)
        board = board & shift(board, jump * step)
        reach += jump
    return board


def _drop(board: Array, words: int) -> Array:
    """`board` without its first `words` words, zeros behind."""
    kept = board[words:]
    return jnp.concatenate([kept, jnp.zeros(board.size - kept.size, jnp.uint32)])
