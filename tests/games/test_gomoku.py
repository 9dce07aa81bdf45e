"""Gomoku: lines, overlines, sizes, notation and pictures."""

import xml.etree.ElementTree

import jax
import numpy as np
import pytest
from playing import play

from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.games.gomoku import Gomoku
from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.testing import check_game

GAME = Gomoku()


def against(cells: str) -> str:
    """Stones of player 0 on `cells`, and of player 1 where they make no line."""
    mine = cells.split()
    theirs = [f"{'acegikmo'[i]}{1 + i % 2}" for i in range(len(mine) - 1)]
    return " ".join(cell for pair in zip(mine, [*theirs, ""], strict=True) for cell in pair)


@pytest.mark.parametrize(
    "cells", ["h4 h5 h6 h7 h8", "k9 l9 m9 n9 o9", "a15 b14 c13 d12 e11", "k4 l5 m6 n7 o8"]
)
def test_a_line_of_five_wins(cells: str):
    before, state = play(GAME, against(cells).rsplit(" ", 2)[0]), play(GAME, against(cells))
    assert not before.terminated and state.terminated and state.rewards.tolist() == [1, -1]


def test_four_or_a_line_around_the_edge_do_not_win():
    for cells in ("h4 h5 h6 h7", "m9 n9 o9 a8 b8"):
        assert not play(GAME, against(cells)).terminated


def test_a_longer_line_is_an_option():
    """The last stone joins three and two to a line of six."""
    six = against("h3 h4 h5 h7 h8 h6")
    assert play(GAME, six).rewards.tolist() == [1, -1]
    standard = Gomoku(overlines=False)
    assert not play(standard, six).terminated
    assert play(standard, against("h3 h4 h5 h7 h6")).rewards.tolist() == [1, -1]


def test_three_by_three_is_tic_tac_toe():
    game, other = Gomoku(rows=3, columns=3, k=3), TicTacToe()
    step, step_other = jax.jit(game.step), jax.jit(other.step)
    for seed in range(20):
        cells = np.random.default_rng(seed).permutation(9).astype(np.int32)
        state, state_other = game.init(jax.random.key(0)), other.init(jax.random.key(0))
        for cell in cells:
            state, state_other = step(state, cell), step_other(state_other, cell)
            jax.tree.map(np.testing.assert_array_equal, state, state_other)
            if state.terminated:
                break


def test_a_full_board_is_a_draw():
    state = play(Gomoku(rows=2, columns=3, k=3), "a1 b1 c1 a2 b2 c2")
    assert state.terminated and state.rewards.tolist() == [0, 0]


def test_a_rectangle_keeps_the_laws():
    """It has other symmetries than a square: check that they commute."""
    game = Gomoku(rows=3, columns=5, k=3)
    assert game.num_symmetries == 4 and GAME.num_symmetries == 8
    check_game(game, num_plies=512)


def test_bad_sizes_are_refused():
    for options, allowed in (({"rows": 0}, "1 to 26"), ({"columns": 27}, "1 to 26"), ({"k": 1}, "2 to 26")):
        with pytest.raises(UserError, match=f"allowed: {allowed}"):
            make("gomoku", **options)


def test_notation():
    assert [GAME.action_to_string(action) for action in (0, 14, 112, 224)] == ["a15", "o15", "h8", "o1"]
    assert GAME.parse_action(" H8 ") == 112
    for text in ("p1", "a16", "8", ""):
        with pytest.raises(UserError, match="allowed: a column a to o and a row 1 to 15"):
            GAME.parse_action(text)


def test_render():
    game = Gomoku(rows=3, columns=4, k=3)
    assert game.render(play(game, "b2 d1")).splitlines() == [
        "3 . . . .",
        "2 . X . .",
        "1 . . . O",
        "  a b c d",
        "X to move",
    ]


def test_render_svg():
    picture = xml.etree.ElementTree.fromstring(GAME.render_svg(play(GAME, "h8 i9")))
    assert len([shape for shape in picture if shape.tag.endswith("circle")]) == 2
