import jax.numpy as jnp
import numpy as np
import pytest
from small_games import Race

from jaxplay.errors import UserError
from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.solve import best_response, exploitability, policy_values, reachable, solve


def uniform(states):
    mask = states.legal_action_mask.astype(jnp.float32)
    return mask / mask.sum(axis=-1, keepdims=True)


@pytest.fixture(scope="module")
def solution():
    return solve(TicTacToe())


def test_random_tic_tac_toe(solution):
    values = policy_values(solution, uniform)
    np.testing.assert_allclose(values[0], [187 / 630, -187 / 630], atol=1e-6)  # 737/1260 - 121/420


def test_exploitability_of_random_tic_tac_toe(solution):
    result = exploitability(solution, uniform)
    np.testing.assert_allclose(result.best_responses, [0.9947917, 0.9248677], atol=1e-6)
    assert result.exploitability == pytest.approx(0.9598297, abs=1e-6)
    assert result.nash_conv == pytest.approx(2 * result.exploitability)
    np.testing.assert_allclose(result.values, [187 / 630, -187 / 630], atol=1e-6)


def test_exact_play_gives_nothing_away(solution):
    for table in (solution.optimal, solution.fastest):
        assert exploitability(solution.graph, table.astype(float)).exploitability == 0


def test_best_response_to_exact_play_is_exact_play(solution):
    table = solution.optimal.astype(float)
    values = best_response(solution, table, 0)
    np.testing.assert_allclose(values[:, 0], solution.values[:, 0])


def test_chance_and_a_single_player():
    graph = reachable(Race(players=1, length=3))
    result = exploitability(graph, uniform)
    assert result.values[0] == pytest.approx(3 * (1 + 7 / 4) / 2)
    assert result.best_responses[0] == pytest.approx(3 * 7 / 4)
    assert result.exploitability == pytest.approx(3 * (7 / 4 - 1) / 2)


def test_a_policy_without_legal_actions_is_refused(solution):
    with pytest.raises(UserError, match="no weight"):
        policy_values(solution, lambda states: jnp.eye(9)[jnp.zeros(states.terminated.shape, int)])
