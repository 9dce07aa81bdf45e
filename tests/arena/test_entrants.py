"""Mixtures: who is drawn, how often, and that each plays whole games."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_games import Nim, Race

from jaxplay.arena import CrossPlay, Mixture, Player, cross_play, match
from jaxplay.arena.entrants import sample_meetings
from jaxplay.errors import UserError

KEY = jax.random.key(5)
GAME = Nim((1, 1, 1, 1))  # all take one at a time: who moves second wins


def first_legal(params, key, states):
    """Takes the first pile that is left, or the last one."""
    mask = states.legal_action_mask
    last = mask.shape[-1] - 1 - jnp.argmax(mask[:, ::-1], axis=-1)
    return jnp.where(params, jnp.argmax(mask, axis=-1), last).astype(jnp.int32)


LOW, HIGH = Player("low", first_legal, True), Player("high", first_legal, False)


def roll_act(params, key, states):
    return jnp.full(states.terminated.shape, params, jnp.int32)


ROLL, SURE = Player("roll", roll_act, 1), Player("sure", roll_act, 0)


@pytest.mark.parametrize(("weights", "counts"), [((0.25, 0.75), (10, 30)), ((2, 0), (40,)), ((1, 2), None)])
def test_each_member_plays_its_share(weights, counts):
    mixture = Mixture("both", (LOW, HIGH), weights)
    meetings = sample_meetings((mixture, ROLL), 80, KEY)
    assert all(meeting.players[1] is ROLL for meeting in meetings)
    assert sum(meeting.num_games for meeting in meetings) == 80
    found = tuple(meeting.num_games // 2 for meeting in meetings)
    assert found == counts or (counts is None and found in {(13, 27), (14, 26)})


def test_members_of_two_mixtures_meet_at_random():
    half = Mixture("half", (LOW, HIGH), (0.5, 0.5))
    together = np.zeros((2, 2))
    for seed in range(20):
        for meeting in sample_meetings((half, half), 400, jax.random.key(seed)):
            i, j = (player is HIGH for player in meeting.players)
            together[int(i), int(j)] += meeting.num_games
    assert together.sum(0).tolist() == together.sum(1).tolist() == [4000, 4000]
    np.testing.assert_allclose(together, 2000, atol=250)


def test_every_seed_draws_a_single_opening_by_chance():
    mixture = Mixture("both", (LOW, HIGH), (0.25, 0.75))
    drawn = [sample_meetings((mixture, ROLL), 2, jax.random.key(i))[0].players[0] is HIGH for i in range(200)]
    assert 0.65 < np.mean(drawn) < 0.85


def test_a_mixture_earns_the_mean_of_its_members():
    # A sure point earns 1 at each of three turns, a roll 7/4 in the mean.
    mixture = Mixture("some", (SURE, ROLL), (0.75, 0.25))
    result = match(Race(players=1, length=3), [mixture], num_games=4000, key=KEY, max_batch=300)
    assert result.mean_return == pytest.approx(0.75 * 3 + 0.25 * 3 * 7 / 4, abs=5 * result.return_error)


def test_a_member_plays_the_whole_game():
    class Loaded(Race):
        def chance_probs(self, state):
            return jnp.array([0.0, 0.0, 1.0])  # a roll is three points

    mixture = Mixture("some", (SURE, ROLL), (0.75, 0.25))
    result = match(Loaded(players=1, length=4), [mixture], num_games=40, key=KEY)
    # Returns lie from 4 to 12; only if all of them are 4 or 12 can the spread be so large.
    assert result.mean_return == 0.75 * 4 + 0.25 * 12
    assert result.return_error == pytest.approx(np.std([4] * 30 + [12] * 10, ddof=1) / np.sqrt(40))


def test_seats_stay_balanced():
    mixture = Mixture("both", (LOW, HIGH), (0.3, 0.7))
    result = match(GAME, [mixture, LOW], num_games=60, key=KEY, max_batch=8)
    assert result.wins == (0, 30) and result.losses == (30, 0)
    assert (result.first, result.second, result.mean_plies) == ("both", "low", 4)


def test_members_with_one_program_compile_once():
    traced = []

    def act(params, key, states):
        traced.append(params)
        return first_legal(params, key, states)

    members = tuple(Player(str(i), act, i % 2 == 0) for i in range(5))
    mixture = Mixture("five", members, (0.4, 0.3, 0.1, 0.1, 0.1))
    match(GAME, [mixture, Player("other", act, True)], num_games=60, key=KEY)
    assert len(traced) == 1


@pytest.mark.parametrize("weights", [(1.0,), (0.0, 0.0), (-1.0, 2.0), (float("nan"), 1.0)])
def test_weights_that_are_no_chances(weights):
    with pytest.raises(UserError, match="weights"):
        match(GAME, [Mixture("bad", (LOW, HIGH), weights), LOW], num_games=2, key=KEY)


class Agent:
    """What has a player, as agents have."""

    def player(self):
        return HIGH


def test_cross_play_of_all_that_can_play():
    mixture = Mixture("both", (LOW, HIGH), (0.5, 0.5))
    reported = []
    table = cross_play(GAME, [LOW, mixture, Agent(), LOW], num_games=8, key=KEY, report=reported.append)
    assert table.names == ("low", "both", "high", "low (2)")
    assert table.num_games.tolist() == (8 * (1 - np.eye(4))).tolist()
    assert [(match.first, match.second) for match in reported][-1] == ("high", "low (2)")
    assert isinstance(table, CrossPlay)
    assert (table.wins + table.draws == 0).all()  # who moves second wins
    assert table.ratings().advantage < -300


def test_cross_play_of_two_populations():
    table = cross_play(
        GAME,
        [LOW, HIGH],
        [
            LOW,
        ],
        num_games=8,
        key=KEY,
    )
    assert table.names == ("low", "high", "low (2)")
    games = table.num_games
    assert games[:2, 2:].tolist() == [[8], [8]] and games[0, 1] == 0 and isinstance(table, CrossPlay)
    assert table.payoff[:2, 2:].tolist() == [[0], [0]]
