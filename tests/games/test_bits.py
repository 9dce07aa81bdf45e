"""Bitboards against arrays of cells."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxplay.games._bits import Grid, shift

GRIDS = [Grid(3, 3), Grid(6, 7), Grid(7, 16), Grid(4, 31)]
LENGTH = 4

pytestmark = pytest.mark.strict_dtypes


@st.composite
def positions(draw: st.DrawFn) -> tuple[Grid, np.ndarray]:
    """A grid, and which of its cells are set: from few to nearly all."""
    grid = draw(st.sampled_from(GRIDS))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    return grid, random.random(grid.shape) < draw(st.floats(0.05, 0.95))


def has_line(cells: np.ndarray, length: int) -> bool:
    """Whether a row, column or diagonal has `length` set cells, cell by cell."""
    rows, columns = cells.shape
    for row, column in np.argwhere(cells):
        for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
            line = [(row + i * down, column + i * right) for i in range(length)]
            if all(0 <= r < rows and 0 <= c < columns and cells[r, c] for r, c in line):
                return True
    return False


@functools.partial(jax.jit, static_argnums=0)
def on_device(grid: Grid, cells: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The cells, packed and unpacked, and whether they hold a line."""
    board = grid.pack(cells)
    return grid.unpack(board), grid.has_line(board, LENGTH)


@settings(deadline=None, max_examples=200)
@given(positions())
def test_pack_unpack_and_lines(position: tuple[Grid, np.ndarray]):
    grid, cells = position
    unpacked, line = on_device(grid, cells)
    np.testing.assert_array_equal(unpacked, cells)
    assert line == has_line(cells, LENGTH)


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_cell(grid: Grid):
    count = grid.rows * grid.columns
    boards = jax.jit(jax.vmap(grid.cell))(jnp.arange(count, dtype=jnp.int32))
    cells = jax.jit(jax.vmap(grid.unpack))(boards)
    np.testing.assert_array_equal(cells.reshape(count, count), np.eye(count))


@pytest.mark.parametrize("distance", [1, 31, 32, 33, 64, 95, 96])
def test_shift(distance: int):
    words = np.array([0xDEADBEEF, 0x12345678, 0x9ABCDEF0], np.uint32)
    number = sum(int(word) << 32 * i for i, word in enumerate(words)) >> distance
    shifted = shift(jnp.asarray(words), distance)
    assert sum(int(word) << 32 * i for i, word in enumerate(shifted)) == number
