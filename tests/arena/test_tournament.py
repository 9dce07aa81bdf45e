import jax
import numpy as np
from small_games import Nim, nim_act, random_act

from jaxplay.arena import Player, elo
from jaxplay.arena.crossplay import PRIOR
from jaxplay.arena.tournament import round_robin

GAME = Nim((1, 2, 2))
PLAYERS = (Player("random", random_act), Player("perfect", nim_act), Player("same", nim_act))
NUM_GAMES = 20


def test_every_pair_meets_and_both_seats_count():
    reported = []
    found = round_robin(GAME, PLAYERS, num_games=NUM_GAMES, key=jax.random.key(0), report=reported.append)
    pairs = [(match.first, match.second) for match in found.matches]
    assert pairs == [("random", "perfect"), ("random", "same"), ("perfect", "same")]
    assert tuple(reported) == found.matches
    # Perfect players lose to each other whenever they move second, and else never to random play.
    assert found.matches[2].wins == (NUM_GAMES // 2, 0)
    assert found.ratings.elo[0] < min(found.ratings.elo[1:]) - 100
    assert found.ratings.advantage > 100


def test_many_programs_compile_once_each():
    traced = []

    def counted(name):
        def act(params, key, states):
            traced.append(name)
            return nim_act(params, key, states)

        return Player(name, act)

    round_robin(GAME, [counted(name) for name in "abcd"], num_games=NUM_GAMES, key=jax.random.key(0))
    assert sorted(traced) == ["a", "b", "c", "d"]


def test_ratings_are_those_of_the_table_of_first_movers():
    found = round_robin(GAME, PLAYERS, num_games=NUM_GAMES, key=jax.random.key(0))
    wins, losses = np.zeros((3, 3)), np.zeros((3, 3))
    for (i, j), match in zip([(0, 1), (0, 2), (1, 2)], found.matches, strict=True):
        wins[i, j], losses[i, j] = match.wins[0], match.losses[0]
        wins[j, i], losses[j, i] = match.losses[1], match.wins[1]
    assert np.sum(wins + losses) == 3 * NUM_GAMES
    expected = elo(wins, None, losses, prior=PRIOR)
    np.testing.assert_allclose(found.ratings.elo, expected.elo)
    assert found.ratings.advantage == expected.advantage
