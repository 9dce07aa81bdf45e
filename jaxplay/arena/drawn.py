"""Ratings in games that are often drawn: Elo with a margin of draws, fitted as is what moving first is worth.

The model of Rao and Kupper (1967), Journal of the American Statistical Association 62, as in Bayeselo (Coulom
2010): with f(x) = 1 / (1 + 10^(-x / 400)), who moves first and is rated d above the other

    wins  with chance f(d + advantage - margin),
    loses with chance f(-d - advantage - margin),

and draws otherwise. Without a margin it is the model of `jaxplay.arena.rating`, which takes a draw for
half a win and half a loss.
"""

import math
from collections.abc import Sequence

import numpy as np

from jaxplay.arena.existence import check_maximum
from jaxplay.arena.rating import (
    ELO,
    MAX_NEWTON_STEPS,
    TOLERANCE,
    Ratings,
    check_games,
    elo,
    expected_score,
    lead_design,
)
from jaxplay.errors import UserError
from jaxplay.matrix_games.checks import finite

START = 1.0
"""Margin, in log odds, that the fit begins with."""


def outcome_chances(
    difference: np.ndarray | float, advantage: float, margin: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Chances of a win, a draw and a loss of who moves first.

    Args:
        difference: Elo points that it is rated above the other, of any shape; the results have it too.
        advantage: Elo points that moving first is worth.
        margin: of draws, in Elo points; 0: there are none.

    Raises:
        UserError: a number that is not finite, or a margin below 0.
    """
    if not (math.isfinite(advantage) and 0 <= margin < math.inf):
        given = f"advantage is {advantage} and margin {margin}"
        raise UserError(f"{given}; allowed: finite numbers, the margin 0 or more")
    lead = finite("difference", difference) + advantage
    win, loss = expected_score(lead - margin), expected_score(-lead - margin)
    return win, 1.0 - win - loss, loss


def elo_with_draws(
    wins: np.ndarray,
    draws: np.ndarray,
    losses: np.ndarray,
    *,
    prior: float = 0.0,
    names: Sequence[str] | None = None,
) -> Ratings:
    """Ratings of N players, what moving first is worth, and the margin of draws; by maximum likelihood.

    Args:
        wins: `(N, N)`: games that the row won against the column. In all games of the three tables, the row
            moved first.
        draws: `(N, N)`: games that the two drew.
        losses: `(N, N)`: games that the row lost.
        prior: virtual games for each pair of players, as many from each seat; half of them are drawn, and a
            quarter won by each. With them everything is finite.
        names: of the players, for errors; default: their numbers.

    Returns:
        Ratings with a margin; where no game was drawn, as `elo` finds them, with a margin of 0.

    Raises:
        UserError: a bad table; or the games leave ratings, the advantage or the margin without one finite
            value.
    """
    wins, draws, lost = check_games(wins, draws, losses, prior)
    assert lost is not None
    if not draws.any():
        return elo(wins, draws, lost, prior=prior, names=names)
    virtual = prior / 8.0 * (1.0 - np.eye(len(wins)))
    if prior == 0:
        _check_maximum(wins, draws, lost, names)
    return _fit(wins + virtual, draws + 2.0 * virtual, lost + virtual)


def _design(seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`(n, N + 2)` each: log odds of wins and of losses, of ratings, advantage and margin, where `seen`."""
    lead = lead_design(seen)
    margin = -np.ones((len(lead), 1))
    return np.hstack([lead, margin]), np.hstack([-lead, margin])


def _check_maximum(
    wins: np.ndarray, draws: np.ndarray, losses: np.ndarray, names: Sequence[str] | None
) -> None:
    """Wins say that a lead is not below the margin, draws that it is not above it; raises `UserError`."""
    (won, _), (_, lost), drawn = _design(wins > 0), _design(losses > 0), _design(draws > 0)
    others = ("what moving first is worth", "the margin of draws")
    check_maximum(np.concatenate([won, lost, *(-half for half in drawn)]), len(wins), others, names)


def _fit(wins: np.ndarray, draws: np.ndarray, losses: np.ndarray) -> Ratings:
    """Newton's method on the log likelihood, which is concave in ratings, advantage and margin together.

    In log odds, the chance of a draw is `(exp(2 margin) - 1)` times those of a win and of a loss; so a draw
    tells what a win and a loss would tell, and something about the margin.
    """
    number, seen = len(wins), wins + draws + losses > 0
    wins, draws, losses = wins[seen], draws[seen], losses[seen]
    design = np.concatenate(_design(seen))
    counts = np.concatenate([wins + draws, losses + draws])
    x, covariance = np.append(np.zeros(number + 1), START), np.zeros((number + 2, number + 2))
    for _ in range(MAX_NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-design @ x))
        slope = design.T @ (counts * (1 - chance))
        information = design.T @ (design * (counts * chance * (1 - chance))[:, None])
        rest = -np.expm1(-2 * x[-1])
        slope[-1] += draws.sum() * 2 / rest
        information[-1, -1] += draws.sum() * 4 * np.exp(-2 * x[-1]) / rest**2
        covariance = np.linalg.pinv(information, hermitian=True)
        move = covariance @ slope
        move = move / max(1.0, np.abs(move).max(), -2 * move[-1] / x[-1])  # a margin stays above 0
        x = x + move
        if np.abs(move).max() < TOLERANCE:
            break
    error = ELO * np.sqrt(np.diag(covariance))
    ratings, (advantage, width) = ELO * x[:-2], ELO * x[-2:]
    return Ratings(ratings, error[:-2], float(advantage), float(error[-2]), float(width), float(error[-1]))
