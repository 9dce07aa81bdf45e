"""What a whole population is worth: Nash averaging, its value against another one, its diversity.

All of it is made of a table of payoffs, such as `CrossPlay` makes of matches in the arena.
"""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxplay.errors import UserError
from jaxplay.evaluate.result import ArenaResult
from jaxplay.matrix_games import nash, symmetric_nash

ANTISYMMETRY = 1e-5
"""How far, in units of the largest payoff, a table may be from antisymmetric."""

_nash = jax.jit(nash)
_symmetric_nash = jax.jit(symmetric_nash)


class NashAverage(NamedTuple):
    """The population's equilibrium, and how each of N players fares against it.

    Attributes:
        mixture: `(N,)` float64, the Nash equilibrium of greatest entropy.
        skill: `(N,)` float64, expected payoff against it: 0 for players in it, at most 0 for all others.
            Copies of a player share its weight, and change nobody's skill.
    """

    mixture: np.ndarray
    skill: np.ndarray


class CrossPlay(NamedTuple):
    """All games among N players; in each table the row player moved first.

    Attributes:
        names: of the players.
        wins: `(N, N)` float64, of the row player.
        draws: `(N, N)` float64.
        losses: `(N, N)` float64, of the row player.
    """

    names: tuple[str, ...]
    wins: np.ndarray
    draws: np.ndarray
    losses: np.ndarray

    @property
    def num_games(self) -> np.ndarray:
        """`(N, N)`, symmetric: games of each pair, whoever moved first."""
        games = self.wins + self.draws + self.losses
        return games + games.T

    @property
    def points(self) -> np.ndarray:
        """`(N, N)`: scored by the row player in these games, a draw being half a point."""
        return self.wins + self.losses.T + (self.draws + self.draws.T) / 2

    @property
    def score(self) -> np.ndarray:
        """`(N, N)`: share of the points of the row player; 0.5 where the two have not met."""
        games = self.num_games
        return np.divide(self.points, games, out=np.full(games.shape, 0.5), where=games > 0)

    @property
    def payoff(self) -> np.ndarray:
        """`(N, N)`, antisymmetric, in [-1, 1]: 1 where the row player won all games."""
        return 2 * self.score - 1

    def log_odds(self, prior: float = 1.0) -> np.ndarray:
        """`(N, N)`, antisymmetric: logarithms of the odds of a point of the row player.

        Nash averaging of them is in the units of `elo`, times `400 / log(10)`.

        Args:
            prior: virtual draws of each pair; above 0 where somebody won all games.
        """
        points = self.points + prior / 2
        return np.log(points) - np.log(points.T)


def cross_play(names: Sequence[str], matches: Sequence[ArenaResult]) -> CrossPlay:
    """The games of some matches of two.

    Args:
        names: of the players; those in `matches` are among them, none twice.
        matches: of two players each; more than one of a pair add up.

    Raises:
        UserError: a player of a match is not among `names`, or has no opponent.
    """
    number = {name: i for i, name in enumerate(names)}
    tables = np.zeros((3, len(names), len(names)))
    for match in matches:
        if match.first not in number or match.second not in number:
            raise UserError(f"{match.first} - {match.second} is no match between two of: {', '.join(names)}")
        i, j = number[match.first], number[match.second]
        by_seat = np.array([match.wins, match.draws, match.losses])
        tables[:, i, j] += by_seat[:, 0]
        tables[:, j, i] += by_seat[::-1, 1]
    return CrossPlay(tuple(names), *tables)


def nash_average(payoff: np.ndarray) -> NashAverage:
    """Nash averaging (Balduzzi et al. 2018), which copies of weak players cannot influence.

    Args:
        payoff: `(N, N)`, antisymmetric: mean payoffs, or log odds.

    Raises:
        UserError: the table is not antisymmetric.
    """
    payoff = _antisymmetric(payoff)
    mixture = np.asarray(_symmetric_nash(jnp.asarray(payoff, jnp.float32)), float)
    mixture /= mixture.sum()
    return NashAverage(mixture, payoff @ mixture)


def relative_performance(payoff: np.ndarray) -> float:
    """Relative population performance: what a population wins of another, both playing their best mixture.

    Above 0 if the rows are the better population, whatever its weak members (Balduzzi et al. 2019).

    Args:
        payoff: `(N, M)`, what each of N players wins of each of M others.
    """
    payoff = np.asarray(payoff, float)
    found = _nash(jnp.asarray(payoff, jnp.float32))
    row, column = (np.asarray(mixture, float) for mixture in (found.row, found.column))
    return float(row @ payoff @ column / (row.sum() * column.sum()))


def effective_diversity(payoff: np.ndarray) -> float:
    """Effective diversity (Balduzzi et al. 2019): how much the best players win of each other.

    Zero if one of them is best, or if all of the best are even; 1/3 for rock, paper and scissors.

    Args:
        payoff: `(N, N)`, antisymmetric.

    Raises:
        UserError: the table is not antisymmetric.
    """
    payoff = np.asarray(payoff, float)
    mixture = nash_average(payoff).mixture
    return float(mixture @ np.maximum(payoff, 0) @ mixture)


def disc_game(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """`(N, M)` payoffs of the disc game: players are points of a disc, and circle around its centre.

    A point wins of what lies counter-clockwise of it, up to half a turn, the more the longer both
    are: `x y' - y x'` (Balduzzi et al. 2019). Only mixtures of points cannot be exploited.

    Args:
        first: `(N, 2)`, points x, y.
        second: `(M, 2)`, points x', y'.
    """
    (x, y), (other_x, other_y) = np.asarray(first, float).T, np.asarray(second, float).T
    return np.outer(x, other_y) - np.outer(y, other_x)


def _antisymmetric(payoff: np.ndarray) -> np.ndarray:
    payoff = np.asarray(payoff, float)
    square = payoff.ndim == 2 and payoff.shape[0] == payoff.shape[1]
    if not square or np.abs(payoff + payoff.T).max() > ANTISYMMETRY * max(np.abs(payoff).max(), 1e-30):
        raise UserError("payoffs among one population must be antisymmetric: what one wins, the other loses")
    return (payoff - payoff.T) / 2
