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
        mean_return: `(N, N)` float64, what the row player earned a game against the column player, from both
            sides; nan where the two have not met. None: not known.
    """

    names: tuple[str, ...]
    wins: np.ndarray
    draws: np.ndarray
    losses: np.ndarray
    mean_return: np.ndarray | None = None

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
        return elo_with_draws(self.wins, self.draws, self.losses, prior=prior, names=self.names)

    def log_odds(self, prior: float = 1.0) -> np.ndarray:
        """`(N, N)`, antisymmetric: logarithms of the odds of a point of the row player.

        Nash averaging of them is in the units of `elo`, times `400 / log(10)`.

        Args:
            prior: virtual draws of each pair; above 0 where somebody won all games.

        Raises:
            UserError: the prior is below 0, or 0 where there is a pair of whom one has no point.
        """
        points = self.points + prior / 2
        if not (points > 0).all():
            raise UserError(f"with prior {prior} some odds are not finite; allowed: above 0")
        return np.log(points) - np.log(points.T)


class OneAgainstAll(NamedTuple):
    """Games among N players in which one sat on one seat, and copies of another on all others.

    Attributes:
        names: of the players.
        num_games: `(N, N)` int, of the row player among copies of the column player.
        score: `(N, N)` float64, share of these games that the row player won, ties split; nan where there are
            none, or nobody wins.
        mean_return: `(N, N)` float64, what the row player earned in them; nan where there are none.
    """

    names: tuple[str, ...]
    num_games: np.ndarray
    score: np.ndarray
    mean_return: np.ndarray


def tabulate(names: Sequence[str], matches: Sequence[ArenaResult]) -> CrossPlay:
    """The table of some matches of two.

    Args:
        names: of the players, all different; those in `matches` are among them.
        matches: of two players each, in a game with two sides; more than one of a pair add up.

    Raises:
        UserError: a player of a match is not among `names`, or it is no match of two.
    """
    tables, earned = np.zeros((3, len(names), len(names))), np.zeros((len(names), len(names)))
    for match in matches:
        i, j = _pair(names, match)
        if len(match.names) != 2 or match.num_sides != 2:
            raise UserError(f"{' - '.join(match.names)} is no match of two sides")
        by_side = np.array([match.wins, match.draws, match.losses])
        tables[:, i, j] += by_side[:, 0]
        tables[:, j, i] += by_side[::-1, 1]
        earned[[i, j], [j, i]] += match.earned.sum(axis=0)
    games = tables.sum(axis=0) + tables.sum(axis=0).T
    mean = np.divide(earned, games, out=np.full(games.shape, np.nan), where=games > 0)
    return CrossPlay(tuple(names), *tables, mean_return=mean)


def tabulate_one(names: Sequence[str], matches: Sequence[ArenaResult]) -> OneAgainstAll:
    """The table of matches of one player against copies of another.

    Args:
        names: of the players, all different; those in `matches` are among them.
        matches: the first of each is the one, the second and all others are copies; a pair meets once.

    Raises:
        UserError: a player of a match is not among `names`.
    """
    shape = (len(names), len(names))
    games, score, mean = np.zeros(shape, int), np.full(shape, np.nan), np.full(shape, np.nan)
    for match in matches:
        place = _pair(names, match)
        games[place], score[place], mean[place] = match.num_games, match.score, match.mean_return
    return OneAgainstAll(tuple(names), games, score, mean)


def _pair(names: Sequence[str], match: ArenaResult) -> tuple[int, int]:
    """The places of the first two players of a match."""
    first, *others = match.names
    if not others or first not in names or others[0] not in names:
        raise UserError(f"{' - '.join(match.names)} is no match between two of: {', '.join(names)}")
    return names.index(first), names.index(others[0])
