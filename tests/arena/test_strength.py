import math

import jax
import pytest
from small_games import Race, random_act

from jaxplay.arena import Player
from jaxplay.arena.strength import make_anchors, measure_strength
from jaxplay.game import make

KEY = jax.random.key(5)
RANDOM = Player("agent", random_act)


@pytest.fixture(scope="module")
def anchors():
    return make_anchors(make("tic_tac_toe"), 8, 32, KEY)


def test_anchors_of_a_small_game(anchors):
    assert [player.name for player in anchors.players] == ["random", "mcts:8", "solver"]
    assert anchors.ratings[0] == 0 < anchors.ratings[1] < anchors.ratings[2]


def test_a_player_like_an_anchor_has_its_rating(anchors):
    strength, results = measure_strength(make("tic_tac_toe"), RANDOM, anchors, 128, KEY)
    low, high = strength.interval()
    assert low < 0 < high
    assert list(strength.scores) == ["random", "mcts:8", "solver"]
    assert strength.scores["solver"] < 0.2 < strength.scores["random"] < 0.8
    assert [result.second for result in results] == ["random", "mcts:8", "solver"]
    solver, _ = measure_strength(make("tic_tac_toe"), anchors.players[2], anchors, 32, KEY)
    assert solver.rating > high


def test_a_game_alone_has_a_mean_return():
    game = Race(players=1, length=4)
    anchors = make_anchors(game, 8, 4, KEY)
    assert not anchors.players
    strength, _ = measure_strength(game, RANDOM, anchors, 4, KEY)
    assert strength.scores["return"] > 0 and math.isnan(strength.rating)


def test_large_games_have_no_solver():
    assert [p.name for p in make_anchors(make("connect_four", rows=3, columns=3), 2, 2, KEY).players][
        -1
    ] == "solver"
    game = make("connect_four", rows=3, columns=5)
    assert [player.name for player in make_anchors(game, 2, 2, KEY).players] == ["random", "mcts:2"]
