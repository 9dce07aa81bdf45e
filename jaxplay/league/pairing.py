"""From probabilities to opponents: samples that keep their shares, and pairs for referees to measure."""

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.league._standings import Standings

GOLDEN = 2654435769
"""The fraction of the golden ratio, times 2^32."""


def sample(key: Array, probs: Array, num: int) -> Array:
    """`(num,)` int32: players by their probabilities, none of them too often or too rarely.

    Each player comes `num` times its probability, rounded up or down (systematic sampling, Madow 1944).

    Args:
        key: the random key; one random number is used.
        probs: `(N,)` probabilities, not all zero.
        num: the number of samples, which come in the order of the players.
    """
    return _at(probs, (jnp.arange(num) + jax.random.uniform(key)) / num)


def sample_in_turn(probs: Array, start: Array, number: Array) -> Array:
    """Players sampled one at a time, so that soon each has come as often as its probability says.

    The n-th sample takes the point `start + n * golden ratio` of the interval, modulo its length: such
    points fill it evenly however many there are (Knuth, The Art of Computer Programming, volume 3,
    section 6.4).

    Args:
        probs: `(N,)` probabilities, not all zero; they may change from sample to sample.
        start: `()` uint32, a random number that stays the same.
        number: n, int32 of any shape.

    Returns:
        Players, int32 of the shape of `number`.
    """
    point = (start + number.astype(jnp.uint32) * jnp.uint32(GOLDEN)) >> 8
    return _at(probs, point.astype(jnp.float32) * 2.0**-24)


def _at(probs: Array, points: Array) -> Array:
    """The players at `points` of [0, 1), which they share by `probs`."""
    reach = jnp.cumsum(probs)
    found = jnp.searchsorted(reach / reach[-1], points, side="right")
    last = jnp.max(jnp.where(probs > 0.0, jnp.arange(probs.shape[0]), 0))
    return jnp.minimum(found, last).astype(jnp.int32)


def least_measured(key: Array, standings: Standings, num: int) -> tuple[Array, Array]:
    """The pairs of frozen players that have met least, for matches of referees.

    Args:
        key: the random key, which orders pairs that have met equally often.
        standings: the facts about N players.
        num: the number of pairs, at most `N (N - 1) / 2`.

    Returns:
        `(num, 2)` int32 players, and `(num,)` bool: whether there is such a pair.
    """
    size = standings.present.shape[0]
    row, column = jnp.triu_indices(size, 1)
    exists = standings.frozen[row] & standings.frozen[column]
    met = standings.games[row, column] + 1e-3 * jax.random.uniform(key, row.shape)
    _, pair = jax.lax.top_k(jnp.where(exists, -met, -jnp.inf), num)
    return jnp.stack([row[pair], column[pair]], axis=1).astype(jnp.int32), exists[pair]


def pairs_for_referees(key: Array, standings: Standings, num: int) -> Array:
    """`(num, 2)` int32: the pairs that have met least, repeated where there are fewer than `num`.

    As long as only one player is frozen, it meets itself, which the payoff table does not count.

    Args:
        key: the random key, see `least_measured`.
        standings: the facts about N players.
        num: the number of pairs.
    """
    size = standings.present.shape[0]
    pairs, exists = least_measured(key, standings, min(num, size * (size - 1) // 2))
    found = pairs[jnp.arange(num) % jnp.maximum(exists.sum(), 1)]
    return jnp.where(exists.any(), found, standings.num_learners).astype(jnp.int32)
