"""Bitboards against arrays of cells."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxplay.games._bits import Bits64, Grid, shift

GRIDS = [Grid(3, 3), Grid(6, 7), Grid(7, 16), Grid(4, 31)]
LENGTH = 4

pytestmark = pytest.mark.strict_dtypes


@st.composite
def positions(draw: st.DrawFn) -> tuple[Grid, np.ndarray]:
    """A grid, and which of its cells are set: from few to nearly all."""
    grid = draw(st.sampled_from(GRIDS))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    return grid, random.random(grid.shape) < draw(st.floats(0.05, 0.95))


def line_lengths(cells: np.ndarray) -> set[int]:
    """Lengths of the rows, columns and diagonals of set cells, each as long as it gets, cell by cell."""

    def is_set(row: int, column: int) -> bool:
        inside = 0 <= row < cells.shape[0] and 0 <= column < cells.shape[1]
        return inside and bool(cells[row, column])

    lengths = set()
    for row, column in np.argwhere(cells):
        for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
            if not is_set(row - down, column - right):
                length = 1
                while is_set(row + length * down, column + length * right):
                    length += 1
                lengths.add(length)
    return lengths


@functools.partial(jax.jit, static_argnums=0)
def on_device(grid: Grid, cells: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """The cells, packed and unpacked, and whether they hold a line of any greater or just this length."""
    board = grid.pack(cells)
    return grid.unpack(board), grid.has_line(board, LENGTH), grid.has_line(board, LENGTH, longer=False)


@settings(deadline=None, max_examples=200)
@given(positions())
def test_pack_unpack_and_lines(position: tuple[Grid, np.ndarray]):
    grid, cells = position
    unpacked, line, exact = on_device(grid, cells)
    np.testing.assert_array_equal(unpacked, cells)
    lengths = line_lengths(cells)
    assert line == any(length >= LENGTH for length in lengths)
    assert exact == (LENGTH in lengths)


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_cell(grid: Grid):
    count = grid.rows * grid.columns
    boards = jax.jit(jax.vmap(grid.cell))(jnp.arange(count, dtype=jnp.int32))
    cells = jax.jit(jax.vmap(grid.unpack))(boards)
    np.testing.assert_array_equal(cells.reshape(count, count), np.eye(count))


@pytest.mark.parametrize("distance", [1, 31, 32, 33, 64, 95, 96, -1, -31, -32, -33, -96])
def test_shift(distance: int):
    words = np.array([0xDEADBEEF, 0x12345678, 0x9ABCDEF0], np.uint32)
    number = sum(int(word) << 32 * i for i, word in enumerate(words))
    number = number >> distance if distance > 0 else (number << -distance) % 2**96
    shifted = shift(jnp.asarray(words), distance)
    assert sum(int(word) << 32 * i for i, word in enumerate(shifted)) == number


WORDS64 = st.lists(st.integers(0, 2**64 - 1), min_size=3, max_size=3)


def bits64(numbers: list[int]) -> Bits64:
    """`(n,)`: the bits of Python's integers."""
    cells = [[number >> bit & 1 for bit in range(64)] for number in numbers]
    return Bits64.constant(np.array(cells, np.bool_))


def numbers_of(bits: Bits64) -> list[int]:
    """The inverse of `bits64`."""
    pairs = zip(np.atleast_1d(bits.low).tolist(), np.atleast_1d(bits.high).tolist(), strict=True)
    return [low | high << 32 for low, high in pairs]


@jax.jit
def operated(one: Bits64, other: Bits64, distance: jax.Array) -> tuple[Bits64, ...]:
    """Every operator, with `other` and `distance`."""
    return one & other, one | other, ~one, one << distance, one >> distance, one.union()


@settings(deadline=None, max_examples=100)
@given(WORDS64, WORDS64, st.integers(0, 31))
def test_bits64_are_as_integers(ones: list[int], others: list[int], distance: int):
    results = operated(bits64(ones), bits64(others), jnp.uint32(distance))
    expected = (
        [one & other for one, other in zip(ones, others, strict=True)],
        [one | other for one, other in zip(ones, others, strict=True)],
        [~one % 2**64 for one in ones],
        [(one << distance) % 2**64 for one in ones],
        [one >> distance for one in ones],
        [ones[0] | ones[1] | ones[2]],
    )
    assert [numbers_of(result) for result in results] == list(expected)


def test_bits64_count_and_cells():
    numbers = [0, 1, 1 << 63, 0xDEADBEEF12345678, 2**64 - 1]
    bits = bits64(numbers)
    assert bits.count().tolist() == [number.bit_count() for number in numbers]
    assert bits.any().tolist() == [False, True, True, True, True]
    cells = bits.bits(64)
    assert cells[3].tolist() == [bool(numbers[3] >> bit & 1) for bit in range(64)]
    assert numbers_of(Bits64.pack(cells)) == numbers
    assert numbers_of(bits.where(jnp.array([True, True, False, True, False]))) == [0, 1, 0, numbers[3], 0]


def test_bits64_single():
    index = jnp.array([0, 31, 32, 63, 64, -1], jnp.int32)
    assert numbers_of(Bits64.single(index)) == [1, 1 << 31, 1 << 32, 1 << 63, 0, 0]
