"""What a match came to, seen by the first player."""

import math
from dataclasses import dataclass

import numpy as np

from jaxplay.arena.rating import wilson


@dataclass(frozen=True)
class ArenaResult:
    """Outcome of a match; a tuple has one entry for each seat that `first` sat in."""

    first: str
    second: str | None
    """None in a one-player game, where nothing is won, drawn or lost."""
    num_games: int
    wins: tuple[int, ...]
    """Games in which `first` earned more than `second`."""
    draws: tuple[int, ...]
    losses: tuple[int, ...]
    truncated: int
    """Games cut at the limit of plies; in a zero-sum game they are draws."""
    mean_plies: float
    """Decisions a game, the opening included."""
    mean_return: float
    """Mean sum of the rewards of `first`."""
    return_error: float
    """Standard error of `mean_return`, games taken as independent."""

    @property
    def score(self) -> float:
        """Share of the points of `first`, a draw being half a point. In [0, 1]; nan for one player."""
        points = sum(self.wins) + sum(self.draws) / 2
        return points / self.num_games if self.wins else math.nan

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Wilson interval of `score`; draws make it wider than need be."""
        return wilson(self.score, self.num_games, confidence)


def summarise(
    names: tuple[str, str | None],
    seat: np.ndarray,
    returns: np.ndarray,
    plies: np.ndarray,
    truncated: np.ndarray,
) -> ArenaResult:
    """Count the games of a match.

    Args:
        names: the players' names.
        seat: `(N,)` int, the seat of the first player.
        returns: `(N, P)` float, by seat.
        plies: `(N,)` int, decisions taken.
        truncated: `(N,)` bool, cut at the limit.
    """
    num_games, num_players = returns.shape
    own = returns[np.arange(num_games), seat].astype(float)
    counts = [_by_seat(own, returns, seat, sign) for sign in (1, 0, -1)] if num_players == 2 else [()] * 3
    return ArenaResult(
        *names,
        num_games,
        *counts,
        truncated=int(truncated.sum()),
        mean_plies=float(plies.mean()),
        mean_return=float(own.mean()),
        return_error=float(own.std(ddof=1) / math.sqrt(num_games)) if num_games > 1 else math.nan,
    )


def _by_seat(own: np.ndarray, returns: np.ndarray, seat: np.ndarray, sign: int) -> tuple[int, ...]:
    outcome = np.sign(2 * own - returns.sum(axis=1)) == sign
    return tuple(int((outcome & (seat == s)).sum()) for s in range(2))
