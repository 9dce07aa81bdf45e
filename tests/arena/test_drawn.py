"""Ratings with a margin of draws."""

from itertools import product

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
    with pytest.raises(UserError, match="without a finite value the margin of draws: set prior above 0"):
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


DIRECTIONS = [v for v in product((-2, -1, 0, 1, 2), (-2, -1, 0, 1, 2), (0, 1, 2)) if any(v)]
"""Of the lead of player 0, what moving first is worth, and the margin."""


def falls(wins, draws, losses, direction):
    """Whether the likelihood of games of two falls along a direction, far out."""
    gap, advantage, margin = direction
    total = 0
    for seat, lead in ((0, gap + advantage), (1, advantage - gap)):
        total += wins[seat] * min(0, lead - margin) + losses[seat] * min(0, -lead - margin)
        total += draws[seat] * min(0, margin - abs(lead))
    return total < 0


@pytest.mark.parametrize("seen", [*product((0, 1), repeat=4)])
def test_maxima_that_do_not_exist_are_refused_and_all_others_found(seen):
    """Of all tables of two players in which each outcome was seen from each seat, or not; some draws."""
    for draws in ((1, 0), (1, 1)):
        wins, losses = seen[:2], seen[2:]
        tables = [np.array([[0.0, first], [second, 0.0]]) for first, second in (wins, draws, losses)]
        exists = all(falls(wins, draws, losses, direction) for direction in DIRECTIONS)
        if exists:
            found = elo_with_draws(*tables)
            assert np.isfinite([*found.elo, found.advantage, found.margin]).all() and found.margin < 2000
        else:
            with pytest.raises(UserError, match="without a finite value"):
                elo_with_draws(*tables)
        assert np.isfinite(elo_with_draws(*tables, prior=1.0).elo).all()


def test_who_or_what_has_no_finite_value_is_named():
    games = np.array([[0.0, 3, 2, 2], [2, 0, 2, 2], [0, 0, 0, 3], [0, 0, 1, 0]])
    table = CrossPlay(
        ("ann", "bob", "cid", "dan"), games, games * 0, np.triu(games, 1).T + np.tril(games, -1).T
    )
    with pytest.raises(UserError, match="value how far ann, bob is above cid, dan: set prior above 0"):
        elo(games, names=table.names)
    half = 5.0 * (1 - np.eye(2))
    with pytest.raises(UserError, match="value what moving first is worth and the margin of draws: set"):
        elo_with_draws(half, half, 0 * half)
    once = np.array([[0.0, 5], [0, 0]])  # a always moved first: which of the two it was, nobody can tell
    with pytest.raises(
        UserError, match=r"value how far player \d is above player \d and what moving first is worth"
    ):
        elo(once, losses=once)


ODD = np.array([[0.0, 1], [1, 0]])


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ((ODD * np.nan,), r"wins is nan at \[0, 0\]; allowed: finite numbers"),
        ((ODD, np.full((2, 2), np.inf)), r"draws is inf at \[0, 0\]"),
        ((-ODD,), "wins has -1; allowed: numbers of games, 0 or more"),
        ((ODD[:1],), r"wins has shape \(1, 2\); allowed: \(N, N\) with N from 2"),
        ((np.zeros((0, 0)),), r"wins has shape \(0, 0\)"),
        (([[0]],), r"wins has shape \(1, 1\)"),
        ((ODD, np.zeros((3, 3))), r"draws has shape \(3, 3\); allowed: \(2, 2\), as wins"),
        ((ODD, np.triu(ODD)), "draws are not symmetric"),
        (("wins",), "wins is no array of numbers"),
        ((ODD, None, ODD[0]), r"losses has shape \(2,\)"),
    ],
)
def test_tables_that_are_none_are_refused(tables, message):
    with pytest.raises(UserError, match=message):
        elo(*tables)
    if len(tables) == 3:
        with pytest.raises(UserError, match=message):
            elo_with_draws(*tables)
    with pytest.raises(UserError, match="prior is nan; allowed: 0 or more"):
        elo(ODD, prior=np.nan)
