import numpy as np
import pytest

from jaxplay.arena import anchored, elo, outcome_chances, paired_interval, wilson
from jaxplay.errors import UserError

OPEN_SPIEL = 0.02
"""Its smoothing of .01 wins for each of a pair is this many draws."""


def test_three_wins_to_one():
    ratings = elo(np.array([[0, 3], [1, 0]]))
    assert ratings.elo[0] - ratings.elo[1] == pytest.approx(190.8485, abs=1e-4)
    assert ratings.elo.sum() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("wins", "prior", "expected"),
    [
        ([[0, 7, 9], [3, 0, 6], [1, 4, 0]], 0, [299.1867 + 0.8327, 108.2756, 0]),
        ([[0, 7, 9], [3, 0, 6], [1, 4, 0]], OPEN_SPIEL, [299.1867, 107.9832, 0]),
        ([[0, 4, 2], [1, 0, 2], [3, 3, 0]], OPEN_SPIEL, [146.5321, 0, 146.5321]),
        ([[0, 2], [1, 0]], OPEN_SPIEL, [119.5499, 0]),
        ([[0, 9, 1], [1, 0, 9], [9, 1, 0]], 0, [0, 0, 0]),
    ],
)
def test_open_spiel_numbers(wins, prior, expected):
    ratings = elo(np.array(wins), prior=prior).elo
    np.testing.assert_allclose(ratings - ratings.min(), expected, atol=1e-4)


def test_mean_zero_ratings():
    ratings = elo(np.array([[0, 7, 9], [3, 0, 6], [1, 4, 0]])).elo
    np.testing.assert_allclose(ratings, [163.9211, -27.8228, -136.0984], atol=1e-4)


def test_a_draw_is_half_a_win():
    ratings = elo(np.array([[0, 2], [1, 0]]), np.array([[0, 1], [1, 0]]), prior=OPEN_SPIEL).elo
    assert ratings[0] - ratings[1] == pytest.approx(88.2787, abs=1e-4)


def test_standard_error_near_even():
    ratings = elo(np.array([[0, 200], [200, 0]]))
    difference_error = 2 * ratings.error[0]  # mean zero: the two ratings are opposite
    assert difference_error == pytest.approx(347.4 / np.sqrt(400), abs=0.01)
    low, high = ratings.interval(0.95)
    assert high[0] - low[0] == pytest.approx(2 * 1.959964 * ratings.error[0])


def test_first_move_advantage_is_found():
    strength, advantage = np.array([120.0, 0.0, -120.0]), 80.0
    difference = strength[:, None] - strength + advantage
    wins = 1000 * (1 - np.eye(3)) / (1 + 10 ** (-difference / 400))
    losses = 1000 * (1 - np.eye(3)) - wins
    ratings = elo(wins, losses=losses)
    np.testing.assert_allclose(ratings.elo, strength, atol=1e-6)
    assert ratings.advantage == pytest.approx(advantage, abs=1e-6)
    assert 0 < ratings.advantage_error < 10
    unseated = elo(wins, wins * 0, losses * 0 + wins.T)  # each seat wins as often: no advantage to find
    assert unseated.advantage == pytest.approx(0, abs=1e-6)


def test_errors_tell_the_spread_of_estimates():
    rng = np.random.default_rng(0)
    strength = np.array([150.0, 0.0, -150.0])
    chance = 1 / (1 + 10 ** ((strength - strength[:, None]) / 400))
    estimates = []
    for _ in range(300):
        upper = np.triu(rng.binomial(100, chance), 1)
        estimates.append(elo(upper + np.triu(100 - upper, 1).T))
    spread = np.std([e.elo for e in estimates], axis=0)
    claimed = np.mean([e.error for e in estimates], axis=0)
    np.testing.assert_allclose(claimed, spread, rtol=0.15)


@pytest.mark.parametrize("wins", [[[0, 5], [0, 0]], [[0, 1, 0], [1, 0, 0], [0, 0, 0]]])
def test_infinite_ratings_are_refused_and_a_prior_mends_them(wins):
    with pytest.raises(UserError, match="prior"):
        elo(np.array(wins))
    ratings = elo(np.array(wins), prior=1.0)
    assert np.isfinite(ratings.elo).all() and np.isfinite(ratings.error).all()


def test_anchored_agrees_with_elo():
    rating, error = anchored(np.array([3]), np.array([4]), np.array([100.0]), prior=0)
    assert rating == pytest.approx(100 + 190.8485, abs=1e-4)
    assert error == pytest.approx(400 / np.log(10) / np.sqrt(4 * 0.75 * 0.25), abs=1e-6)
    with pytest.raises(UserError, match="prior"):
        anchored(np.array([4]), np.array([4]), np.array([0.0]), prior=0)
    assert 0 < anchored(np.array([4]), np.array([4]), np.array([0.0]))[0] < 1000


def test_anchored_weighs_opponents_by_what_they_tell():
    anchors = np.array([0.0, 200.0, 2000.0])
    chance = 1 / (1 + 10 ** ((anchors - 150) / 400))
    rating, _ = anchored(100 * chance, np.full(3, 100), anchors, prior=0)
    assert rating == pytest.approx(150, abs=1e-6)


def test_wilson_interval():
    low, high = wilson(0.5, 100)
    assert (low, high) == pytest.approx((0.4038315, 0.5961685), abs=1e-6)
    assert wilson(1.0, 10) == pytest.approx((0.7224672, 1.0), abs=1e-6)
    assert wilson(0.0, 10)[0] == 0


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda: wilson(np.nan, 10), "score is nan and num_games 10"),
        (lambda: wilson(0.5, 0), "num_games 0; allowed: a score from 0 to 1, num_games above 0"),
        (lambda: wilson(0.5, np.inf), "num_games inf"),
        (lambda: wilson(0.5, 10, 1.0), "confidence is 1.0; allowed: above 0 and below 1"),
        (lambda: paired_interval(np.array([])), r"shares has shape \(0,\)"),
        (lambda: paired_interval(np.zeros((2, 2))), r"shares has shape \(2, 2\)"),
        (lambda: paired_interval(np.array([0.5, np.nan])), r"shares is nan at \[1\]"),
        (lambda: paired_interval(np.array([0.5, 1.5])), r"shares lie in \[0.5, 1.5\]; allowed: 0 to 1"),
        (lambda: anchored(np.array([1.0, 2]), np.array([4.0]), np.zeros(1)), r"points has shape \(2,\)"),
        (lambda: anchored(np.array([np.nan]), np.array([4.0]), np.zeros(1)), r"points is nan at \[0\]"),
        (lambda: anchored(np.array([5.0]), np.array([4.0]), np.zeros(1)), r"points lie in \[0, num_games\]"),
        (lambda: anchored(np.array([1.0]), np.array([4.0]), np.array([np.inf])), r"anchors is inf at \[0\]"),
        (lambda: anchored(np.array([]), np.array([]), np.array([])), r"num_games has shape \(0,\)"),
        (lambda: outcome_chances(np.nan, 0.0, 0.0), "difference is nan; allowed: finite numbers"),
        (
            lambda: outcome_chances(0.0, 0.0, -1.0),
            "margin -1.0; allowed: finite numbers, the margin 0 or more",
        ),
    ],
)
def test_numbers_out_of_their_bounds_are_refused(run, message):
    with pytest.raises(UserError, match=message):
        run()
