"""Domineering: places, ends, perfect play, sizes, notation and pictures."""

import functools
import xml.etree.ElementTree

import jax
import numpy as np
import pytest
from playing import legal, play

from jaxplay.errors import UserError
from jaxplay.games.domineering import Domineering
from jaxplay.solve import solve
from jaxplay.testing import check_game
from jaxplay.testing.play import LANES, timed_play

GAME = Domineering()
NUM_STEPS = 320
SMALL = Domineering(rows=2, columns=3)


def test_player_0_places_upright_dominoes_and_player_1_flat_ones():
    assert legal(SMALL, play(SMALL, "")) == {"a1a2", "b1b2", "c1c2"}
    assert legal(SMALL, play(SMALL, "a1a2")) == {"b1c1", "b2c2"}
    assert len(legal(GAME, play(GAME, ""))) == 56 and len(legal(GAME, play(GAME, "d4d5"))) == 52


def test_whoever_cannot_place_a_domino_loses():
    state = play(SMALL, "b1b2")
    assert state.terminated and state.rewards.tolist() == [1, -1] and state.legal_action_mask.all()
    assert SMALL.render(state).endswith("X wins")
    state = play(Domineering(rows=2, columns=4), "a1a2 b1c1 d1d2 b2c2")
    assert state.terminated and state.rewards.tolist() == [-1, 1]


def first_player_wins(rows: int, columns: int) -> bool:
    """Perfect play, by a search of sets of cells."""

    @functools.cache
    def wins(free: frozenset[tuple[int, int]], down: int, right: int) -> bool:
        for row, column in free:
            other = row + down, column + right
            if other in free and not wins(free - {(row, column), other}, right, down):
                return True
        return False

    cells = frozenset((row, column) for row in range(rows) for column in range(columns))
    return wins(cells, 1, 0)


@pytest.mark.parametrize(("rows", "columns"), [(2, 4), (3, 3), (4, 4)])
def test_perfect_play(rows: int, columns: int):
    value = solve(Domineering(rows, columns)).values[0]
    assert value.tolist() == ([1, -1] if first_player_wins(rows, columns) else [-1, 1])


@pytest.mark.full
def test_five_by_five_is_won_by_the_second_player():
    """As Breuker, Uiterwijk and van den Herik list it."""
    assert solve(Domineering(5, 5)).values[0].tolist() == [-1, 1]


def test_a_rectangle_keeps_the_laws():
    check_game(Domineering(rows=4, columns=5), num_plies=256)


def test_random_games_follow_the_rules():
    """The moves are the pairs of empty cells; a move covers its pair; who has none loses."""
    moves = timed_play(GAME, NUM_STEPS, seed=5)[0]
    after, mover = moves.after, moves.lane.state.current_player
    planes = np.moveaxis(np.asarray(jax.jit(jax.vmap(jax.vmap(GAME.observe)))(after)), -1, 0)
    free = planes[:2].sum(axis=0) == 0
    upright, flat = free[:, :, :-1] & free[:, :, 1:], free[:, :, :, :-1] & free[:, :, :, 1:]
    places = [pairs.reshape(NUM_STEPS, LANES, -1) for pairs in (upright, flat)]
    turn = after.current_player[..., None]
    expected = np.concatenate([places[0] & (turn == 0), places[1] & (turn == 1)], axis=-1)
    stuck = np.asarray(~expected.any(axis=-1))
    np.testing.assert_array_equal(after.terminated, stuck)
    np.testing.assert_array_equal(after.legal_action_mask, expected | stuck[..., None])
    assert (np.take_along_axis(after.rewards, mover[..., None], axis=-1)[stuck] == 1).all()
    cells = np.array(GAME.places)[moves.action]
    covered = np.take_along_axis(free.reshape(NUM_STEPS, LANES, 64), cells, axis=-1)
    assert not covered.any() and stuck.sum() > 300
    plies = moves.lane.age + 1
    np.testing.assert_array_equal((~free).sum(axis=(2, 3)), 2 * plies)
    np.testing.assert_array_equal((planes[0] * planes[1]).any(axis=(2, 3)), False)


def test_bad_sizes_are_refused():
    for rows, columns, allowed in ((1, 8, "2 to 32"), (8, 1, "2 to 26"), (8, 9, "up to 64 cells")):
        with pytest.raises(UserError, match=f"allowed: {allowed}"):
            Domineering(rows, columns)


def test_notation():
    assert [GAME.action_to_string(action) for action in (0, 55, 56, 111)] == ["a1a2", "h7h8", "a1b1", "g8h8"]
    assert GAME.parse_action(" A1B1 ") == 56
    for text in ("a1", "a2a1", "a1b2", ""):
        with pytest.raises(UserError, match="allowed: two cells side by side"):
            GAME.parse_action(text)


def test_render():
    assert SMALL.render(play(SMALL, "a1a2 b1c1")).splitlines() == [
        "  a b c",
        "1 X O O",
        "2 X . .",
        "O wins",
    ]


def test_render_svg():
    """Two upright dominoes and a flat one on paper."""
    picture = xml.etree.ElementTree.fromstring(GAME.render_svg(play(GAME, "a1a2 b1c1 a3a4")))
    sizes = [(shape.get("width"), shape.get("height")) for shape in picture if shape.tag.endswith("rect")]
    assert sizes[1:] == [("48", "104"), ("48", "104"), ("104", "48")]
