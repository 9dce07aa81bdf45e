from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_games import random_act

from jaxplay.arena.outcomes import load_positions, measure, moves, outcome_kept, random_share
from jaxplay.errors import UserError
from jaxplay.games.connect_four import ConnectFour


@pytest.fixture(scope="module")
def positions():
    return load_positions()


both = pytest.mark.parametrize(("name", "number"), [("tuned", 750), ("held_out", 1000)])


@both
def test_positions_are_live_and_their_columns_are_as_the_data_says(name, number):
    positions = load_positions(name)
    assert positions.outcome.shape == (number, 7)
    assert not positions.states.terminated.any()
    np.testing.assert_array_equal(positions.states.legal_action_mask, positions.legal)


@both
def test_a_move_that_ends_the_game_has_the_outcome_of_the_data(name, number):
    positions = load_positions(name)
    step = jax.jit(jax.vmap(jax.vmap(ConnectFour().step, (None, 0)), (0, None)))
    after = step(positions.states, jnp.arange(7))
    won = np.asarray(after.rewards.max(axis=-1) > 0) & positions.legal
    assert won.sum() > 20
    assert (positions.outcome[won] == 1).all()


def test_no_position_is_in_both_sets():
    tuned, held_out = ({tuple(line) for line in moves(name).tolist()} for name in ("tuned", "held_out"))
    assert not tuned & held_out and len(held_out) == 1000


def has_four(stones: int) -> bool:
    """Of one side, a column seven bits."""
    pairs = ((stones & (stones >> step), step) for step in (1, 6, 7, 8))
    return any(pair & (pair >> 2 * step) for pair, step in pairs)


def test_a_plain_search_agrees_with_the_held_out_set():
    """Of positions with 26 stones, by a search of all that can follow."""

    @cache
    def value(own: int, taken: int) -> int:
        """For the side to move, which has the stones `own`."""
        return max((after(own, taken, column) for column in range(7) if room(taken, column)), default=0)

    def room(taken: int, column: int) -> int:
        return (taken + (1 << 7 * column)) & (0b111111 << 7 * column)

    def after(own: int, taken: int, column: int) -> int:
        stone = room(taken, column)
        return 1 if has_four(own | stone) else -value(own ^ taken, taken | stone)

    positions, lines = load_positions("held_out"), moves("held_out")
    for number in np.flatnonzero(lines.min(axis=1) >= 0)[:8]:
        own = taken = 0
        for column in lines[number].tolist():
            stone = room(taken, column)
            own, taken = own ^ taken, taken | stone
        found = [after(own, taken, column) if room(taken, column) else -1 for column in range(7)]
        assert found == positions.outcome[number].tolist()


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
