"""The examples of Glickman's two papers."""

import pytest

from jaxplay.arena import Met, Rated, glicko, glicko2
from jaxplay.errors import UserError

PLAYER = Rated(1500, 200)
GAMES = [Met(Rated(1400, 30), 1), Met(Rated(1550, 100), 0), Met(Rated(1700, 300), 0)]


def test_glicko():
    assert glicko(PLAYER, GAMES) == pytest.approx((1464.106, 151.399, 0.06), abs=5e-4)


def test_glicko_2():
    found = glicko2(PLAYER, GAMES)
    assert found[:2] == pytest.approx((1464.051, 151.517), abs=5e-4)
    assert found.volatility == pytest.approx(0.0599960, abs=1e-7)


def test_a_period_without_games():
    """Nothing is learned; Glicko-2's deviation grows with the volatility."""
    assert glicko(PLAYER, []) == pytest.approx(PLAYER)
    rating, deviation, volatility = glicko2(PLAYER, [])
    assert (rating, volatility) == (1500, 0.06)
    assert deviation == pytest.approx((200**2 + (0.06 * 173.7178) ** 2) ** 0.5)


def test_a_great_surprise_makes_a_player_volatile():
    weak, strong = Rated(1500, 30), Rated(2100, 30)
    assert glicko2(weak, [Met(strong, 1)] * 10).volatility > 0.0605
    assert glicko2(weak, [Met(strong, 0)] * 10).volatility < 0.06


def test_scores():
    with pytest.raises(UserError, match="a score is 2; allowed: 0 to 1"):
        glicko(PLAYER, [Met(PLAYER, 2)])
