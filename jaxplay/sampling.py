"""One sample by one uniform number: a set element of a mask, an outcome by its probability.

`jnp.cumsum` would take longer than the rules of most games: XLA on CPU compiles it to many passes over
memory. Here masks are packed into words first, and the few terms of a sum are written out, so that they
become one loop over the batch. Each sample ends in a short `lax` loop: XLA on CPU computes what comes out of
a mere chain of sums and comparisons anew for every element that depends on it.
"""

from collections.abc import Sequence
from itertools import accumulate

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

WORD = 32
"""Bits in a word."""
MOST_WORDS = 8
"""A longer mask is divided into blocks, of which one is packed."""
BLOCK = 4 * WORD
CHUNK = 16
"""Probabilities that are added up in one turn of the loop."""


def kth_set(mask: Array, uniform: Array) -> Array:
    """The place, `()` int32, of the k-th set element of `mask`, `(n,)` bool; at least one is set.

    Args:
        mask: `(n,)` bool.
        uniform: `()` float32 in [0, 1): k is this times the number of set elements, rounded down.
    """
    if len(mask) <= MOST_WORDS * WORD:
        words = _packed(mask)
        sums = list(accumulate(map(_ones, words)))
        return _in_words(words, sums, _kth(sums, uniform), min(len(mask), WORD))
    sums = list(accumulate(_block_counts(mask)))
    k = _kth(sums, uniform)
    block = _passed(sums, k)
    first = jnp.minimum(block * BLOCK, len(mask) - BLOCK)
    inside = jax.lax.dynamic_slice(mask, (first,), (BLOCK,))
    words = _packed(inside & (np.arange(BLOCK, dtype=np.int32) >= block * BLOCK - first))
    return first + _in_words(words, list(accumulate(map(_ones, words))), k - _before(sums, block), WORD)


def by_probability(probs: Array, uniform: Array) -> Array:
    """An outcome, `()` int32, of probabilities `probs`, `(n,)` float32; never one of probability zero.

    It is the last possible one that the sum of those before it does not keep above the threshold.

    Args:
        probs: not negative; they need not add up to one.
        uniform: `()` float32 in [0, 1): the threshold is this times the sum of `probs`.
    """
    turns = max(2, -(-len(probs) // CHUNK))
    size = -(-len(probs) // turns)
    chunks = jnp.pad(probs, (0, turns * size - len(probs))).reshape(turns, size)
    threshold = uniform * probs.sum()

    def add(carry: tuple[Array, Array], chunk: tuple[Array, Array]) -> tuple[tuple[Array, Array], None]:
        (reached, found), (first, probs) = carry, chunk
        for i in range(size):
            found = jnp.where((probs[i] > 0) & (reached <= threshold), first + i, found)
            reached = reached + probs[i]
        return (reached, found), None

    starts = jnp.arange(turns, dtype=jnp.int32) * size
    return jax.lax.scan(add, (jnp.float32(0), jnp.int32(0)), (starts, chunks))[0][1]


def _block_counts(mask: Array) -> list[Array]:
    """How many elements of each block are set; the last block may be short."""
    whole = len(mask) // BLOCK * BLOCK
    counts = mask[:whole].reshape(-1, BLOCK).sum(axis=1, dtype=jnp.int32)
    rest = [mask[whole:].sum(dtype=jnp.int32)] if whole < len(mask) else []
    return [*(counts[i] for i in range(len(counts))), *rest]


def _kth(sums: Sequence[Array], uniform: Array) -> Array:
    return jnp.floor(uniform * sums[-1].astype(jnp.float32)).astype(jnp.int32)


def _passed(sums: Sequence[Array], threshold: Array) -> Array:
    """How many of the running `sums`, but for the last, are not above `threshold`."""
    return sum(((reached <= threshold).astype(jnp.int32) for reached in sums[:-1]), jnp.int32(0))


def _before(sums: Sequence[Array], number: Array) -> Array:
    """The running sum before term `number`."""
    return _entry([jnp.zeros_like(sums[0]), *sums[:-1]], number)


def _entry(values: Sequence[Array], number: Array) -> Array:
    """`values[number]`, by comparisons."""
    found = values[0]
    for i, value in enumerate(values[1:], 1):
        found = jnp.where(number == i, value, found)
    return found


def _packed(mask: Array) -> list[Array]:
    """The bits of `mask` in uint32 words, each made in a loop of its own: XLA is slow at a loop over all."""
    bits = np.uint32(1) << np.arange(WORD, dtype=np.uint32)
    parts = [mask[start : start + WORD] for start in range(0, len(mask), WORD)]
    return [jnp.where(part, bits[: len(part)], jnp.uint32(0)).sum(dtype=jnp.uint32) for part in parts]


def _ones(word: Array) -> Array:
    return jax.lax.population_count(word).astype(jnp.int32)


def _in_words(words: Sequence[Array], sums: Sequence[Array], k: Array, width: int) -> Array:
    """The place of the k-th set bit of `words` of `width` bits, by halves of one; `sums` count their bits."""
    number, turns = _passed(sums, k), max(2, (width - 1).bit_length())

    def halve(i: Array, carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        word, k, place = carry
        half = jnp.int32(1) << (turns - 1 - i)
        low = word & ((jnp.uint32(1) << half.astype(jnp.uint32)) - 1)
        above = k >= _ones(low)
        return (
            jnp.where(above, word >> half.astype(jnp.uint32), low),
            jnp.where(above, k - _ones(low), k),
            place + jnp.where(above, half, 0),
        )

    start = _entry(words, number), k - _before(sums, number), WORD * number
    return jax.lax.fori_loop(0, turns, halve, start)[2]
