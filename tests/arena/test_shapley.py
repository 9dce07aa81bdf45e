"""Shapley values: games whose values are known, and positions of tic-tac-toe whose values add up exactly."""

import jax
import numpy as np
import pytest

from jaxplay.arena import coalition_worth, shapley_values
from jaxplay.errors import UserError
from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.solve import solve


def test_known_games():
    """Gloves (one left, two right); a majority of three; a sum."""
    members = (np.arange(8)[:, None] >> np.arange(3)) & 1
    gloves = members[:, 0] * (members[:, 1] | members[:, 2])
    np.testing.assert_allclose(shapley_values(gloves), [2 / 3, 1 / 6, 1 / 6], atol=1e-12)
    np.testing.assert_allclose(shapley_values(members.sum(1) >= 2), [1 / 3] * 3, atol=1e-12)
    np.testing.assert_allclose(shapley_values(members @ [3.0, -1.0, 0.5] + 7.0), [3.0, -1.0, 0.5], atol=1e-12)
    assert shapley_values(np.array([4.0])).shape == (0,)


def test_worth_is_a_mean_over_what_agrees():
    positions = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    worth = coalition_worth([1, 0], positions, [1.0, 2.0, 4.0, 8.0], weights=[1.0, 1.0, 1.0, 3.0])
    np.testing.assert_allclose(worth, [31 / 6, (4 + 24) / 4, (1 + 4) / 2, 4.0], atol=1e-12)


def test_tic_tac_toe():
    """Exact values of all positions: cells add up to the value less the mean; mirrored cells are alike."""
    found = solve(TicTacToe())
    graph, values = found.graph, found.values[:, 0]
    boards = np.asarray(jax.vmap(TicTacToe().observe)(graph.states)).reshape(len(values), 9, -1)
    mover = graph.player[:, None]
    cells = np.where(mover == 0, boards[..., 0] - boards[..., 1], boards[..., 1] - boards[..., 0])
    start = int(np.flatnonzero((cells == 0).all(1))[0])
    for number in (start, start + 1, len(values) // 2, len(values) - 1):
        adds = shapley_values(coalition_worth(cells[number], cells, values))
        assert adds.sum() == pytest.approx(values[number] - values.mean(), abs=1e-12)
    board = shapley_values(coalition_worth(cells[start], cells, values)).reshape(3, 3)
    for other in (board.T, board[::-1], board[:, ::-1]):
        np.testing.assert_allclose(board, other, atol=1e-12)
    assert abs(board[1, 1]) > abs(board[0, 1])  # an empty centre says more than an empty edge


def test_refusals():
    with pytest.raises(UserError, match=r"worth has shape \(3,\); allowed: \(2\*\*n,\)"):
        shapley_values(np.zeros(3))
    with pytest.raises(UserError, match="the position is not among the positions"):
        coalition_worth([2], [[0], [1]], [0.0, 1.0])
    with pytest.raises(UserError, match="21 features; allowed: 20 at most"):
        coalition_worth(np.zeros(21), np.zeros((1, 21)), [0.0])
