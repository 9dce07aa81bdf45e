"""Othello: counts of lines, passes, ends, sizes, notation and pictures."""

import xml.etree.ElementTree

import jax
import numpy as np
import pytest
from perft import perft
from playing import play

from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.games.othello import Othello
from jaxplay.solve import solve

GAME = Othello()


def test_counts_of_lines():
    assert perft(GAME, 7) == [4, 12, 56, 244, 1396, 8200, 55092]


def test_perfect_play_on_the_smallest_board():
    """The second player wins 4 by 4, by 11 discs to 3."""
    solution = solve(Othello(4))
    assert solution.values[0].tolist() == [-1, 1]


def test_the_shortest_game():
    """Nine moves, and white has no disc left."""
    state = play(GAME, "e6 f4 e3 f6 g5 d6 e7 f5 c5")
    assert state.terminated and state.rewards.tolist() == [1, -1]
    assert state.legal_action_mask.all()
    assert GAME.render(state).endswith("X wins, X 13, O 0")


def test_a_pass_is_the_only_action_where_there_is_no_other():
    game = Othello(4)
    state = play(game, "b1 a1 d3 c1 a2 a3")
    assert np.flatnonzero(state.legal_action_mask).tolist() == [game.parse_action("pass")]
    after = play(game, "b1 a1 d3 c1 a2 a3 pass")
    assert (after.discs == state.discs[::-1]).all() and not after.terminated
    end = play(game, "b1 a1 d3 c1 a2 a3 pass c4")  # neither can move, though cells are empty
    assert end.terminated and end.rewards.tolist() == [-1, 1]


@pytest.mark.parametrize("size", [4, 6, 8])
def test_sizes(size):
    game = Othello(size)
    state = game.init(jax.random.key(0))
    assert state.legal_action_mask.sum() == 4 and game.observe(state).shape == (size, size, 2)
    assert (game.num_actions, game.max_plies) == (size * size + 1, 2 * size * size - 9)


def test_bad_sizes_are_refused():
    for size in (0, 5, 10):
        with pytest.raises(UserError, match="allowed: 4, 6, 8"):
            make("othello", size=size)


def test_notation():
    assert [GAME.action_to_string(action) for action in (0, 7, 19, 63, 64)] == [
        "a1",
        "h1",
        "d3",
        "h8",
        "pass",
    ]
    assert [GAME.parse_action(GAME.action_to_string(action)) for action in range(65)] == list(range(65))
    assert GAME.parse_action(" D3 ") == 19 and GAME.parse_action("Pass") == 64
    for text in ("i1", "a9", "5", "", "a1a1"):
        with pytest.raises(UserError, match="allowed: a1 to h8, and pass"):
            GAME.parse_action(text)


def test_render():
    assert GAME.render(play(GAME, "d3 c3")).splitlines() == [
        "  a b c d e f g h",
        "1 . . . . . . . .",
        "2 . . . . . . . .",
        "3 . . O X . . . .",
        "4 . . . O X . . .",
        "5 . . . X O . . .",
        "6 . . . . . . . .",
        "7 . . . . . . . .",
        "8 . . . . . . . .",
        "X to move, X 3, O 3",
    ]


def test_render_svg():
    """Four discs, and a dot for each of four moves."""
    picture = xml.etree.ElementTree.fromstring(GAME.render_svg(play(GAME, "")))
    assert len([shape for shape in picture if shape.tag.endswith("circle")]) == 8
