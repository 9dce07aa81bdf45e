"""What happens on a Go board: chains of stones, their liberties, captures and areas.

Points are numbered along the rows from the top left. A position is `(N,)` *chains*, N points: 0 where a point
is empty; elsewhere one more than the number of some stone of the chain, the same for all of its stones;
positive for the stones of the player who looks, negative for the opponent's.
"""

import functools
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.games._dense import greatest, take


@dataclass(frozen=True)
class Board:
    """A square board.

    Attributes:
        size: lines in each direction, at most 31.
    """

    size: int

    @property
    def num_points(self) -> int:
        """N: crossings of lines."""
        return self.size * self.size

    @property
    def dtype(self) -> Any:
        """The smallest type that holds the chains of this board."""
        return np.int8 if self.num_points <= np.iinfo(np.int8).max else np.int16

    @property
    def points(self) -> np.ndarray:
        """`(N,)` int16: the number of each point."""
        return np.arange(self.num_points, dtype=np.int16)

    def neighbours(self, values: Array, outside: Any) -> list[Array]:
        """Four times `(N,)`: what `values`, `(N,)`, are above, below, left and right of each point."""
        framed = jnp.append(values, jnp.asarray(outside, values.dtype))

        def gathered(framed: Array) -> list[Array]:
            return [framed.at[points].get(mode="promise_in_bounds") for points in _neighbours(self.size)]

        def shifted(framed: Array) -> list[Array]:
            board = jnp.pad(framed[:-1].reshape(self.size, self.size), 1, constant_values=framed[-1])
            sides = board[:-2, 1:-1], board[2:, 1:-1], board[1:-1, :-2], board[1:-1, 2:]
            return [side.reshape(-1) for side in sides]

        return jax.lax.platform_dependent(framed, tpu=shifted, default=gathered)

    def beside(self, points: Array) -> Array:
        """`(N,)` bool: next to which points one of `points`, `(N,)` bool, is."""
        return functools.reduce(jnp.logical_or, self.neighbours(points, False))

    def place(self, chains: Array, point: Array) -> Array:
        """`(N,)` chains after a stone of the player who looks on the empty `point`, and its captures.

        The stone joins the chains that it touches; then the opponent's chains without a liberty are taken.
        """
        framed = jnp.append(chains, chains.dtype.type(0))
        touched = take(framed, take(jnp.asarray(_neighbours(self.size).T), point))
        joined = self.points == point.astype(jnp.int16)
        for side in range(4):
            joined = joined | ((chains == touched[side]) & (touched[side] > 0))
        chains = jnp.where(joined, (point + 1).astype(chains.dtype), chains)
        breathes = self._most(chains, self.beside(chains == 0))
        return jnp.where((chains < 0) & ~breathes, 0, chains)

    def liberties(self, chains: Array) -> tuple[Array, Array]:
        """`(N,)` int16 twice: the first and the last liberty of the chain that each stone belongs to.

        They are the same point where a chain has only one liberty.
        """
        beyond = np.int16(self.num_points), np.int16(-1)
        each = [self.neighbours(jnp.where(chains == 0, self.points, end), end) for end in beyond]
        first, last = functools.reduce(jnp.minimum, each[0]), functools.reduce(jnp.maximum, each[1])
        most = self._most(chains, jnp.stack([-first, last], axis=-1))
        return -most[:, 0], most[:, 1]

    def _most(self, chains: Array, values: Array) -> Array:
        """`(N, ...)`: the greatest of `values`, `(N, ...)`, in each stone's chain; of no use elsewhere."""
        chain = jnp.where(chains == 0, self.num_points, jnp.abs(chains.astype(jnp.int32)) - 1)
        return greatest(values, chain)

    def lead(self, chains: Array) -> Array:
        """`()` int32: by how much the area of the player who looks exceeds the opponent's."""
        area = jax.lax.population_count(self._areas(chains)).astype(jnp.int32).sum(axis=1)
        return area[0] - area[1]

    def owners(self, chains: Array) -> Array:
        """`(N,)` float32: 1 where the point is in the area of the player who looks, -1 in the opponent's."""
        columns = np.arange(self.size, dtype=np.uint32)
        points = (self._areas(chains)[:, :, None] >> columns[None, None]) & 1
        mine, theirs = points.reshape(2, -1).astype(jnp.float32)
        return mine - theirs

    def _areas(self, chains: Array) -> Array:
        """`(2, size)` uint32: the areas of the player who looks and of the opponent, a word for each row.

        An area is a player's stones and the empty points from which lines lead to no stone of the other.
        """
        stones = jnp.stack([self._rows(chains > 0), self._rows(chains < 0)])
        reached = _spread(stones, self._rows(chains == 0)[None])
        return reached & ~reached[::-1]

    def _rows(self, points: Array) -> Array:
        """`(size,)` uint32: a bit for each of `points`, `(N,)` bool, a word for each row."""
        weights = np.uint32(1) << np.arange(self.size, dtype=np.uint32)
        bits = jnp.where(points.reshape(self.size, self.size), weights[None], jnp.uint32(0))
        return bits.sum(axis=1, dtype=jnp.uint32)


def _spread(stones: Array, empty: Array) -> Array:
    """`(2, size)` uint32: `stones` and all that lines over `empty` points connect with them."""
    none = jnp.zeros((2, 1), jnp.uint32)

    def spread(carry: tuple[Array, Array]) -> tuple[Array, Array]:
        reached, _ = carry
        beside = (reached << 1) | (reached >> 1)
        above = jnp.concatenate([reached[:, 1:], none], axis=1)
        below = jnp.concatenate([none, reached[:, :-1]], axis=1)
        further = reached | (empty & (beside | above | below))
        return further, (further != reached).any()

    return jax.lax.while_loop(lambda carry: carry[1], spread, (stones, jnp.bool_(True)))[0]


@functools.cache
def _neighbours(size: int) -> np.ndarray:
    """`(4, N)` int32: the points above, below, left and right of each; N outside of the board."""
    framed = np.pad(
        np.arange(size * size, dtype=np.int32).reshape(size, size), 1, constant_values=size * size
    )
    sides = framed[:-2, 1:-1], framed[2:, 1:-1], framed[1:-1, :-2], framed[1:-1, 2:]
    return np.stack([side.reshape(-1) for side in sides])
