import itertools

import numpy as np
import pytest

from jaxplay.errors import UserError
from jaxplay.play.levels import FULL, LEVELS, Level, find_level

WEIGHTS, LEGAL = np.array([0.0, 0.5, 0.3, 0.2]), np.array([True, True, True, False])


def choices(level, action=1, weights=WEIGHTS, count=4000):
    luck = np.random.default_rng(3)
    drawn = [level.choose(action, weights, LEGAL, luck) for _ in range(count)]
    return np.bincount(drawn, minlength=4) / count


def test_full_strength_plays_what_is_preferred():
    assert find_level("full") is FULL and FULL.simulations(200) == 200
    np.testing.assert_array_equal(choices(FULL, action=2), [0, 0, 1, 0])


def test_blunders_are_legal_and_as_often_as_said():
    found = choices(Level("", 1.0, 0.0, 0.3))
    np.testing.assert_allclose(found, [0.1, 0.8, 0.1, 0], atol=0.02)


def test_temperatures_sample_legal_moves():
    np.testing.assert_allclose(choices(Level("", 1.0, 1.0, 0.0)), [0, 0.625, 0.375, 0], atol=0.03)
    sharp = choices(Level("", 1.0, 0.5, 0.0))
    np.testing.assert_allclose(sharp, [0, 25 / 34, 9 / 34, 0], atol=0.03)
    np.testing.assert_array_equal(choices(Level("", 1.0, 1.0, 0.0), weights=np.zeros(4)), [0, 1, 0, 0])


def test_levels_rise():
    levels = list(LEVELS.values())
    assert levels[0].name == "beginner" and levels[-1] is FULL
    for weaker, stronger in itertools.pairwise(levels):
        assert weaker.share < stronger.share and weaker.temperature >= stronger.temperature
        assert weaker.blunder >= stronger.blunder
    assert LEVELS["beginner"].simulations(16) == 2 and LEVELS["beginner"].simulations(1) == 1
    with pytest.raises(UserError, match="did you mean 'casual'"):
        find_level("casul")
