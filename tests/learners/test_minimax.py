"""What an exploiter learns from its opponent's estimates, by hand."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.learners import minimax_value_target, weight_at
from jaxplay.rollout import Trajectory

GAME = TicTacToe()


def moves(
    player: list[int],
    rewards: list[float],
    terminated: list[bool],
    truncated: list[bool],
    thought: list[float],
    replied: list[bool],
) -> Trajectory:
    """Trajectory of one ply, one of each match, whose searches found 0.25 for player 0.

    The opponent `thought` so well of the position behind each move for itself, where it `replied`.
    """
    batch = (1, len(player))
    nothing = jnp.zeros(batch, jnp.float32)
    return Trajectory(
        state=None,
        player=jnp.array([player], jnp.int32),
        action=nothing.astype(jnp.int32),
        legal_action_mask=jnp.ones((*batch, 9), bool),
        policy_target=jnp.zeros((*batch, 9)),
        log_prob=nothing,
        value=jnp.full((*batch, 1), 0.25),
        rewards=jnp.array(rewards, jnp.float32).reshape(*batch, 1),
        terminated=jnp.array([terminated]),
        truncated=jnp.array([truncated]),
        policy_weight=nothing,
        value_weight=nothing,
        opponent_value=jnp.array([thought]),
        opponent_known=jnp.array([replied]),
    )


def test_a_move_may_hope_for_what_the_opponent_fears():
    """Both seats; then a win, a cut game, and a move behind which the opponent did not move."""
    over, cut = ([i == k for i in range(5)] for k in (2, 3))
    thought, replied = [-0.5, -0.5, 0.75, -0.5, -0.5], [True, True, True, True, False]
    played = moves([0, 1, 1, 0, 0], [0.0, 0.0, -1.0, 0.0, 0.0], over, cut, thought, replied)
    found = minimax_value_target(GAME, played)
    np.testing.assert_allclose(found.value[0, :, 0], [0.5, -0.5, -1.0, 0.25, 0.25])
    assert found.rewards is played.rewards


def test_rewards_on_the_way_are_hoped_for_too():
    played = moves([1], [-0.125], [False], [False], [-0.5], [True])
    found = minimax_value_target(GAME, played)
    np.testing.assert_allclose(found.value, [[[-0.625]]])


def test_the_weight_falls_in_a_line_and_stays_at_nothing():
    updates = jnp.array([0, 1, 2, 4, 100], jnp.int32)
    at = jax.jit(jax.vmap(lambda n: weight_at(0.5, 4, n)))
    np.testing.assert_array_equal(at(updates), [0.5, 0.375, 0.25, 0.0, 0.0])
    stays = jax.vmap(lambda n: weight_at(0.5, 0, n))(updates)
    np.testing.assert_array_equal(stays, [0.5] * 5)
    assert stays.dtype == at(updates).dtype == jnp.float32
