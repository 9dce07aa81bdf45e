"""What each feature of a position adds to what a player thinks it is worth: Shapley values, exactly.

A position is a row of features, such as the contents of its cells. A coalition of features is worth what the
player's value comes to in the mean over all positions, of a given set, that agree with the position in these
features; none at all is worth the mean over the set. The Shapley value of a feature is what it adds to a
coalition in the mean over all orders in which features may come. The values of all features add up to the
position's value less the mean.

Source: Shapley 1953, A value for n-person games; of the values of players in reinforcement learning: Beechey
et al. 2023, Explaining reinforcement learning with Shapley values.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from jaxplay.errors import UserError
from jaxplay.matrix_games.checks import finite, has_shape

MOST_FEATURES = 20
"""With n features there are `2**n` coalitions."""


def shapley_values(worth: ArrayLike) -> np.ndarray:
    """`(n,)` float64: Shapley values of n features.

    Args:
        worth: `(2**n,)`: of each coalition; bit i of its number says whether feature i is in it.

    Raises:
        UserError: another shape, or numbers that are not finite.
    """
    worths = finite("worth", worth)
    n = max(len(worths), 1).bit_length() - 1
    has_shape("worth", worths.shape, "(2**n,)", holds=worths.shape == (1 << n,))
    coalitions = np.arange(1 << n)
    sizes = np.array([number.bit_count() for number in range(1 << n)])
    share = [1 / (n * math.comb(n - 1, size)) for size in range(n)]
    found = np.zeros(n)
    for i in range(n):
        without = coalitions[(coalitions >> i) & 1 == 0]
        added = worths[without | 1 << i] - worths[without]
        found[i] = (np.take(share, sizes[without]) * added).sum()
    return found


def coalition_worth(
    position: ArrayLike, positions: ArrayLike, values: ArrayLike, weights: ArrayLike | None = None
) -> np.ndarray:
    """`(2**n,)` float64: what each coalition of a position's features is worth, as `shapley_values` takes it.

    Args:
        position: `(n,)`: its features, 20 at most.
        positions: `(B, n)`: those of a set of positions, `position` among them.
        values: `(B,)`: what the player thinks that these are worth.
        weights: `(B,)`: how much each counts; None: all alike.

    Raises:
        UserError: shapes that do not fit, or a position that is not in the set.
    """
    here, others, worth = np.asarray(position), np.asarray(positions), finite("values", values)
    shares = np.ones(len(worth)) if weights is None else finite("weights", weights)
    n = len(here)
    has_shape("positions", others.shape, f"{(len(worth), n)}", holds=others.shape == (len(worth), n))
    has_shape("weights", shares.shape, f"({len(worth)},)", holds=shares.shape == worth.shape)
    if n > MOST_FEATURES:
        raise UserError(f"{n} features; allowed: {MOST_FEATURES} at most, put several together")
    agreed = ((others == here) * (1 << np.arange(n))).sum(axis=1)
    total, count = (np.bincount(agreed, part, minlength=1 << n) for part in (shares * worth, shares))
    if not count[-1] > 0:
        raise UserError("the position is not among the positions, or has no weight; allowed: one that is")
    for i in range(n):
        for sums in (total, count):
            pairs = sums.reshape(-1, 2, 1 << i)
            pairs[:, 0] += pairs[:, 1]
    return total / count
