"""Frames of value: there and back, and rotations by hand."""

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.game import GameDefaults
from jaxplay.perspective import frame_of_rewards, frame_of_view, num_values, perspective, view_of_frame


@dataclass(frozen=True)
class Sizes(GameDefaults):
    """What frames read of a game."""

    num_players: int = 2
    zero_sum: bool = True
    min_return: float = -1.0
    max_return: float = 1.0


def game(**options: Any) -> Any:
    """A game of these sizes, for those who read nothing else of it."""
    return Sizes(**options)


PURSE = game()
ALONE = game(num_players=1, zero_sum=False)
THREE = game(num_players=3)
COMMON = game(zero_sum=False)


@pytest.mark.parametrize(("game", "values"), [(PURSE, 1), (ALONE, 1), (THREE, 3), (COMMON, 2)])
def test_there_and_back(game, values):
    assert num_values(game) == values
    player = jnp.arange(12) % game.num_players
    frame = jnp.asarray(np.random.default_rng(0).normal(size=(12, values)).astype(np.float32))
    view = view_of_frame(game, frame, player)
    assert view.shape == ((12,) if values == 1 else (12, values))
    np.testing.assert_array_equal(frame_of_view(game, view, player), frame)
    np.testing.assert_array_equal(view_of_frame(game, frame_of_view(game, view, player), player), view)


def test_one_number_changes_sign_for_the_second_player():
    assert view_of_frame(PURSE, jnp.array([[0.5], [0.5]]), jnp.array([0, 1])).tolist() == [0.5, -0.5]
    assert frame_of_view(PURSE, jnp.array([0.5, 0.5]), jnp.array([0, 1])).tolist() == [[0.5], [-0.5]]
    assert perspective(PURSE, jnp.array([0, 1])).tolist() == [[1.0], [-1.0]]


@pytest.mark.parametrize(("player", "view"), [(0, [1, 2, 3]), (1, [2, 3, 1]), (2, [3, 1, 2])])
def test_three_players_see_themselves_first_and_the_next_after(player, view):
    frame = jnp.array([1.0, 2.0, 3.0])
    assert view_of_frame(THREE, frame, jnp.array(player)).tolist() == view
    assert frame_of_view(THREE, jnp.array(view, jnp.float32), jnp.array(player)).tolist() == [1, 2, 3]
    assert (perspective(THREE, jnp.array(player)) * frame).sum() == view[0]


def test_rewards_are_scaled_to_one():
    wide = game(min_return=-8.0, max_return=4.0)
    assert frame_of_rewards(wide, jnp.array([[4.0, -4.0], [-8.0, 8.0]])).tolist() == [[0.5], [-1.0]]
    three = game(num_players=3, max_return=2.0)
    assert frame_of_rewards(three, jnp.array([2.0, 1.0, -1.0])).tolist() == [1.0, 0.5, -0.5]
