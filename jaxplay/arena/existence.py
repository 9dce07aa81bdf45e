"""Whether games tell finite ratings: whether a likelihood has its maximum at one finite point.

The likelihood of each outcome that was seen grows along some directions of the unknowns for ever. If there is
a direction along which none falls, the maximum is not finite, or not the only one: for logistic models Albert
and Anderson (1984), Biometrika 71.
"""

from collections.abc import Sequence

import numpy as np

from jaxplay.errors import UserError

SMALL = 1e-6
"""Entries of a direction that count as zero, in units of the largest."""
MOST = 5
"""Players that an error names."""


def check_maximum(
    facts: np.ndarray, num_players: int, others: Sequence[str], names: Sequence[str] | None = None
) -> None:
    """Refuse games that leave something without a single finite value.

    Args:
        facts: `(n, U)`, linear functions of the unknowns: a likelihood falls along a direction if and only if
            it makes one of them negative. The first N unknowns are ratings: only their differences count.
        num_players: N.
        others: what the other unknowns are called; those beyond them are not fitted.
        names: of the players; None: their numbers.

    Raises:
        UserError: some unknowns have no single finite value; it says which.
    """
    size = num_players + len(others)
    direction = _direction(facts[:, 1:size])
    if direction is None:
        return
    direction = np.append(0.0, direction)
    names = [f"player {i}" for i in range(num_players)] if names is None else names
    unknown = _apart(direction[:num_players], names)
    unknown += [other for other, x in zip(others, direction[num_players:], strict=True) if x]
    raise UserError(f"these games leave without a finite value {' and '.join(unknown)}: set prior above 0")


def _direction(facts: np.ndarray) -> np.ndarray | None:
    """`(u,)`: a direction, not zero, that makes none of `facts` `(n, u)` negative; None if there is none."""
    from scipy.optimize import linprog

    size = facts.shape[1]
    _, values, directions = np.linalg.svd(np.concatenate([facts, np.zeros((size, size))]))
    if values.min() < SMALL * max(values.max(), 1.0):
        return _rounded(directions[-1])
    bounds = np.concatenate([np.zeros(len(facts)), np.ones(len(facts))])
    found = linprog(-facts.sum(axis=0), np.concatenate([-facts, facts]), bounds, bounds=(None, None))
    return _rounded(found.x) if -found.fun > 0.5 else None


def _rounded(direction: np.ndarray) -> np.ndarray:
    return np.where(np.abs(direction) < SMALL * np.abs(direction).max(), 0.0, direction)


def _apart(ratings: np.ndarray, names: Sequence[str]) -> list[str]:
    """Who is how far above whom, if anybody is."""
    top = ratings > ratings.max() - SMALL * max(np.abs(ratings).max(), 1.0)
    if top.all():
        return []
    above, below = (
        [name for name, t in zip(names, top, strict=True) if t == is_top] for is_top in (True, False)
    )
    return [f"how far {_listed(above)} is above {_listed(below)}"]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST]) + (", ..." if len(names) > MOST else "")
