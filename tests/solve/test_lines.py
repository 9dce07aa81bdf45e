import jax
import jax.numpy as jnp
import pytest
from small_games import Nim, Race, nim_act, random_act

from jaxplay.errors import UserError
from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.solve import every_line, oracle, solve, solver_act

KEY = jax.random.key(0)


def first_act(params, key, states):
    return jnp.argmax(states.legal_action_mask, axis=-1)


def play_by_hand(game, act, seat):
    """The numbers of won, drawn and lost lines, by a plain recursion."""
    step, counts = jax.jit(game.step), {1: 0, 0: 0, -1: 0}

    def walk(state):
        if state.terminated:
            counts[int(jnp.sign(state.rewards[seat]))] += 1
            return
        for action in range(game.num_actions):
            mine = state.current_player == seat
            if (act(state) == action) if mine else state.legal_action_mask[action]:
                walk(step(state, action))

    walk(game.init(KEY))
    return counts[1], counts[0], counts[-1]


def test_exact_play_loses_no_line_of_tic_tac_toe():
    params = oracle(solve(TicTacToe()), fastest=True)
    for lines in every_line(TicTacToe(), solver_act, params, key=KEY):
        assert lines.lost == 0 and lines.drawn > 0 and lines.won > 0


def test_a_weak_agent_is_found_out():
    for lines in every_line(TicTacToe(), first_act, key=KEY):
        assert lines.lost > 0 and lines.won > 0


@pytest.mark.parametrize("seat", [0, 1])
def test_counts_are_those_of_walking_the_tree(seat):
    game = Nim((1, 2, 2))
    lines = every_line(game, first_act, key=KEY)[seat]
    expected = play_by_hand(game, lambda state: jnp.argmax(state.legal_action_mask), seat)
    assert lines[:3] == expected and sum(expected) > 5


def test_an_agent_that_samples_plays_one_move_a_position():
    whole = solve(TicTacToe()).graph
    for lines in every_line(TicTacToe(), random_act, key=KEY):
        assert lines.num_states < whole.num_states / 2


def test_perfect_nim():
    first, second = every_line(Nim((1, 2, 2)), nim_act, key=KEY)
    assert first.lost == 0 and first.won > 0
    assert second.lost > 0


def test_what_cannot_be_counted_is_refused():
    with pytest.raises(UserError, match="illegal"):
        every_line(TicTacToe(), lambda params, key, states: states.current_player * 0, key=KEY)
    with pytest.raises(UserError, match="rewards come at the end"):
        every_line(Race(), first_act, key=KEY)
    with pytest.raises(UserError, match="two players"):
        every_line(Race(players=1), first_act, key=KEY)
