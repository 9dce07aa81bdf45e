"""What a match came to: of each entrant and each seat, in games won and in returns."""

import math
from dataclasses import dataclass

import numpy as np

from jaxplay.arena.rating import mean_interval, standard_error, wilson
from jaxplay.errors import UserError


@dataclass(frozen=True, eq=False)
class ArenaResult:
    """N games among E entrants on P seats, which belong to S sides; E games in a row have one opening.

    Attributes:
        names: `(E,)`, of the entrants.
        sides: `(P,)` int32, the side of each seat: its team, or itself.
        seats: `(N, P)` int32, which entrant sat on each seat.
        returns: `(N, P)` float, by seat; zero in a zero-sum game that was cut.
        plies: `(N,)` int, decisions of each game, those of the opening included.
        cut: `(N,)` bool, games cut at the bound of plies.
    """

    names: tuple[str, ...]
    sides: np.ndarray
    seats: np.ndarray
    returns: np.ndarray
    plies: np.ndarray
    cut: np.ndarray

    @property
    def num_games(self) -> int:
        """N."""
        return len(self.seats)

    @property
    def num_sides(self) -> int:
        """S: 1 in a game for one player or one team, where nothing is won or lost."""
        return int(self.sides.max()) + 1

    @property
    def first(self) -> str:
        """The entrant that `wins`, `draws`, `losses`, `score` and `mean_return` speak of."""
        return self.names[0]

    @property
    def second(self) -> str | None:
        """The opponent; None unless two entrants met."""
        return self.names[1] if len(self.names) == 2 else None

    @property
    def truncated(self) -> int:
        """Games cut at the bound of plies; in a zero-sum game they are draws."""
        return int(self.cut.sum())

    @property
    def mean_plies(self) -> float:
        """Decisions a game, the opening included."""
        return float(self.plies.mean())

    @property
    def side_returns(self) -> np.ndarray:
        """`(N, S)` float64: what each side earned, of a team the mean of its members."""
        members = self.sides[:, None] == np.arange(self.num_sides)
        return self.returns.astype(float) @ (members / members.sum(axis=0))

    @property
    def points(self) -> np.ndarray:
        """`(N, S)` float64: 1 for the side that earned most, shared evenly where several did."""
        best = self.side_returns == self.side_returns.max(axis=1, keepdims=True)
        return best / best.sum(axis=1, keepdims=True)

    @property
    def shares(self) -> np.ndarray:
        """`(N, E)` float64: `points` as the entrants have them; nan if there is one side."""
        return self._by_entrant(self.points if self.num_sides > 1 else self.points * math.nan)

    @property
    def earned(self) -> np.ndarray:
        """`(N, E)` float64: what each entrant, or its team, earned in each game."""
        return self._by_entrant(self.side_returns)

    @property
    def opening_returns(self) -> np.ndarray:
        """`(N / E, E)` float64: what each entrant earned in the mean of the games of each opening."""
        return self.earned.reshape(-1, len(self.names), len(self.names)).mean(axis=1)

    @property
    def scores(self) -> np.ndarray:
        """`(E,)` float64: the share of games that each entrant won, ties split; nan if there is one side."""
        return self.shares.mean(axis=0)

    @property
    def mean_returns(self) -> np.ndarray:
        """`(E,)` float64: what each entrant, or its team, earned in the mean."""
        return self.earned.mean(axis=0)

    @property
    def return_errors(self) -> np.ndarray:
        """`(E,)` float64: standard errors of `mean_returns`, by the spread of openings; nan of one."""
        return np.array([standard_error(openings) for openings in self.opening_returns.T])

    @property
    def seat_scores(self) -> np.ndarray:
        """`(E, P)` float64: `scores` of the games in which an entrant held a seat; nan of none."""
        return self._by_seat(self.points if self.num_sides > 1 else self.points * math.nan)

    @property
    def seat_returns(self) -> np.ndarray:
        """`(E, P)` float64: `mean_returns` of the games in which an entrant held a seat."""
        return self._by_seat(self.side_returns)

    @property
    def wins(self) -> tuple[int, ...]:
        """Games that the first entrant won, from each side; empty unless there are two sides."""
        return self._count(1)

    @property
    def draws(self) -> tuple[int, ...]:
        """Games in which both sides earned the same."""
        return self._count(0)

    @property
    def losses(self) -> tuple[int, ...]:
        """Games that the first entrant lost."""
        return self._count(-1)

    @property
    def score(self) -> float:
        """`scores` of the first entrant: of two sides the share of the points, a draw being half a point."""
        return float(self.scores[0])

    @property
    def mean_return(self) -> float:
        """`mean_returns` of the first entrant."""
        return float(self.mean_returns[0])

    @property
    def return_error(self) -> float:
        """`return_errors` of the first entrant."""
        return float(self.return_errors[0])

    def interval(self, confidence: float = 0.95, entrant: int = 0) -> tuple[float, float]:
        """Wilson interval of an entrant's score; draws make it wider than need be.

        Raises:
            UserError: there is one side only, so that nobody wins.
        """
        if self.num_sides < 2:
            raise UserError("in a game with one side nobody wins: ask for return_interval")
        return wilson(float(self.scores[entrant]), self.num_games, confidence)

    def return_interval(self, confidence: float = 0.95, entrant: int = 0) -> tuple[float, float]:
        """Interval of an entrant's mean return: normal approximation, by the spread of openings."""
        return mean_interval(self.opening_returns[:, entrant], confidence)

    def _by_entrant(self, values: np.ndarray) -> np.ndarray:
        """`(N, E)`: values of sides `(N, S)` as the entrants have them, in the mean over their seats."""
        own = self.seats[:, :, None] == np.arange(len(self.names))
        return (values[:, self.sides, None] * own).sum(axis=1) / own.sum(axis=1)

    def _by_seat(self, values: np.ndarray) -> np.ndarray:
        """`(E, P)`: the mean of values of sides `(N, S)` over the games in which an entrant held a seat."""
        own = self.seats[:, :, None] == np.arange(len(self.names))
        total, games = (values[:, self.sides, None] * own).sum(axis=0), own.sum(axis=0)
        return np.divide(total, games, out=np.full(total.shape, math.nan), where=games > 0).T

    def _count(self, sign: int) -> tuple[int, ...]:
        """Games of this outcome for the first entrant, from each side."""
        if self.num_sides != 2 or len(self.names) == 1:
            return ()
        side = self.sides[np.argmax(self.seats == 0, axis=1)]
        lead = np.sign(self.side_returns[:, 0] - self.side_returns[:, 1]) * np.where(side == 0, 1, -1)
        return tuple(int(((lead == sign) & (side == s)).sum()) for s in range(2))
