"""Hex: chains, the swap, sizes, notation and pictures."""

import xml.etree.ElementTree

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from playing import play

from jaxplay.errors import UserError
from jaxplay.games.hex import Hex
from jaxplay.solve import solve

SMALL = Hex(size=3)


@pytest.mark.parametrize(
    ("cells", "rewards"),
    [
        ("b1 a1 b2 a2 b3", [1, -1]),  # straight down
        ("c1 a1 b2 a2 a3", [1, -1]),  # down to the left, where cells touch
        ("b1 a2 b3 c2 a1 b2", [-1, 1]),  # from left to right
        ("a1 a2 b3 b2 c3 c1", [-1, 1]),  # up to the right
    ],
)
def test_a_chain_between_the_edges_wins(cells: str, rewards: list[int]):
    before, state = play(SMALL, cells.rsplit(" ", 1)[0]), play(SMALL, cells)
    assert not before.terminated and before.rewards.tolist() == [0, 0]
    assert state.terminated and state.rewards.tolist() == rewards and state.legal_action_mask.all()


def test_cells_that_do_not_touch_make_no_chain():
    assert not play(SMALL, "a1 c1 b2 a2 c3").terminated  # down to the right there are two edges between
    assert not play(SMALL, "b1 a1 b3 c1").terminated


def test_the_swap_mirrors_the_stone():
    game = Hex(size=5)
    state = play(game, "b1 swap")
    assert game.render(state).splitlines()[1:3] == ["1 . . . . .", " 2 O . . . ."]
    assert int(state.current_player) == 0 and not state.legal_action_mask[game.parse_action("swap")]
    placed = play(game, "c1 a2")
    assert not placed.legal_action_mask[game.parse_action("swap")]


def test_pgx_swaps_alike():
    """Random games hardly ever swap."""
    import pgx

    game, env = Hex(), pgx.make("hex")
    step = jax.jit(env.step)
    for cell in (0, 1, 34, 60):
        theirs = env.init(jax.random.key(0))
        for action in (cell, 121):
            theirs = step(theirs, jnp.int32(action))
        ours = play(game, f"{game.action_to_string(cell)} swap")
        np.testing.assert_array_equal(ours.legal_action_mask, theirs.legal_action_mask)
        np.testing.assert_array_equal(game.observe(ours), theirs.observation.astype(np.float32))


def test_a_swapped_stone_on_an_edge_is_connected_to_it():
    assert play(Hex(size=3), "b1 swap a3 b2 b3 c2").rewards.tolist() == [-1, 1]


def test_who_wins_without_and_with_the_swap():
    """The first player, as Nash has shown; with the swap the second, who has the choice."""
    assert solve(Hex(size=3, swap=False)).values[0].tolist() == [1, -1]
    assert solve(SMALL).values[0].tolist() == [-1, 1]


def connected(stones: np.ndarray) -> bool:
    """Whether a chain runs from the first row to the last, by a search cell by cell."""
    size = len(stones)
    seen, waiting = set(), [(0, column) for column in range(size) if stones[0, column]]
    while waiting:
        row, column = waiting.pop()
        seen.add((row, column))
        for down, right in ((0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1)):
            beside = row + down, column + right
            inside = min(beside) >= 0 and max(beside) < size
            if inside and stones[beside] and beside not in seen:
                waiting.append(beside)
    return any(row == size - 1 for row, _ in seen)


@pytest.mark.parametrize("size", [2, 7, 13])
def test_random_games_end_where_a_search_finds_a_chain(size: int):
    """Sizes beyond 11 have labels of another type."""
    game = Hex(size=size, swap=False)
    step, random = jax.jit(game.step), np.random.default_rng(size)
    for _ in range(5):
        state = game.init(jax.random.key(0))
        for ply, cell in enumerate(random.permutation(size * size)):
            state = step(state, jnp.int32(cell))
            stones = np.asarray(game.observe(state, jnp.int32(0)))[..., :2] != 0
            won = [connected(stones[..., 0]), connected(stones[..., 1].T)]
            assert bool(state.terminated) == any(won)
            if state.terminated:
                assert won[ply % 2] and not won[1 - ply % 2] and state.rewards[ply % 2] == 1
                break


def test_bad_sizes_are_refused():
    for size in (1, 27):
        with pytest.raises(UserError, match="allowed: 2 to 26"):
            Hex(size=size)


def test_sizes_of_labels():
    assert Hex(11).init(jax.random.key(0)).chains.dtype == np.int8
    assert Hex(12).init(jax.random.key(0)).chains.dtype == np.int16


def test_notation():
    game = Hex()
    assert [game.action_to_string(action) for action in (0, 1, 11, 120, 121)] == [
        "a1",
        "b1",
        "a2",
        "k11",
        "swap",
    ]
    assert game.parse_action(" K11 ") == 120
    with pytest.raises(UserError, match="allowed: a1 to k11, and swap"):
        game.parse_action("l1")
    with pytest.raises(UserError, match=r"allowed: a1 to k11$"):
        Hex(swap=False).parse_action("swap")


def test_render():
    assert SMALL.render(play(SMALL, "b1 a2 c3")).splitlines() == [
        "  a b c",
        "1 . X .",
        " 2 O . .",
        "  3 . . X",
        "O to move",
    ]


def test_render_svg():
    """Nine cells, four edges and two stones."""
    picture = xml.etree.ElementTree.fromstring(SMALL.render_svg(play(SMALL, "b1 a2")))
    tags = [shape.tag.rpartition("}")[2] for shape in picture]
    assert (tags.count("polygon"), tags.count("circle")) == (13, 2)
