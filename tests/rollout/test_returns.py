"""What a game came to, and returns that no game may have."""

import jax.numpy as jnp
import numpy as np
import pytest
from small_games import Nim, Race

from jaxplay.errors import UserError
from jaxplay.rollout.episode import final_returns
from jaxplay.rollout.sanity import LAWS, broken_by_games, check_laws


def test_a_cut_game_is_a_draw_if_it_is_of_zero_sum():
    returns, cut = jnp.array([[1.0, -1.0], [3.0, -3.0]]), jnp.array([False, True])
    np.testing.assert_array_equal(final_returns(Race(), returns, cut), [[1, -1], [0, 0]])
    alone = final_returns(Race(players=1), returns[:, :1], cut)
    np.testing.assert_array_equal(alone, [[1], [3]])


RETURNS = [[1, -1], [np.nan, 0], [1, -np.inf], [2, -2], [-1, -1], [1, 0], [1.00001, -1], [np.nan, 0]]


def test_returns_are_held_against_the_laws():
    ended = np.arange(len(RETURNS)) < len(RETURNS) - 1
    found = broken_by_games(Nim(), jnp.array(RETURNS), jnp.array(ended))
    assert (found["bad_rewards"], found["bad_returns"]) == (4, 1)
    alone = broken_by_games(Race(players=1), jnp.array([[12.0], [12.1], [-0.1]]), jnp.ones(3, bool))
    assert (alone["bad_rewards"], alone["bad_returns"]) == (0, 2)


def test_the_law_that_is_broken_is_named():
    check_laws(Nim(), dict.fromkeys(LAWS, 0))
    for name, law in LAWS.items():
        with pytest.raises(UserError, match=rf"Nim\(.*\) breaks a law of games: 3 {law}"):
            check_laws(Nim(), {name: 3})
