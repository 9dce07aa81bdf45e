import math
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_games import Nim, NimState, Race

from jaxplay.errors import UserError
from jaxplay.games.connect_four import ConnectFour
from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.solve import reachable, solve
from jaxplay.struct import replace


@pytest.fixture(scope="module")
def tic_tac_toe():
    return solve(TicTacToe())


def test_tic_tac_toe_is_known(tic_tac_toe):
    graph = tic_tac_toe.graph
    assert graph.num_states == 5478
    assert graph.num_lines() == 255_168
    assert graph.states.terminated.sum() == 958
    assert len(graph.levels[0]) == 958
    np.testing.assert_array_equal(tic_tac_toe.values[0], [0, 0])
    assert tic_tac_toe.optimal[0].all()  # every first move draws


def test_tic_tac_toe_replies(tic_tac_toe):
    graph = tic_tac_toe.graph
    corner, centre, edge = (graph.child[0, action] for action in (0, 4, 1))
    np.testing.assert_array_equal(np.flatnonzero(tic_tac_toe.optimal[corner]), [4])
    np.testing.assert_array_equal(np.flatnonzero(tic_tac_toe.optimal[centre]), [0, 2, 6, 8])
    np.testing.assert_array_equal(np.flatnonzero(tic_tac_toe.optimal[edge]), [0, 2, 4, 7])


def test_values_are_zero_sum_and_equal_the_best_action(tic_tac_toe):
    values, q = tic_tac_toe.values, tic_tac_toe.action_values
    np.testing.assert_array_equal(values.sum(axis=1), 0)
    live = ~tic_tac_toe.graph.states.terminated
    mover = tic_tac_toe.graph.player[live]
    np.testing.assert_array_equal(q[live].max(axis=1), values[live][np.arange(live.sum()), mover])
    assert (q[~live] == -np.inf).all() and not tic_tac_toe.optimal[~live].any()


def test_index_can_be_asked_under_jit_first():
    """The table that finds positions is made under `jax.jit`, and is used outside afterwards."""
    solution = solve(Nim())
    states = jax.tree.map(jnp.asarray, solution.graph.states)
    everybody = np.arange(solution.graph.num_states)
    np.testing.assert_array_equal(jax.jit(solution.index)(states), everybody)
    np.testing.assert_array_equal(solution.index(states), everybody)


def test_index_finds_every_state_and_no_other(tic_tac_toe):
    index = jax.jit(tic_tac_toe.graph.table.index)
    states = tic_tac_toe.graph.states
    np.testing.assert_array_equal(index(states), np.arange(5478))
    absent = replace(states, stones=states.stones ^ np.uint32(1 << 20))
    assert (np.asarray(index(absent)) == -1).all()


@pytest.mark.parametrize("piles", [(2, 2), (3, 4, 5)])
def test_nim_is_won_where_the_xor_is_not_zero(piles):
    solution = solve(Nim(piles))
    states = solution.graph.states
    live = ~states.terminated
    winning = np.bitwise_xor.reduce(states.piles, axis=1) != 0
    value = solution.values[np.arange(len(live)), states.current_player]
    np.testing.assert_array_equal(value[live], np.where(winning, 1, -1)[live])
    assert (solution.distance[live] <= states.piles.sum(axis=1)[live]).all()


def test_winners_hurry_and_losers_delay():
    solution = solve(Nim((2, 2)))
    assert solution.optimal[0].sum() == 4  # a lost position: every move is as good
    assert solution.distance[0] == 4
    np.testing.assert_array_equal(np.flatnonzero(solution.fastest[0]), [0, 2])  # single objects
    one_pile = solution.graph.child[0, 1]  # the first pile is gone: the winner takes the other at once
    assert solution.distance[one_pile] == 1
    np.testing.assert_array_equal(np.flatnonzero(solution.fastest[one_pile]), [3])


def test_rewards_on_the_way_chance_and_double_moves():
    # v: one turn left; w: two. The mover rolls: 7/4 at once, then half the time it moves on.
    solution = solve(Race(length=3))
    v = 7 / 4
    w = 7 / 4 + 0.5 * v - 0.5 * v
    u = 7 / 4 + 0.5 * w - 0.5 * w
    np.testing.assert_allclose(solution.values[0], [u, -u])
    np.testing.assert_allclose(solution.action_values[0], [1 - w, u])
    assert solution.action_values.shape[1] == 2  # actions, not outcomes
    assert solution.distance[0] == 6  # three rolls and three outcomes


def test_three_players_each_take_the_best_for_themselves():
    solution = solve(Race(players=3, length=4))
    expected = np.zeros(3)
    for ply in range(4):  # the turn has passed k times, each with probability 1/2
        for passes in range(ply + 1):
            expected[passes % 3] += 7 / 4 * math.comb(ply, passes) / 2**ply
    np.testing.assert_allclose(solution.values[0], expected)


@dataclass(frozen=True)
class Loop(Nim):
    """Nim in which taking one object from the first pile puts it back."""

    def step(self, state: NimState, action: jax.Array) -> NimState:
        after = super().step(state, action)
        same = replace(state, current_player=1 - state.current_player)
        return jax.tree.map(lambda a, b: jnp.where(action == 0, a, b), same, after)


def test_games_that_repeat_positions_are_refused():
    with pytest.raises(UserError, match="repeat"):
        solve(Loop((2, 1)))


def test_hidden_information_is_refused():
    @dataclass(frozen=True)
    class Dark(Nim):
        perfect_information: bool = False

    with pytest.raises(UserError, match="hides information"):
        solve(Dark())


def test_large_games_are_refused_with_an_estimate():
    with pytest.raises(UserError, match=r"at least about \de\+0\d within \d+ plies, allowed: 1000000"):
        solve(ConnectFour())


def test_the_limit_is_kept_where_the_estimate_is_too_low():
    with pytest.raises(UserError, match="more than 5000 states"):
        reachable(TicTacToe(), max_states=5000)


def test_a_position_at_several_depths_is_one():
    # Five objects; after the first move any fewer may be left to player 1, and then to player 0.
    graph = reachable(Nim((5,)))
    assert graph.num_states == 1 + 5 + 4
    assert graph.num_lines() == 2**4
