"""Measures of populations: reference numbers, a linear program as oracle, and tables made of matches."""

import numpy as np
import pytest

from jaxplay.arena import ArenaResult, elo
from jaxplay.arena.crossplay import tabulate
from jaxplay.arena.population import (
    alpha_rank,
    disc_game,
    effective_diversity,
    nash_average,
    relative_performance,
)
from jaxplay.errors import UserError

RPS = np.array([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]])
LADDER = np.array([[0.0, -1, -1], [1, 0, -1], [1, 1, 0]])
OPEN_SPIEL_GAME = np.array(
    [[0.0, 234, 34, -270], [-234, 0, -38, -464], [-34, 38, 0, -270], [270, 464, 270, 0]]
)
CIRCLE = np.array([[np.cos(a), np.sin(a)] for a in np.arange(8) * np.pi / 4])


@pytest.mark.parametrize(
    ("payoff", "mixture", "skill"),
    [
        (RPS, [1 / 3, 1 / 3, 1 / 3], [0, 0, 0]),
        (LADDER, [0, 0, 1], [-1, -1, 0]),
        (OPEN_SPIEL_GAME, [0, 0, 0, 1], [-270, -464, -270, 0]),
        (RPS[np.ix_([0, 0, 1, 2], [0, 0, 1, 2])], [1 / 6, 1 / 6, 1 / 3, 1 / 3], [0, 0, 0, 0]),
    ],
    ids=["rock-paper-scissors", "transitive", "OpenSpiel's", "rock twice"],
)
def test_nash_averaging(payoff, mixture, skill):
    found = nash_average(payoff)
    np.testing.assert_allclose(found.mixture, mixture, atol=1e-4)
    np.testing.assert_allclose(found.skill, skill, atol=1e-4)


def test_copies_change_nobodys_skill():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(6, 6))
    payoff = np.tanh(noise - noise.T)
    twice = [0, 1, 2, 3, 4, 5, 1, 1, 4]
    once, copied = nash_average(payoff), nash_average(payoff[np.ix_(twice, twice)])
    np.testing.assert_allclose(copied.skill[:6], once.skill, atol=1e-3)
    shares = np.bincount(twice, weights=copied.mixture)
    np.testing.assert_allclose(shares, once.mixture, atol=5e-3)


def test_log_odds_of_a_ladder_are_elo():
    strength = np.array([120.0, 0.0, -200.0])
    chance = 1 / (1 + 10 ** ((strength - strength[:, None]) / 400))
    table = tabulate("abc", [])._replace(wins=100 * chance, losses=100 * (1 - chance))
    skill = nash_average(table.log_odds(prior=0) * 400 / np.log(10)).skill
    np.testing.assert_allclose(skill - skill[0], strength - strength[0], atol=1e-6)
    np.testing.assert_allclose(
        elo(table.wins, losses=table.losses).elo, strength - strength.mean(), atol=1e-6
    )


def test_disc_game():
    assert disc_game(np.array([[1, 0]]), np.array([[0, 1]])) == 1
    half = CIRCLE[:4]
    assert relative_performance(disc_game(CIRCLE, half)) == pytest.approx(0.353553, abs=1e-5)
    assert relative_performance(disc_game(CIRCLE, CIRCLE)) == pytest.approx(0, abs=1e-6)


def test_relative_performance_of_parts_of_rock_paper_scissors():
    assert relative_performance(RPS) == pytest.approx(0, abs=1e-6)
    assert relative_performance(RPS[[0, 1, 1]]) == pytest.approx(-1 / 3, abs=1e-5)  # without scissors
    assert relative_performance(RPS[:, [0, 0, 0]]) == pytest.approx(1)  # all against rock
    assert relative_performance(RPS[[1, 1, 1]]) == pytest.approx(-1)  # paper against all


def test_diversity():
    assert effective_diversity(RPS) == pytest.approx(1 / 3, abs=1e-5)
    assert effective_diversity(LADDER) == pytest.approx(0, abs=1e-6)
    assert effective_diversity(RPS[np.ix_([0, 0, 1, 2], [0, 0, 1, 2])]) == pytest.approx(1 / 3, abs=1e-4)
    assert effective_diversity(np.zeros((3, 3))) == 0


def test_alpha_rank_of_the_published_game():
    r, t, p, s, delta, eps = 1.0, 2.0, 0.0, -1.0, 4.0, 0.25
    payoff = [
        [r - eps / 2, r - eps, 0, s + delta - eps, r - eps],
        [r, r, s, s, s],
        [0, t, p, p, p],
        [t - delta, t, p, p, p],
        [r, t, p, p, p],
    ]
    found = alpha_rank(np.array(payoff), alpha=0.1, population_size=20)
    expected = [0.40966787, 0.07959841, 0.20506998, 0.08505983, 0.2206039]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert found.sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(alpha_rank(RPS), 1 / 3, atol=1e-4)
    with pytest.raises(UserError, match="population_size 2 or more"):
        alpha_rank(RPS, population_size=1)


@pytest.mark.parametrize("payoff", [np.ones((2, 2)), RPS + 0.01])
def test_what_is_not_antisymmetric_is_refused(payoff):
    with pytest.raises(UserError, match="antisymmetric"):
        nash_average(payoff)


def match(first: str, second: str, *counts: tuple[int, int]) -> ArenaResult:
    """A match with wins, draws and losses of the first player, by its seat."""
    games = [(seat, 1 - i) for i, seats in enumerate(counts) for seat in (0, 1) for _ in range(seats[seat])]
    seats = np.array([(seat, 1 - seat) for seat, _ in games])
    returns = np.array([(sign, -sign) if seat == 0 else (-sign, sign) for seat, sign in games])
    zeros = np.zeros(len(games), bool)
    return ArenaResult((first, second), np.arange(2), seats, returns, zeros + 9, zeros)


def test_a_table_of_matches():
    matches = [match("a", "b", (3, 2), (1, 0), (1, 3)), match("c", "a", (0, 1), (2, 2), (3, 2))]
    table = tabulate(["a", "b", "c"], matches)
    assert table.wins.tolist() == [[0, 3, 2], [3, 0, 0], [0, 0, 0]]
    assert table.draws.tolist() == [[0, 1, 2], [0, 0, 0], [2, 0, 0]]
    assert table.losses.tolist() == [[0, 1, 1], [2, 0, 0], [3, 0, 0]]
    assert table.num_games.tolist() == [[0, 10, 10], [10, 0, 0], [10, 0, 0]]
    np.testing.assert_allclose(table.score, [[0.5, 0.55, 0.7], [0.45, 0.5, 0.5], [0.3, 0.5, 0.5]])
    np.testing.assert_allclose(table.payoff, -table.payoff.T, atol=1e-12)
    assert table.log_odds()[0, 2] == pytest.approx(np.log(7.5 / 3.5))
    assert tabulate(["a", "b", "c"], matches * 2).num_games[0, 1] == 20
    assert table.mean_return is not None
    np.testing.assert_allclose(table.mean_return[0], [np.nan, 0.1, 0.4])
    with pytest.raises(UserError, match="a - d is no match between two of: a, b, c"):
        tabulate(["a", "b", "c"], [match("a", "d", (1, 0), (0, 0), (0, 0))])


def test_three_points_to_one_by_draws_and_from_both_seats():
    """Elo's reference difference, 400 log10(3), where draws and the first move have their part."""
    drawn = elo(np.array([[0, 2], [0, 0]]), np.array([[0, 2], [2, 0]])).elo  # 3 points of 4
    assert drawn[0] - drawn[1] == pytest.approx(190.8485, abs=1e-4)
    # Odds of 3 to 1, times or over odds of 2 to 1 for the first move: 12 points of 14, and 2 of 5.
    wins, draws, losses = np.array([[[0, 11], [1, 0]], [[0, 2], [2, 0]], [[0, 1], [2, 0]]])
    ratings = elo(wins, draws, losses)
    assert ratings.elo[0] - ratings.elo[1] == pytest.approx(190.8485, abs=1e-4)
    assert ratings.advantage == pytest.approx(400 * np.log10(2), abs=1e-4)


TABLES = (nash_average, alpha_rank, effective_diversity, relative_performance)


@pytest.mark.parametrize("run", TABLES)
@pytest.mark.parametrize(
    ("payoff", "message"),
    [
        (np.full((2, 2), np.nan), r"payoff is nan at \[0, 0\]; allowed: finite numbers"),
        ([[0, np.inf], [-np.inf, 0]], r"payoff is inf at \[0, 1\]"),
        (np.zeros((0, 0)), r"payoff has shape \(0, 0\); allowed: \(N, "),
        (np.zeros(3), r"payoff has shape \(3,\)"),
        ([[0, 1], [0]], "payoff is no array of numbers"),
    ],
)
def test_tables_that_are_none_are_refused(run, payoff, message):
    with pytest.raises(UserError, match=message):
        run(payoff)


def test_odd_shapes_are_refused_by_name():
    for run in TABLES[:3]:
        with pytest.raises(UserError, match=r"payoff has shape \(2, 3\); allowed: \(N, N\)"):
            run(np.zeros((2, 3)))
    with pytest.raises(UserError, match=r"second has shape \(1, 3\); allowed: \(N, 2\)"):
        disc_game(np.zeros((1, 2)), np.zeros((1, 3)))
    with pytest.raises(UserError, match=r"first is nan at \[0, 1\]"):
        disc_game(np.array([[0, np.nan]]), np.zeros((1, 2)))
    with pytest.raises(UserError, match="with prior 0 some odds are not finite; allowed: above 0"):
        tabulate(["a", "b"], []).log_odds(prior=0)
