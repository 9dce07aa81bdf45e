import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_games import Nim, Race, SidedNim, nim_act, random_act

from jaxplay.arena import Player, match
from jaxplay.arena.batches import in_batches
from jaxplay.arena.records import record_games, record_match
from jaxplay.errors import UserError
from jaxplay.game import CHANCE, make

KEY = jax.random.key(5)
TIC_TAC_TOE = make("tic_tac_toe")
SIZE, OPENING = 8, 4
"""Of all games of tic-tac-toe here, so that they share their compiled functions."""


def first_legal(params, key, states):
    return states.legal_action_mask.argmax(-1).astype(np.int32)


def roll_act(params, key, states):
    return states.current_player * 0 + 1


RANDOM, FIRST, ROLL = Player("random", random_act), Player("first", first_legal), Player("roll", roll_act)
PERFECT = Player("perfect", nim_act)


@pytest.fixture(scope="module")
def records():
    return record_games(TIC_TAC_TOE, RANDOM, KEY, 3, np.array([0, OPENING, 0]), size=SIZE)


def test_a_record_replays(records):
    game = TIC_TAC_TOE
    step = jax.jit(game.step)
    for record in records:
        state, returns = game.init(KEY), np.zeros(2)
        for action, move in zip(record.actions, record.moves, strict=True):
            assert state.legal_action_mask[action] and not state.terminated
            assert game.parse_action(move) == action
            state = step(state, np.int32(action))
            returns += state.rewards
        assert bool(state.terminated) == record.terminated
        assert tuple(returns) == record.returns
        assert game.render(state) == record.final


def test_games_differ(records):
    assert len({record.actions for record in records}) == 3


def test_random_plies_first():
    plain, opened = record_games(TIC_TAC_TOE, FIRST, KEY, 2, np.array([0, OPENING]), size=SIZE)
    assert plain.actions == (0, 1, 2, 3, 4, 5, 6)
    assert opened.actions != plain.actions
    assert list(opened.actions[4:]) == sorted(opened.actions[4:])


def test_outcomes_of_chance_are_part_of_a_record():
    game = Race(length=3)
    for record in record_games(game, ROLL, KEY, 2, size=12):
        state = game.init(KEY)
        for action, move in zip(record.actions, record.moves, strict=True):
            assert move == (
                f"({game.outcome_to_string(state, action)})"
                if state.current_player == CHANCE
                else game.action_to_string(action)
            )
            state = game.step(state, jnp.int32(action))
        assert record.moves[0] == game.action_to_string(1) and "(" in record.moves[1]


def test_moves_are_named_as_their_player_calls_them():
    for record in record_games(SidedNim((1, 2)), FIRST, KEY, 2, np.array([0, 1])):
        names = [f"{'ab'[ply % 2]}{action}" for ply, action in enumerate(record.actions)]
        assert list(record.moves) == names and len(names) > 1


@pytest.mark.parametrize("count", [1, 5, 6, 7])
def test_batches_are_filled_up(count):
    seen = []

    def act(params, key, states):
        seen.append(states.terminated.shape)
        return states.legal_action_mask.argmax(-1).astype(np.int32)

    game = make("tic_tac_toe")
    states = jax.vmap(lambda cell: game.step(game.init(KEY), cell))(np.arange(count, dtype=np.int32))
    actions = in_batches(Player("first", act), 3)(KEY, states)
    assert actions.tolist() == [1] + [0] * (count - 1)
    assert seen == [(3,)]


def test_a_match_by_the_rules_of_the_arena():
    """The perfect player wins all games that it begins; seats alternate."""
    game, players = Nim((1, 2, 2)), (PERFECT, RANDOM)
    result, records = record_match(game, players, KEY, 40)
    assert result.wins[0] == 20 and result.draws == (0, 0)
    assert result.num_games == 40 == sum(result.wins) + sum(result.losses)
    for seat, won, lost in zip((0, 1), result.wins, result.losses, strict=True):
        mine = [record.returns[seat] for record in records[seat::2]]
        assert (mine.count(1.0), mine.count(-1.0)) == (won, lost)
    assert result.plies.tolist() == [len(record.actions) for record in records]
    played = match(game, players, num_games=40, key=KEY, by_ply=True)
    np.testing.assert_array_equal(result.returns, played.returns)


def test_games_of_a_pair_begin_alike():
    _, records = record_match(TIC_TAC_TOE, (FIRST, FIRST), KEY, SIZE, OPENING)
    assert [record.actions for record in records[::2]] == [record.actions for record in records[1::2]]
    assert len({record.actions for record in records}) > 2


def test_games_of_a_pair_have_the_same_chance():
    result, records = record_match(Race(length=3), (ROLL, ROLL), KEY, 12)
    assert [record.actions for record in records[::2]] == [record.actions for record in records[1::2]]
    assert result.mean_plies == 3  # chance is no decision
    np.testing.assert_array_equal([record.returns for record in records], result.returns)


def test_an_opening_does_not_end_the_game():
    """Of two sticks the player who takes the last wins, which a random move must not do."""
    for record in record_games(Nim((1, 1)), FIRST, KEY, 4, 2):
        assert len(record.actions) == 2 and record.terminated


def test_an_illegal_action_is_refused():
    stuck = Player("stuck", lambda params, key, states: states.current_player * 0)
    with pytest.raises(UserError, match=r"player 'stuck' chose \d+ illegal actions"):
        record_match(TIC_TAC_TOE, (stuck, RANDOM), KEY, SIZE, OPENING)


def test_a_recorded_game_that_is_cut_is_a_draw():
    class Hasty(Race):
        @property
        def max_plies(self):
            return 1

    (record,) = record_games(Hasty(length=3), ROLL, KEY, 1)
    assert record.returns == (0, 0) and not record.terminated and len(record.moves) == 2
