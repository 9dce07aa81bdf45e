"""What a whole population is worth: Nash averaging, alpha-rank, its value against another one, diversity.

All of it is made of a table of payoffs, such as `CrossPlay` makes of matches in the arena.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxplay import matrix_games
from jaxplay.errors import UserError
from jaxplay.matrix_games.checks import finite, has_shape, square

ANTISYMMETRY = 1e-5
"""How far, in units of the largest payoff, a table may be from antisymmetric."""

_nash = jax.jit(matrix_games.nash)
_symmetric_nash = jax.jit(matrix_games.symmetric_nash)


@partial(jax.jit, static_argnames=("alpha", "population_size"))
def _alpha_rank(payoff: jax.Array, *, alpha: float, population_size: int) -> jax.Array:
    return matrix_games.alpha_rank(payoff, alpha=alpha, population_size=population_size)


class NashAverage(NamedTuple):
    """The population's equilibrium, and how each of N players fares against it.

    Attributes:
        mixture: `(N,)` float64, the Nash equilibrium of greatest entropy.
        skill: `(N,)` float64, expected payoff against it: 0 for players in it, at most 0 for all others.
            Copies of a player share its weight, and change nobody's skill.
    """

    mixture: np.ndarray
    skill: np.ndarray


def nash_average(payoff: np.ndarray) -> NashAverage:
    """Nash averaging (Balduzzi et al. 2018), which copies of weak players cannot influence.

    Args:
        payoff: `(N, N)`, antisymmetric: mean payoffs, or log odds.

    Raises:
        UserError: the table is not antisymmetric, or has numbers that are not finite.
    """
    payoff = _antisymmetric(payoff)
    mixture = np.asarray(_symmetric_nash(jnp.asarray(payoff, jnp.float32)), float)
    mixture /= mixture.sum()
    return NashAverage(mixture, payoff @ mixture)


def alpha_rank(payoff: np.ndarray, *, alpha: float = 10.0, population_size: int = 50) -> np.ndarray:
    """`(N,)` float64: how long evolution dwells on each player (Omidshafiei et al. 2019); they sum to one.

    Args:
        payoff: `(N, N)`, what the row player earns against the column player; it need not be antisymmetric.
        alpha: strength of selection, in units of one over payoff; `math.inf`: the strongest.
        population_size: of the population in which mutants appear, at least 2.

    Raises:
        UserError: the table is not square or not finite, or an option out of bounds.
    """
    payoff = square("payoff", payoff)
    mass = _alpha_rank(jnp.asarray(payoff, jnp.float32), alpha=alpha, population_size=population_size)
    mass = np.asarray(mass, float)
    return mass / mass.sum()


def relative_performance(payoff: np.ndarray) -> float:
    """Relative population performance: what a population wins of another, both playing their best mixture.

    Above 0 if the rows are the better population, whatever its weak members (Balduzzi et al. 2019).

    Args:
        payoff: `(N, M)`, what each of N players wins of each of M others.

    Raises:
        UserError: it is no such table, or has numbers that are not finite.
    """
    payoff = finite("payoff", payoff)
    has_shape("payoff", payoff.shape, "(N, M)", holds=payoff.ndim == 2)
    found = _nash(jnp.asarray(payoff, jnp.float32))
    row, column = (np.asarray(mixture, float) for mixture in (found.row, found.column))
    return float(row @ payoff @ column / (row.sum() * column.sum()))


def effective_diversity(payoff: np.ndarray) -> float:
    """Effective diversity (Balduzzi et al. 2019): how much the best players win of each other.

    Zero if one of them is best, or if all of the best are even; 1/3 for rock, paper and scissors.

    Args:
        payoff: `(N, N)`, antisymmetric.

    Raises:
        UserError: see `nash_average`.
    """
    payoff = square("payoff", payoff)
    mixture = nash_average(payoff).mixture
    return float(mixture @ np.maximum(payoff, 0) @ mixture)


def disc_game(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """`(N, M)` payoffs of the disc game: players are points of a disc, and circle around its centre.

    A point wins of what lies counter-clockwise of it, up to half a turn, the more the longer both
    are: `x y' - y x'` (Balduzzi et al. 2019). Only mixtures of points cannot be exploited.

    Args:
        first: `(N, 2)`, points x, y.
        second: `(M, 2)`, points x', y'.

    Raises:
        UserError: they are no such points, or not finite.
    """
    first, second = finite("first", first), finite("second", second)
    for name, points in (("first", first), ("second", second)):
        has_shape(name, points.shape, "(N, 2)", holds=points.ndim == 2 and points.shape[1] == 2)
    (x, y), (other_x, other_y) = first.T, second.T
    return np.outer(x, other_y) - np.outer(y, other_x)


def _antisymmetric(payoff: np.ndarray) -> np.ndarray:
    payoff = square("payoff", payoff)
    if np.abs(payoff + payoff.T).max() > ANTISYMMETRY * max(np.abs(payoff).max(), 1e-30):
        raise UserError("payoffs among one population must be antisymmetric: what one wins, the other loses")
    return (payoff - payoff.T) / 2
