import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_games import Nim, Race, nim_act, random_act

from jaxplay.arena import Player, arena
from jaxplay.arena.loop import Setup, play_games
from jaxplay.errors import UserError

KEY = jax.random.key(3)
GAME = Nim((1, 2, 2))  # xor 1: a win for who moves first
RANDOM = Player("random", random_act)
PERFECT = Player("perfect", nim_act)


def roll_act(params, key, states):
    return jnp.full(states.terminated.shape, params, jnp.int32)


ROLL, SURE = Player("roll", roll_act, 1), Player("sure", roll_act, 0)


def test_perfect_nim_wins_whenever_it_moves_first():
    result = arena(GAME, PERFECT, PERFECT, num_games=10, key=KEY)
    assert result.wins == (5, 0) and result.losses == (0, 5) and result.draws == (0, 0)


def test_seats_are_balanced_and_perfect_play_beats_random_play():
    result = arena(GAME, RANDOM, PERFECT, num_games=200, key=KEY, max_batch=40)
    assert result.losses[1] == 100  # the perfect player in seat 0
    assert sum(result.wins) + sum(result.losses) == result.num_games == 200
    low, high = result.interval()
    assert low < result.score < high < 0.5
    assert 3 <= result.mean_plies <= 5
    assert result.mean_return == pytest.approx(2 * result.score - 1)


def test_both_games_of_a_pair_have_the_same_opening_and_luck():
    # The same program with the same parameters in both seats: the games of a pair are one game.
    setup = Setup(Race(length=6), (roll_act, roll_act), True, 32, 2)
    returns, plies, _, _ = play_games(setup, (1, 1), KEY, 32)
    np.testing.assert_array_equal(returns[0::2], returns[1::2])
    assert len(np.unique(np.asarray(returns), axis=0)) > 4
    assert (plies == 6).all()


def test_returns_count_rewards_on_the_way_those_of_chance_and_double_moves():
    # Rolling earns 7/4 a turn and keeps the turn half the time; the sure point passes it. The roller
    # in seat 0: 7/4, then half the time 7/4 more, half the time -1. In seat 1: -1, then 7/4.
    result = arena(Race(length=2), ROLL, SURE, num_games=8000, key=KEY)
    expected = (7 / 4 + (7 / 4 - 1) / 2 + (-1 + 7 / 4)) / 2
    assert result.mean_return == pytest.approx(expected, abs=5 * result.return_error)
    assert result.return_error < 0.03


@pytest.mark.parametrize(
    ("game", "players", "num_games"),
    [
        (Race(length=3), (ROLL, SURE), 12),
        (Race(players=1, length=4), (ROLL,), 5),
    ],
)
def test_by_ply_it_is_the_same_match(game, players, num_games):
    once, by_ply = (
        arena(game, *players, num_games=num_games, key=KEY, opening_plies=1, max_batch=8, by_ply=by_ply)
        for by_ply in (False, True)
    )
    assert once == by_ply or (len(players) == 1 and once.mean_return == by_ply.mean_return)


def test_by_ply_illegal_actions_are_told_too():
    stuck = Player("stuck", lambda params, key, states: jnp.full(states.terminated.shape, 99, jnp.int32))
    with pytest.raises(UserError, match=r"'stuck' chose .* illegal actions"):
        arena(GAME, stuck, RANDOM, num_games=4, key=KEY, by_ply=True)


def test_one_player():
    result = arena(Race(players=1, length=4), ROLL, num_games=4000, key=KEY)
    assert result.mean_return == pytest.approx(4 * 7 / 4, abs=5 * result.return_error)
    assert result.second is None and result.wins == () and np.isnan(result.score)


def test_players_that_differ_in_parameters_compile_once():
    traced = []

    def act(params, key, states):
        traced.append(params)
        return roll_act(params, key, states)

    for a, b in ((0, 1), (1, 0), (1, 1)):
        arena(Race(length=3), Player("a", act, a), Player("b", act, b), num_games=20, key=KEY, max_batch=8)
    assert len(traced) == 1


def test_one_program_or_two_makes_no_difference():
    def copy(params, key, states):
        return random_act(params, key, states)

    merged = arena(GAME, RANDOM, RANDOM, num_games=40, key=KEY)
    apart = arena(GAME, RANDOM, Player("random", copy), num_games=40, key=KEY)
    assert merged == apart


def test_batches_play_exactly_the_games_asked_for():
    result = arena(GAME, RANDOM, PERFECT, num_games=116, key=KEY, max_batch=40)
    assert sum(result.wins) + sum(result.draws) + sum(result.losses) == 116
    assert result.wins[0] + result.losses[0] == 58


def test_openings_differ_and_do_not_end_the_game():
    # With one object a game is over at once, so no random move can be played before it.
    assert arena(Nim((1,)), RANDOM, RANDOM, num_games=4, key=KEY, opening_plies=3).mean_plies == 1
    setup = Setup(Nim((3, 4, 5)), (nim_act, nim_act), True, 64, 2)
    returns, plies, *_ = play_games(setup, (None, None), KEY, 64)
    assert len(np.unique(plies)) > 3
    np.testing.assert_array_equal(returns[0::2], returns[1::2])


def test_a_game_cut_short_is_a_draw():
    class Hasty(Nim):
        @property
        def max_plies(self):
            return 2

    result = arena(Hasty((2, 2, 2)), RANDOM, RANDOM, num_games=10, key=KEY)
    assert result.truncated == 10 and result.draws == (5, 5) and result.mean_plies == 2


def test_illegal_choices_are_reported():
    with pytest.raises(UserError, match="'bad' chose"):
        arena(GAME, Player("bad", roll_act, 1), RANDOM, num_games=4, key=KEY)
    with pytest.raises(UserError, match="'bad' chose"):
        arena(GAME, Player("bad", roll_act, 99), RANDOM, num_games=4, key=KEY)


@pytest.mark.parametrize(
    ("game", "second", "num_games", "message"),
    [
        (Nim(), RANDOM, 7, "multiple of 2"),
        (Nim(), None, 8, "has 2 players, 1 given"),
        (Race(players=3), RANDOM, 6, "one or two players"),
    ],
)
def test_impossible_matches_are_refused(game, second, num_games, message):
    with pytest.raises(UserError, match=message):
        arena(game, RANDOM, second, num_games=num_games, key=KEY)
