import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_games import Nim, Race, nim_act, random_act

from jaxplay.arena import Player, match
from jaxplay.arena.host import on_host, play_match
from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.rollout.seats import rotations
from jaxplay.struct import replace

KEY = jax.random.key(3)
GAME = Nim((1, 2, 2))  # xor 1: a win for who moves first
RANDOM = Player("random", random_act)
PERFECT = Player("perfect", nim_act)


def roll_act(params, key, states):
    return jnp.full(states.terminated.shape, params, jnp.int32)


def mixed_act(params, key, states):
    return (states.current_player % 2).astype(jnp.int32)


TEAMS, MIXED = make("matrix_game", table="team_matching_pennies"), Player("mixed", mixed_act)
ROLL, SURE = Player("roll", roll_act, 1), Player("sure", roll_act, 0)


def test_perfect_nim_wins_whenever_it_moves_first():
    result = match(GAME, [PERFECT, PERFECT], num_games=10, key=KEY)
    assert result.wins == (5, 0) and result.losses == (0, 5) and result.draws == (0, 0)


def test_seats_are_balanced_and_perfect_play_beats_random_play():
    result = match(GAME, [RANDOM, PERFECT], num_games=200, key=KEY, max_batch=40)
    assert result.losses[1] == 100  # the perfect player in seat 0
    assert sum(result.wins) + sum(result.losses) == result.num_games == 200
    low, high = result.interval()
    assert low < result.score < high < 0.5
    assert 3 <= result.mean_plies <= 5
    assert result.mean_return == pytest.approx(2 * result.score - 1)


def test_both_games_of_a_pair_have_the_same_opening_and_luck():
    # The same program with the same parameters in both seats: the games of a pair are one game.
    result = match(Race(length=6), [ROLL, ROLL], num_games=32, key=KEY, opening_plies=2)
    np.testing.assert_array_equal(result.returns[0::2], result.returns[1::2])
    assert len(np.unique(result.returns, axis=0)) > 4
    assert (result.plies == 6).all()


def test_returns_count_rewards_on_the_way_those_of_chance_and_double_moves():
    # Rolling earns 7/4 a turn and keeps the turn half the time; the sure point passes it. The roller
    # in seat 0: 7/4, then half the time 7/4 more, half the time -1. In seat 1: -1, then 7/4.
    result = match(Race(length=2), [ROLL, SURE], num_games=8000, key=KEY)
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
        match(game, [*players], num_games=num_games, key=KEY, opening_plies=1, max_batch=8, by_ply=by_ply)
        for by_ply in (False, True)
    )
    np.testing.assert_array_equal(once.returns, by_ply.returns)
    np.testing.assert_array_equal(once.plies, by_ply.plies)


def test_by_ply_illegal_actions_are_told_too():
    stuck = Player("stuck", lambda params, key, states: jnp.full(states.terminated.shape, 99, jnp.int32))
    with pytest.raises(UserError, match=r"'stuck' chose .* illegal actions"):
        match(GAME, [stuck, RANDOM], num_games=4, key=KEY, by_ply=True)


def test_one_player():
    result = match(Race(players=1, length=4), [ROLL], num_games=4000, key=KEY)
    assert result.mean_return == pytest.approx(4 * 7 / 4, abs=5 * result.return_error)
    assert result.second is None and result.wins == () and np.isnan(result.score)
    low, high = result.return_interval()
    assert low < 4 * 7 / 4 < high and high - low == pytest.approx(2 * 1.959964 * result.return_error)
    with pytest.raises(UserError, match="one side nobody wins"):
        result.interval()


def test_players_that_differ_in_parameters_compile_once():
    traced = []

    def act(params, key, states):
        traced.append(params)
        return roll_act(params, key, states)

    for a, b in ((0, 1), (1, 0), (1, 1)):
        match(Race(length=3), [Player("a", act, a), Player("b", act, b)], num_games=20, key=KEY, max_batch=8)
    assert len(traced) == 1


def test_one_program_or_two_makes_no_difference():
    def copy(params, key, states):
        return random_act(params, key, states)

    merged = match(GAME, [RANDOM, RANDOM], num_games=40, key=KEY)
    apart = match(GAME, [RANDOM, Player("random", copy)], num_games=40, key=KEY)
    np.testing.assert_array_equal(merged.returns, apart.returns)


def test_batches_play_exactly_the_games_asked_for():
    result = match(GAME, [RANDOM, PERFECT], num_games=116, key=KEY, max_batch=40)
    assert sum(result.wins) + sum(result.draws) + sum(result.losses) == 116
    assert result.wins[0] + result.losses[0] == 58


def test_openings_differ_and_do_not_end_the_game():
    # With one object a game is over at once, so no random move can be played before it.
    assert match(Nim((1,)), [RANDOM, RANDOM], num_games=4, key=KEY, opening_plies=3).mean_plies == 1
    result = match(Nim((3, 4, 5)), [PERFECT, PERFECT], num_games=64, key=KEY, opening_plies=2)
    assert len(np.unique(result.plies)) > 3
    np.testing.assert_array_equal(result.returns[0::2], result.returns[1::2])


def test_a_game_cut_short_is_a_draw():
    class Hasty(Nim):
        @property
        def max_plies(self):
            return 2

    result = match(Hasty((2, 2, 2)), [RANDOM, RANDOM], num_games=10, key=KEY)
    assert result.truncated == 10 and result.draws == (5, 5) and result.mean_plies == 2


def test_illegal_choices_are_reported():
    with pytest.raises(UserError, match="'bad' chose"):
        match(GAME, [Player("bad", roll_act, 1), RANDOM], num_games=4, key=KEY)
    with pytest.raises(UserError, match="'bad' chose"):
        match(GAME, [Player("bad", roll_act, 99), RANDOM], num_games=4, key=KEY)


@pytest.mark.parametrize(
    ("game", "num_players", "num_games", "message"),
    [
        (Nim(), 2, 7, "num_games 7 is not a positive multiple of 2"),
        (Nim(), 1, 8, "has 2 players, 1 given"),
        (Race(players=3), 2, 6, "has 3 players, 2 given"),
        (TEAMS, 3, 6, "has 4 players in 2 teams, 3 given"),
    ],
)
def test_impossible_matches_are_refused(game, num_players, num_games, message):
    with pytest.raises(UserError, match=message):
        match(game, [RANDOM] * num_players, num_games=num_games, key=KEY)


def first_legal(params, key, states):
    return jnp.argmax(states.legal_action_mask, axis=-1).astype(jnp.int32)


FIRST = Player("first", first_legal)


def last_legal(params, key, states):
    mask = states.legal_action_mask
    return mask.shape[-1] - 1 - jnp.argmax(mask[:, ::-1], axis=-1).astype(jnp.int32)


LAST = Player("last", last_legal)


def test_three_players_sit_on_each_seat_equally_often():
    """Who bets when the others pass wins their antes: 2 chips a game, whatever the seat."""
    result = match(make("kuhn_poker", players=3), [LAST, FIRST, FIRST], num_games=60, key=KEY)
    for entrant in range(3):
        held = result.seats == entrant
        assert held.sum(axis=0).tolist() == [20, 20, 20] and (held.sum(axis=1) == 1).all()
    assert result.scores == pytest.approx([1, 0, 0]) and result.mean_returns == pytest.approx([2, -1, -1])
    assert result.return_errors == pytest.approx([0, 0, 0]) and result.wins == ()
    assert (result.seat_returns[0] == 2).all() and (result.seat_scores[1:] == 0).all()
    assert result.interval(entrant=1)[0] == 0 and result.interval()[1] == 1


def test_all_orders_around_the_table_take_turns():
    seats = rotations(np.arange(4), 4, 4 * 6)
    assert len({tuple(row) for row in seats.tolist()}) == 24
    assert [np.bincount(column, minlength=4).tolist() for column in seats.T] == [[6] * 4] * 4


def test_two_teams_that_one_player_each_plays():
    """A team that plays heads twice wins against one of heads and tails; its result is what a member gets."""
    result = match(TEAMS, [FIRST, MIXED], num_games=8, key=KEY)
    assert result.seats.tolist()[:2] == [[0, 0, 1, 1], [1, 1, 0, 0]]
    assert result.scores.tolist() == [1, 0] and result.mean_returns.tolist() == [1, -1]
    assert result.wins == (4, 4) and (result.first, result.second) == ("first", "mixed")


def test_four_players_in_two_teams():
    """Heads is in each team with each of the others, and wins where both play heads."""
    result = match(TEAMS, [FIRST, FIRST, FIRST, LAST], num_games=24, key=KEY)
    together = (result.seats == 3)[:, :2].any(axis=1) == (result.seats == 0)[:, :2].any(axis=1)
    assert together.sum() == 8  # of three possible partners, tails is one
    assert result.scores == pytest.approx([2 / 3, 2 / 3, 2 / 3, 0])
    assert result.seat_scores[0] == pytest.approx([2 / 3] * 4)


def test_ties_are_split():
    """Two of three players always earn the same and more than the third."""
    game = make("matrix_game", payoffs=(np.zeros((2, 2, 2, 3)) + np.array([1, 1, 0])).tolist())
    result = match(game, [FIRST] * 3, num_games=6, key=KEY)
    assert result.points.tolist() == [[0.5, 0.5, 0]] * 6 and result.scores == pytest.approx([1 / 3] * 3)


def test_a_team_of_all_has_no_winner():
    result = match(make("lewis_signaling"), [FIRST], num_games=20, key=KEY)
    assert result.num_sides == 1 and np.isnan(result.score) and 0 <= result.mean_return <= 1


def on_the_host(game, players, **settings):
    return play_match(game, [*map(on_host, players)], **settings)


@pytest.mark.parametrize("play", [match, on_the_host])
def test_returns_that_break_the_laws_stop_a_match(play):
    class Broken(Nim):
        def step(self, state, action):
            after = super().step(state, action)
            return replace(after, rewards=jnp.where(after.terminated, jnp.nan, 0.0) * jnp.ones(2))

    with pytest.raises(UserError, match=r"Broken\(.* breaks a law of games: 4 rewards that are not finite"):
        play(Broken((1, 1)), [RANDOM] * 2, num_games=4, key=KEY)


def test_the_former_name_works():
    with pytest.warns(DeprecationWarning, match="jaxplay.arena now"):
        from jaxplay.evaluate import arena
    result = arena(GAME, PERFECT, PERFECT, num_games=10, key=KEY)
    assert result.wins == (5, 0) and result.first == result.second == "perfect"
    assert arena(Race(players=1, length=4), ROLL, num_games=4, key=KEY).second is None
