"""Ratings with a margin of draws."""

import numpy as np
import pytest

from jaxplay.arena import CrossPlay, elo, elo_with_draws, outcome_chances
from jaxplay.errors import UserError

STRENGTH = np.array([150.0, 0.0, -150.0])


def expected_games(strength, advantage, margin, games=1000.0):
    """Tables in which every outcome is as frequent as the model says."""
    apart = games * (1 - np.eye(len(strength)))
    return [apart * chance for chance in outcome_chances(strength[:, None] - strength, advantage, margin)]


def test_bayeselo_at_equal_ratings():
    """With its defaults, an advantage of 32.8 and a margin of 97.3."""
    assert outcome_chances(0.0, 32.8, 97.3) == pytest.approx((0.4082, 0.2707, 0.3211), abs=5e-5)


def test_all_that_the_model_has_is_found():
    found = elo_with_draws(*expected_games(STRENGTH, 32.8, 97.3))
    np.testing.assert_allclose(found.elo, STRENGTH, atol=1e-6)
    assert (found.advantage, found.margin) == pytest.approx((32.8, 97.3), abs=1e-6)


def test_without_draws_it_is_elo():
    wins, draws, losses = expected_games(STRENGTH, 50.0, 0.0)
    plain, found = elo(wins, draws * 0, losses, prior=1.0), elo_with_draws(wins, draws * 0, losses, prior=1.0)
    np.testing.assert_array_equal(found.elo, plain.elo)
    assert found.margin == found.margin_error == 0 and found.margin_interval() == (0, 0)


def test_errors_tell_the_spread_of_estimates():
    """Of ratings, advantage and margin; 100 games of each two from each seat."""
    rng = np.random.default_rng(0)
    chances = np.stack(outcome_chances(STRENGTH[:, None] - STRENGTH, 40.0, 120.0), axis=-1)
    estimates = []
    for _ in range(200):
        games = np.moveaxis(rng.multinomial(100, chances), -1, 0) * (1 - np.eye(3))
        estimates.append(elo_with_draws(*games))
    for value, error in (("elo", "error"), ("advantage", "advantage_error"), ("margin", "margin_error")):
        spread = np.std([getattr(e, value) for e in estimates], axis=0)
        claimed = np.mean([getattr(e, error) for e in estimates], axis=0)
        np.testing.assert_allclose(claimed, spread, rtol=0.2)
    low, high = estimates[0].margin_interval()
    assert low < 120 < high and high - low == pytest.approx(2 * 1.959964 * estimates[0].margin_error)


def test_a_prior_makes_all_finite():
    """Where all games were drawn, or one player won all."""
    drawn = 20.0 * (1 - np.eye(2))
    with pytest.raises(UserError, match="every game was drawn: set prior above 0"):
        elo_with_draws(drawn * 0, drawn, drawn * 0)
    found = elo_with_draws(drawn * 0, drawn, drawn * 0, prior=1.0)
    assert found.elo == pytest.approx([0, 0], abs=1e-6) and 300 < found.margin < 1500
    won, lost = np.array([[0.0, 20], [0, 0]]), np.array([[0.0, 0], [19, 0]])
    drawn = np.array([[0.0, 0], [1, 0]])
    with pytest.raises(UserError, match="prior"):
        elo_with_draws(won, drawn * 0, lost)
    assert elo_with_draws(won, drawn, lost, prior=1.0).elo[0] > 200


def test_cross_play_is_rated_so():
    table = CrossPlay(("a", "b", "c"), *expected_games(STRENGTH, 32.8, 97.3))
    ratings = table.ratings(prior=0.0)
    np.testing.assert_allclose(ratings.elo, STRENGTH, atol=1e-6)
    assert ratings.margin == pytest.approx(97.3, abs=1e-6)
