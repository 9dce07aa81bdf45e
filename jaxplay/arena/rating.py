"""Ratings: Elo by maximum likelihood in the Bradley-Terry model, and intervals of a score.

The model: `P(i beats j) = 1 / (1 + 10^((R_j - R_i - advantage) / 400))` where i moves first. A draw
is half a win and half a loss. Bradley and Terry (1952), Biometrika 39; Hunter (2004), Annals of
Statistics 32.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from jaxplay.arena.existence import check_maximum
from jaxplay.errors import UserError
from jaxplay.matrix_games.checks import finite, has_shape, square

ELO = 400 / math.log(10)
"""Elo points in one unit of log odds."""
MAX_NEWTON_STEPS = 200
TOLERANCE = 1e-12
"""The last step of Newton's method, in log odds."""


class Ratings(NamedTuple):
    """What `elo` found for N players."""

    elo: np.ndarray
    """`(N,)` float64, in Elo points; mean zero."""
    error: np.ndarray
    """`(N,)` float64: standard errors in Elo points, from the Fisher information, prior included; draws,
    which count as half a win and half a loss, make them larger than need be."""
    advantage: float
    """Elo points that moving first is worth; 0 where it was not fitted."""
    advantage_error: float
    margin: float = 0.0
    """Of draws, in Elo points (`jaxplay.arena.elo_with_draws`); 0 where it was not fitted."""
    margin_error: float = 0.0

    def interval(self, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Normal approximation: lower and upper bounds of `elo`, each `(N,)`."""
        margin = _quantile(confidence) * self.error
        return self.elo - margin, self.elo + margin

    def advantage_interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Lower and upper bound of `advantage`, as `interval`."""
        margin = _quantile(confidence) * self.advantage_error
        return self.advantage - margin, self.advantage + margin

    def margin_interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Lower and upper bound of `margin`, as `interval`."""
        half = _quantile(confidence) * self.margin_error
        return self.margin - half, self.margin + half


def wilson(score: float, num_games: float, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a proportion (1927), which stays inside [0, 1].

    Args:
        score: share of the points won, in [0, 1].
        num_games: games played; more than 0.
        confidence: chance that such intervals hold the truth.

    Raises:
        UserError: a number out of its bounds.
    """
    if not (0 <= score <= 1 and 0 < num_games < math.inf):
        given = f"score is {score} and num_games {num_games}"
        raise UserError(f"{given}; allowed: a score from 0 to 1, num_games above 0")
    z = _quantile(confidence)
    scale = 1 + z * z / num_games
    centre = (score + z * z / (2 * num_games)) / scale
    variance = score * (1 - score) / num_games + (z / (2 * num_games)) ** 2
    margin = z * math.sqrt(max(variance, 0.0)) / scale
    return (0.0 if score == 0 else centre - margin), (1.0 if score == 1 else centre + margin)


def paired_interval(shares: np.ndarray, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of the mean score of games of which each two depend on each other, as do those of an opening.

    By the spread of pairs, as Agresti and Coull (1998, The American Statistician 52) do it for proportions:
    with z^2 pairs more, half of them won and half of them lost. So it is not too narrow where all is won, and
    no narrower than their interval where the two games of each pair come to the same.

    Args:
        shares: `(n,)`, of the points of each pair, in [0, 1].
        confidence: chance that such intervals hold the truth.

    Raises:
        UserError: no shares, or some out of their bounds.
    """
    shares, z = finite("shares", shares), _quantile(confidence)
    has_shape("shares", shares.shape, "(n,), n from 1", holds=shares.ndim == 1)
    if shares.min() < 0 or shares.max() > 1:
        raise UserError(f"shares lie in [{shares.min():g}, {shares.max():g}]; allowed: 0 to 1")
    number = len(shares) + z * z
    centre = (shares.sum() + z * z / 2) / number
    spread = ((shares - centre) ** 2).sum() + z * z / 2 * ((1 - centre) ** 2 + centre**2)
    margin = z * math.sqrt(spread) / number
    return max(0.0, float(centre - margin)), min(1.0, float(centre + margin))


def standard_error(values: np.ndarray) -> float:
    """Of the mean of values `(n,)` that do not depend on each other; nan of a single one."""
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.nan


def mean_interval(values: np.ndarray, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of the mean of values `(n,)` that do not depend on each other; normal approximation."""
    mean, margin = float(np.mean(values)), _quantile(confidence) * standard_error(values)
    return mean - margin, mean + margin


def elo(
    wins: np.ndarray,
    draws: np.ndarray | None = None,
    losses: np.ndarray | None = None,
    *,
    prior: float = 0.0,
    names: Sequence[str] | None = None,
) -> Ratings:
    """Ratings of N players from a table of their games.

    Args:
        wins: `(N, N)`: games that the row won against the column.
        draws: `(N, N)`, symmetric: games that the two drew. None: no draws.
        losses: `(N, N)`: games that the row lost. If given, the row moved first in every game of
            the three tables (so `draws` need not be symmetric), and the advantage of moving first is
            fitted too. None: the row's losses are the column's wins, and there is no advantage.
        prior: virtual draws for each pair of players, as many from each seat. With them everything is finite;
            without, a player that won all its games has no finite rating.
        names: of the players, for errors; default: their numbers.

    Raises:
        UserError: a bad table; or the games leave ratings, or the advantage, without a single finite value.
    """
    wins, draws, losses_or_none = check_games(wins, draws, losses, prior)
    virtual = prior * (1 - np.eye(len(wins)))
    if losses_or_none is None:
        if not np.array_equal(draws, draws.T):
            raise UserError("draws are not symmetric; allowed: so, unless losses are given")
        points = wins + (draws + virtual) / 2
        points, num_games = np.triu(points), np.triu(points + points.T)
    else:
        points = wins + draws / 2 + virtual / 4
        num_games = wins + draws + losses_or_none + virtual / 2
    first_move = losses_or_none is not None
    if prior == 0:
        _check_maximum(points, num_games, first_move=first_move, names=names)
    return _fit(points, num_games, first_move=first_move)


def check_games(
    wins: Any, draws: Any, losses: Any, prior: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Tables of games as float64, `(N, N)` each; draws that are not given are none.

    Raises:
        UserError: a table of another shape, or with numbers that count no games; or a bad prior.
    """
    wins = square("wins", wins, least=2)
    draws = np.zeros_like(wins) if draws is None else square("draws", draws, least=2)
    losses = None if losses is None else square("losses", losses, least=2)
    for name, table in (("wins", wins), ("draws", draws), ("losses", losses)):
        if table is not None:
            has_shape(name, table.shape, f"{wins.shape}, as wins", holds=table.shape == wins.shape)
            if table.min() < 0:
                raise UserError(f"{name} has {table.min():g}; allowed: numbers of games, 0 or more")
    if not 0 <= prior < math.inf:
        raise UserError(f"prior is {prior}; allowed: 0 or more games")
    return wins, draws, losses


def anchored(
    points: np.ndarray, num_games: np.ndarray, anchors: np.ndarray, prior: float = 1.0
) -> tuple[float, float]:
    """Rating of one player against opponents whose ratings are fixed.

    Args:
        points: `(N,)`: scored against each opponent, a draw being half a point.
        num_games: `(N,)`: played against each.
        anchors: `(N,)`: the opponents' ratings in Elo points.
        prior: virtual draws, shared among the opponents by the games played.

    Returns:
        Rating and standard error, in Elo points.

    Raises:
        UserError: bad numbers, or no games; or all won or all lost, and `prior` is 0.
    """
    points, num_games = finite("points", points), finite("num_games", num_games)
    anchors = finite("anchors", anchors)
    for name, values in (("num_games", num_games), ("points", points), ("anchors", anchors)):
        has_shape(name, values.shape, "(N,), the same for all", holds=values.shape == num_games.shape[:1])
    if not (0 <= prior < math.inf and (points >= 0).all() and (points <= num_games).all()):
        raise UserError("points lie in [0, num_games] and prior is 0 or more; here they do not")
    if num_games.sum() == 0:
        raise UserError("a rating needs games")
    share = prior * num_games / num_games.sum()
    points, num_games = points + share / 2, num_games + share
    if not 0 < points.sum() < num_games.sum():
        raise UserError("a player that won or lost every game has no finite rating without a prior")
    low, high = float(np.min(anchors)) - 8000, float(np.max(anchors)) + 8000
    for _ in range(60):
        middle = (low + high) / 2
        expected = (num_games * expected_score(middle - anchors)).sum()
        low, high = (middle, high) if expected < points.sum() else (low, middle)
    chance = expected_score(low - anchors)
    return low, ELO / math.sqrt((num_games * chance * (1 - chance)).sum())


def lead_design(seen: np.ndarray) -> np.ndarray:
    """`(n, N + 1)`: leads of rows over columns, of ratings and the advantage, where `seen` `(N, N)`."""
    (row, column), players = np.nonzero(seen), np.eye(len(seen))
    return np.hstack([players[row] - players[column], np.ones((len(row), 1))])


def _check_maximum(
    points: np.ndarray, num_games: np.ndarray, *, first_move: bool, names: Sequence[str] | None
) -> None:
    """Each point won says that a lead is not low, each lost that it is not high; raises `UserError`."""
    won, lost = lead_design(points > 0), lead_design(num_games > points)
    others = ("what moving first is worth",) if first_move else ()
    check_maximum(np.concatenate([won, -lost]), len(points), others, names)


def _fit(points: np.ndarray, num_games: np.ndarray, *, first_move: bool) -> Ratings:
    """Newton's method on the log likelihood, which is concave.

    Args:
        points: `(N, N)`: scored by the row in its `num_games` against the column.
        num_games: `(N, N)`.
        first_move: the row moved first; fit what that is worth.
    """
    num_players, seen = len(points), num_games > 0
    points, num_games = points[seen], num_games[seen]
    design = lead_design(seen)
    design[:, -1] *= first_move
    x, covariance = np.zeros(num_players + 1), np.zeros((num_players + 1, num_players + 1))
    for _ in range(MAX_NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-design @ x))
        information = design.T @ (design * (num_games * chance * (1 - chance))[:, None])
        covariance = np.linalg.pinv(information, hermitian=True)
        move = covariance @ (design.T @ (points - num_games * chance))
        x = x + move / max(1.0, np.abs(move).max())
        if np.abs(move).max() < TOLERANCE:
            break
    error = np.sqrt(np.diag(covariance))
    return Ratings(ELO * x[:-1], ELO * error[:-1], float(ELO * x[-1]), float(ELO * error[-1]))


def expected_score(difference: np.ndarray | float) -> np.ndarray:
    """The share of the points that is expected at a difference in Elo points, of any shape."""
    return 1 / (1 + 10 ** (-np.asarray(difference) / 400))


def _quantile(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise UserError(f"confidence is {confidence}; allowed: above 0 and below 1")
    return NormalDist().inv_cdf((1 + confidence) / 2)
