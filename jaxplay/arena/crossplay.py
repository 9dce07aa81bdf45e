"""All games among some players as one table: what ratings, Nash averaging and pictures are made of."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from jaxplay.arena.drawn import elo_with_draws
from jaxplay.arena.rating import Ratings
from jaxplay.arena.result import ArenaResult
from jaxplay.errors import UserError

PRIOR = 1.0
"""Virtual games for each pair, so that who wins every game has a finite rating."""


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

    def ratings(self, prior: float = PRIOR) -> Ratings:
        """Elo ratings of the players, what moving first is worth, and how far apart draws reach.

        Args:
            prior: see `elo_with_draws`.

        Raises:
            UserError: see there.
        """
        return elo_with_draws(self.wins, self.draws, self.losses, prior=prior)

    def log_odds(self, prior: float = 1.0) -> np.ndarray:
        """`(N, N)`, antisymmetric: logarithms of the odds of a point of the row player.

        Nash averaging of them is in the units of `elo`, times `400 / log(10)`.

        Args:
            prior: virtual draws of each pair; above 0 where somebody won all games.
        """
        points = self.points + prior / 2
        return np.log(points) - np.log(points.T)


def tabulate(names: Sequence[str], matches: Sequence[ArenaResult]) -> CrossPlay:
    """The table of some matches of two.

    Args:
        names: of the players, all different; those in `matches` are among them.
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
