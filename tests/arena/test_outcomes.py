import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_games import random_act

from jaxplay.arena.outcomes import load_positions, measure, outcome_kept, random_share
from jaxplay.errors import UserError
from jaxplay.games.connect_four import ConnectFour


@pytest.fixture(scope="module")
def positions():
    return load_positions()


def test_positions_are_live_and_their_columns_are_as_the_data_says(positions):
    assert positions.outcome.shape == (750, 7)
    assert not positions.states.terminated.any()
    np.testing.assert_array_equal(positions.states.legal_action_mask, positions.legal)


def test_a_move_that_ends_the_game_has_the_outcome_of_the_data(positions):
    step = jax.jit(jax.vmap(jax.vmap(ConnectFour().step, (None, 0)), (0, None)))
    after = step(positions.states, jnp.arange(7))
    won = np.asarray(after.rewards.max(axis=-1) > 0) & positions.legal
    assert won.sum() > 20
    assert (positions.outcome[won] == 1).all()


def test_perfect_play_keeps_every_outcome(positions):
    result = outcome_kept(positions.outcome.argmax(axis=1), positions)
    assert (result.share, result.won, result.drawn) == (1, 1, 1)
    assert np.isnan(result.lost)
    assert result.num_positions == (675, 75, 0)
    assert result.num_indifferent == 0


def test_worst_play_keeps_none(positions):
    worst = np.where(positions.legal, positions.outcome, 2).argmin(axis=1)
    assert outcome_kept(worst, positions).share == 0


def test_random_play_keeps_what_chance_keeps(positions):
    exact = random_share(positions)
    assert exact == pytest.approx(0.37, abs=0.01)
    shares = [measure(random_act, None, jax.random.key(i)).share for i in range(8)]
    assert np.mean(shares) == pytest.approx(exact, abs=0.02)


def test_a_full_column_is_refused(positions):
    with pytest.raises(UserError, match="full column"):
        outcome_kept(np.where(positions.legal.all(axis=1), 0, positions.legal.argmin(axis=1)), positions)
