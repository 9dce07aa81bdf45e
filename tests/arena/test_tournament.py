import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_games import Nim, Race, nim_act, random_act

from jaxplay.arena import CrossPlay, OneAgainstAll, Player, cross_play, elo
from jaxplay.arena.crossplay import PRIOR
from jaxplay.arena.tournament import round_robin
from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.games.matrix_game import MatrixGame

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


def constant(name, action):
    return Player(name, constant_act, action)


def constant_act(params, key, states):
    return jnp.full(states.terminated.shape, params, jnp.int32)


BOLD, MEEK = constant("bold", 1), constant("meek", 0)
KEY = jax.random.key(0)


def test_all_combinations_of_players_at_a_table_of_three():
    """Who alone bets wins the antes of two; of several who bet the highest card does."""
    found = round_robin(
        make("kuhn_poker", players=3), [BOLD, MEEK, MEEK, MEEK], num_games=6, key=jax.random.key(0)
    )
    assert found.names == ("bold", "meek", "meek (2)", "meek (3)")
    assert [result.names for result in found.matches] == [
        ("bold", "meek", "meek (2)"),
        ("bold", "meek", "meek (3)"),
        ("bold", "meek (2)", "meek (3)"),
        ("meek", "meek (2)", "meek (3)"),
    ]
    first, second, *_ = found.standings()
    assert (first.name, first.num_games, first.score, first.mean_return) == ("bold", 18, 1.0, 2.0)
    assert first.interval[0] < 1 == first.interval[1] and first.return_interval == (2, 2)
    assert second.num_games == 18 and -1 <= second.mean_return < 0
    for name in ("ratings", "table"):
        with pytest.raises(UserError, match=r"of matches between two|is no match of two sides"):
            getattr(found, name)


def test_too_few_for_a_table():
    with pytest.raises(UserError, match="a match of this game needs 3 players, 2 given"):
        round_robin(make("kuhn_poker", players=3), [BOLD, MEEK], num_games=6, key=KEY)


def test_one_among_copies_of_another():
    table = cross_play(make("kuhn_poker", players=3), [BOLD, MEEK], num_games=6, key=KEY, opening_plies=0)
    assert isinstance(table, OneAgainstAll) and table.names == ("bold", "meek")
    assert table.mean_return[0, 1] == 2 and table.score[0, 1] == 1
    assert np.diagonal(table.mean_return) == pytest.approx([0, 0]) and (table.num_games == 6).all()


def test_two_against_two():
    game = make("matrix_game", table="team_matching_pennies")
    mixed = Player("mixed", lambda params, key, states: (states.current_player % 2).astype(jnp.int32))
    table = cross_play(game, [BOLD, MEEK, mixed], num_games=4, key=KEY, opening_plies=0)
    assert isinstance(table, CrossPlay) and table.mean_return is not None
    # The first team wins if all pennies are the same, the second if each agrees with itself only.
    assert table.score[0].tolist() == [0.5, 0.5, 1] and table.mean_return[2, :2].tolist() == [-1, -1]
    assert table.wins[0, 0] == 0 and table.losses[0, 1] == 2
    found = round_robin(game, [BOLD, MEEK], num_games=4, key=KEY)
    assert found.ratings.elo == pytest.approx([0, 0], abs=1e-6)


def test_teammates_who_are_strangers():
    """In a game of one team it is the mean return that tells, and players meet their own copies too."""
    game = Together(payoffs=(((1.0, 1.0), (0.0, 0.0)), ((0.0, 0.0), (1.0, 1.0))))
    table = cross_play(game, [BOLD, MEEK], num_games=4, key=KEY, opening_plies=0)
    assert isinstance(table, OneAgainstAll) and np.isnan(table.score).all()
    assert table.mean_return.tolist() == [[1, 0], [0, 1]]


class Together(MatrixGame):
    teams = (0, 0)  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]


def test_players_of_a_game_for_one():
    found = round_robin(Race(players=1, length=4), [BOLD, MEEK], num_games=40, key=KEY)
    assert [result.names for result in found.matches] == [("bold",), ("meek",)]
    bold, meek = found.standings()
    assert meek.mean_return == 4 and meek.return_interval == (4, 4) and np.isnan(meek.score)
    assert bold.return_interval[0] < bold.mean_return < bold.return_interval[1]
    with pytest.raises(UserError, match="Elo ratings are of matches between two"):
        _ = found.ratings
    with pytest.raises(UserError, match="cross-play needs a game for two players or more"):
        cross_play(Race(players=1), [BOLD, MEEK], num_games=4, key=KEY)
