import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_games import Race, SidedNim, random_act

from jaxplay.evaluate import Player
from jaxplay.evaluate.batches import in_batches
from jaxplay.evaluate.records import record_games
from jaxplay.game import CHANCE, make

KEY = jax.random.key(5)
RANDOM = Player("random", random_act)


def first_legal(params, key, states):
    return states.legal_action_mask.argmax(-1).astype(np.int32)


@pytest.fixture(scope="module")
def records():
    return record_games(make("tic_tac_toe"), in_batches(RANDOM, 4), KEY, 3)


def test_a_record_replays(records):
    game = make("tic_tac_toe")
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
    choose = in_batches(Player("first", first_legal), 2)
    plain, opened = record_games(make("tic_tac_toe"), choose, KEY, 2, np.array([0, 4]))
    assert plain.actions == (0, 1, 2, 3, 4, 5, 6)
    assert opened.actions != plain.actions
    assert list(opened.actions[4:]) == sorted(opened.actions[4:])


def test_outcomes_of_chance_are_part_of_a_record():
    game = Race(length=3)
    for record in record_games(
        game, in_batches(Player("roll", lambda p, k, s: s.current_player * 0 + 1), 2), KEY, 2
    ):
        state = game.init(KEY)
        for action, move in zip(record.actions, record.moves, strict=True):
            assert move == (
                f"({action})" if state.current_player == CHANCE else game.action_to_string(action)
            )
            state = game.step(state, jnp.int32(action))
        assert record.moves[0] == game.action_to_string(1) and "(" in record.moves[1]


def test_moves_are_named_as_their_player_calls_them():
    first = in_batches(Player("first", first_legal), 2)
    for record in record_games(SidedNim((1, 2)), first, KEY, 2, np.array([0, 1])):
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
