"""Glicko and Glicko-2: ratings that know how sure they are, brought up to date period by period.

Glickman, "The Glicko system" and "Example of the Glicko-2 system" (glicko.net). For players who change; a
table of games all at once is for `jaxplay.arena.elo`.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from jaxplay.errors import UserError

Q = math.log(10) / 400
SCALE = 173.7178
"""Elo points of one unit of Glicko-2's own scale, as its author rounds it."""
CENTRE = 1500.0
TOLERANCE = 1e-6
"""Of the logarithm of Glicko-2's variance of change."""


class Rated(NamedTuple):
    """A player.

    Attributes:
        rating: in Elo points.
        deviation: its standard deviation; new players have 350.
        volatility: expected change of the rating in a period, on Glicko-2's own scale; `glicko` keeps it.
    """

    rating: float = CENTRE
    deviation: float = 350.0
    volatility: float = 0.06


class Met(NamedTuple):
    """A game of the period.

    Attributes:
        opponent: as it was before the period.
        score: 1 for a win, 0.5 for a draw, 0 for a loss.
    """

    opponent: Rated
    score: float


def glicko(player: Rated, games: Sequence[Met]) -> Rated:
    """A player after a period in which it played `games`, of which there may be none.

    Raises:
        UserError: a score that is none.
    """
    information, surprise = _told(player.rating, games)
    precision = 1 / player.deviation**2 + Q**2 * information
    rating = player.rating + Q / precision * surprise
    return player._replace(rating=rating, deviation=math.sqrt(1 / precision))


def glicko2(player: Rated, games: Sequence[Met], *, tau: float = 0.5) -> Rated:
    """As `glicko`, but with a volatility that grows where results are surprising.

    Args:
        player: before the period.
        games: of the period.
        tau: how fast volatility may change; 0.3 to 1.2.

    Raises:
        UserError: a score that is none.
    """
    deviation = player.deviation / SCALE
    information, surprise = _told(player.rating, games, SCALE)
    volatility = player.volatility
    if games:
        variance = 1 / information
        volatility = _volatility(player.volatility, deviation, variance, variance * surprise, tau)
    precision = 1 / (deviation**2 + volatility**2) + information
    rating = player.rating + SCALE * surprise / precision
    return Rated(rating, SCALE / math.sqrt(precision), volatility)


def _told(rating: float, games: Sequence[Met], scale: float = 1 / Q) -> tuple[float, float]:
    """What games tell about a rating (its information), and how far it should move; in units of `scale`."""
    information = surprise = 0.0
    for (other, deviation, _), score in games:
        if not 0 <= score <= 1:
            raise UserError(f"a score is {score}; allowed: 0 to 1")
        weight = 1 / math.sqrt(1 + 3 * (deviation / scale / math.pi) ** 2)
        expected = 1 / (1 + math.exp(-weight * (rating - other) / scale))
        information += weight**2 * expected * (1 - expected)
        surprise += weight * (score - expected)
    return information, surprise


def _volatility(before: float, deviation: float, variance: float, change: float, tau: float) -> float:
    """The new volatility, by the Illinois method of the paper's step 5."""
    start = math.log(before**2)

    def slope(x: float) -> float:
        total = deviation**2 + variance + math.exp(x)
        return math.exp(x) * (change**2 - total) / (2 * total**2) - (x - start) / tau**2

    low, excess = start, change**2 - deviation**2 - variance
    if excess > 0:
        high = math.log(excess)
    else:
        steps = 1
        while slope(start - steps * tau) < 0:
            steps += 1
        high = start - steps * tau
    at_low, at_high = slope(low), slope(high)
    while abs(high - low) > TOLERANCE:
        middle = low + (low - high) * at_low / (at_high - at_low)
        at_middle = slope(middle)
        low, at_low = (high, at_high) if at_middle * at_high <= 0 else (low, at_low / 2)
        high, at_high = middle, at_middle
    return math.exp(low / 2)
