import jax
import numpy as np
import pytest
from small_games import Race, random_act

from jaxplay.arena import Player, match
from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.solve import exact, oracle, solve, solver_act
from jaxplay.struct import replace

KEY = jax.random.key(1)


@pytest.fixture(scope="module")
def solution():
    return solve(TicTacToe())


def test_it_never_loses_in_the_arena(solution):
    player = Player("solver", solver_act, oracle(solution))
    result = match(TicTacToe(), [player, Player("random", random_act)], num_games=400, key=KEY)
    assert result.losses == (0, 0) and result.score > 0.9
    draws = match(TicTacToe(), [player, player], num_games=100, key=KEY)
    assert draws.draws == (50, 50)


def test_moves_are_sampled_among_the_best(solution):
    states = jax.tree.map(lambda x: np.repeat(x[:1], 900, axis=0), solution.graph.states)
    counts = np.bincount(jax.jit(solver_act)(oracle(solution), KEY, states), minlength=9)
    assert counts.min() > 60 and counts.max() < 140


def test_unknown_states_get_legal_moves(solution):
    states = jax.tree.map(lambda x: x[:300], solution.graph.states)
    states = replace(states, stones=states.stones | np.uint32(1 << 20))  # a stone beside the board
    moves = jax.jit(solver_act)(oracle(solution), KEY, states)
    assert states.legal_action_mask[np.arange(300), moves].all()
    assert len(np.unique(moves)) == 9


def test_predictions_are_those_of_a_perfect_network(solution):
    states = solution.graph.states
    prediction = jax.jit(exact)(oracle(solution), KEY, states)
    mover = solution.values[np.arange(5478), states.current_player]
    np.testing.assert_array_equal(prediction.value, mover)
    live = ~states.terminated
    np.testing.assert_array_equal((prediction.logits == 0)[live], solution.optimal[live])


def test_values_of_many_players_are_in_order_of_turn():
    solution = solve(Race(players=3, length=4))
    params = oracle(solution)
    second = np.flatnonzero((solution.graph.player == 1) & ~solution.graph.states.terminated)[0]
    state = jax.tree.map(lambda x: x[second : second + 1], solution.graph.states)
    value = jax.jit(exact)(params, KEY, state).value[0] * solution.graph.game.max_return
    np.testing.assert_allclose(value, np.roll(solution.values[second], -1))
