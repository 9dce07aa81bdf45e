"""An order of players by few games: as good as a round robin's with twice the games, and sure of itself."""

import jax
import numpy as np
import pytest

from jaxplay import arena
from jaxplay.arena.active import active_order, order_of
from jaxplay.arena.rating import expected_score
from jaxplay.errors import UserError
from jaxplay.games.tic_tac_toe import TicTacToe

PLAYERS, BATCH, EACH = 8, 16, 64
"""Games of a round robin's match: EACH."""


def wrong_pairs(order: np.ndarray, true: np.ndarray) -> int:
    """Of how many pairs the weaker stands above."""
    strength = true[order]
    return sum(int((strength[i] < strength[i + 1 :]).sum()) for i in range(len(order)))


def simulated(true: np.ndarray, rng: np.random.Generator, games: int):
    return lambda i, j: float(rng.binomial(games, expected_score(true[i] - true[j])))


def test_half_the_games_of_a_round_robin():
    """Over 20 draws of true strengths hardly more pairs stand the wrong way round, less than one of 28."""
    ours, theirs = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        true = rng.normal(0.0, 200.0, PLAYERS)
        pairs = PLAYERS * (PLAYERS - 1) // 2
        found = active_order(
            simulated(true, rng, BATCH), PLAYERS, batch=BATCH, max_games=pairs * EACH // 2, confidence=0.999
        )
        assert found.num_games.sum() // 2 <= pairs * EACH // 2
        points, play = np.zeros((PLAYERS, PLAYERS)), simulated(true, rng, EACH)
        for i in range(PLAYERS):
            for j in range(i):
                points[i, j] = play(i, j)
                points[j, i] = EACH - points[i, j]
        everybody = order_of(points, EACH * (1 - np.eye(PLAYERS, dtype=int)))
        ours.append(wrong_pairs(found.players, true))
        theirs.append(wrong_pairs(everybody.players, true))
    assert np.mean(ours) <= np.mean(theirs) + 0.3 and np.mean(ours) < 1.0


def test_it_ends_when_it_is_sure_and_then_it_is_right():
    """Players 200 points apart: far fewer games than allowed, and at least 18 of 20 orders are right."""
    right = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        true = 200.0 * rng.permutation(5)
        found = active_order(simulated(true, rng, 16), 5, batch=16, max_games=10_000)
        assert found.num_games.sum() // 2 < 1500 and found.doubts.max() <= 0.05 / 4
        right += bool((np.diff(true[found.players]) < 0).all())
    assert right >= 18


def test_games_go_where_the_order_is_in_doubt():
    true = np.array([900.0, 0.0, 15.0, -900.0])
    found = active_order(simulated(true, np.random.default_rng(0), 10), 4, batch=10, max_games=400)
    assert found.num_games[1, 2] > 300 and found.players[0] == 0 and found.players[-1] == 3


def test_players_of_a_game():
    """A search beats random play; equal names get numbers; the same key gives the same order."""
    game, seen = TicTacToe(), []
    players = [arena.random_player(), arena.mcts_player(game, 16), arena.random_player()]
    settings = {"max_games": 48, "key": jax.random.key(0), "batch": 8}
    found = arena.rank(game, players, report=lambda *match: seen.append(match), **settings)
    assert found.names == ("random", "mcts:16", "random (2)") and found.order.players[0] == 1
    assert len(seen) == found.order.num_games.sum() // 2 // 8 and seen[0][:2] == ("random", "mcts:16")
    again = arena.rank(game, players, **settings)
    np.testing.assert_array_equal(found.order.num_games, again.order.num_games)


def test_refusals():
    with pytest.raises(UserError, match=r"max_games is 10; allowed: 24 or more, a match of each player"):
        active_order(lambda i, j: 0.0, 3, batch=8, max_games=10)
    with pytest.raises(UserError, match=r"1 players, batch 8, confidence 0.95; allowed: 2 players or more"):
        active_order(lambda i, j: 0.0, 1, batch=8, max_games=10)
