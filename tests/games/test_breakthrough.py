"""Breakthrough: moves, ends, sizes, notation and pictures."""

import xml.etree.ElementTree

import jax
import pytest
from playing import legal, play

from jaxplay.errors import UserError
from jaxplay.games.breakthrough import Breakthrough
from jaxplay.testing import check_game

GAME = Breakthrough()
SMALL = Breakthrough(rows=4, columns=3)


def test_pawns_move_ahead_to_empty_cells_and_take_diagonally():
    assert legal(SMALL, play(SMALL, "")) == {"a4a3", "a4b3", "b4a3", "b4b3", "b4c3", "c4b3", "c4c3"}
    state = play(SMALL, "b4b3 b1b2")  # face to face: neither moves straight
    assert legal(SMALL, state) == {"a4a3", "c4c3", "b3a2", "b3c2"}
    state = play(SMALL, "b4b3 a1a2 c4c3")
    assert legal(SMALL, state) == {"a2a3", "a2xb3", "b1b2", "b1c2", "c1b2", "c1c2"}


def test_whoever_reaches_the_first_row_of_the_opponent_wins():
    state = play(SMALL, "b4b3 a1a2 b3c2 a2a3 c2xb1")
    assert state.terminated and state.rewards.tolist() == [1, -1] and state.legal_action_mask.all()
    assert SMALL.render(state).endswith("X wins")
    state = play(SMALL, "b4b3 a1a2 b3c2 b1xc2 a4a3 c2b3 a3b2 b3b4")
    assert state.terminated and state.rewards.tolist() == [-1, 1]


def test_whoever_has_taken_all_pawns_wins():
    game = Breakthrough(rows=5, columns=2)
    state = play(game, "a5a4 a1a2 a4b3 a2xb3 b5a4 b3xa4")
    assert state.terminated and state.rewards.tolist() == [-1, 1]


@pytest.mark.parametrize(("rows", "columns", "pawns"), [(5, 4, 4), (6, 5, 10), (8, 8, 16)])
def test_sizes(rows: int, columns: int, pawns: int):
    game = Breakthrough(rows, columns)
    state = game.init(jax.random.key(0))
    assert game.observe(state).sum(axis=(0, 1)).tolist() == [pawns, pawns, 0]
    assert game.num_actions == rows * columns * 12


def test_a_rectangle_keeps_the_laws():
    check_game(SMALL, num_plies=256)


def test_bad_sizes_are_refused():
    for rows, columns, allowed in ((3, 8, "4 to 32"), (8, 1, "2 to 16"), (8, 9, "up to 64 cells")):
        with pytest.raises(UserError, match=f"allowed: {allowed}"):
            Breakthrough(rows, columns)


def test_notation():
    """As OpenSpiel numbers them."""
    names = {98: "a7a6", 99: "a7xa6", 100: "a7b6", 96: "a7<6", 587: "a2xb3"}
    assert {action: GAME.action_to_string(action) for action in names} == names
    assert GAME.parse_action(" A7xB6 ") == 101
    for text in ("a7", "a7b5", "a9a8", ""):
        with pytest.raises(UserError, match="allowed: from and to, such as a7b6"):
            GAME.parse_action(text)


def test_render():
    assert SMALL.render(play(SMALL, "b4b3 a1a2")).splitlines() == [
        "4 X . X",
        "3 . X .",
        "2 O . .",
        "1 . O O",
        "  a b c",
        "X to move",
    ]


def test_render_svg():
    """A head for each pawn."""
    picture = xml.etree.ElementTree.fromstring(SMALL.render_svg(play(SMALL, "b4b3")))
    assert len([shape for shape in picture if shape.tag.endswith("circle")]) == 6
