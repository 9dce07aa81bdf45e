"""Levels of play, from beginner to full strength: fewer simulations, a temperature, blunders."""

from typing import NamedTuple

import numpy as np

from jaxplay.errors import UserError, nearest


class Level(NamedTuple):
    """How far a player stays below its full strength.

    Attributes:
        name: to choose it by.
        share: of the player's own number of simulations, above 0, at most 1.
        temperature: of the sampling from the weights of moves; 0: the move that the player prefers.
        blunder: probability of a move at random, each legal one as likely.
    """

    name: str
    share: float
    temperature: float
    blunder: float

    def simulations(self, full: int) -> int:
        """Simulations of a search, where the player at full strength makes `full`; at least 2."""
        return max(min(full, 2), round(self.share * full))

    def choose(self, action: int, weights: np.ndarray, legal: np.ndarray, luck: np.random.Generator) -> int:
        """The move to make.

        Args:
            action: that the player prefers.
            weights: `(A,)` of its moves, not negative; all zero where it has none.
            legal: `(A,)` bool.
            luck: of blunders and sampling.
        """
        if luck.random() < self.blunder:
            return int(luck.choice(np.flatnonzero(legal)))
        weights = np.where(legal, weights, 0.0).astype(float)
        if self.temperature == 0 or weights.sum() <= 0:
            return action
        sharpened = (weights / weights.max()) ** (1 / self.temperature)
        return int(luck.choice(len(weights), p=sharpened / sharpened.sum()))


FULL = Level("full", 1.0, 0.0, 0.0)
LEVELS = {
    level.name: level
    for level in (
        Level("beginner", 0.04, 1.0, 0.3),
        Level("casual", 0.1, 0.7, 0.12),
        Level("intermediate", 0.25, 0.4, 0.04),
        Level("strong", 0.5, 0.15, 0.0),
        FULL,
    )
}
"""By name, the weakest first."""


def find_level(name: str) -> Level:
    """The level of this name.

    Raises:
        UserError: there is none.
    """
    if name not in LEVELS:
        raise UserError(f"no level {name!r}{nearest(name, LEVELS)}")
    return LEVELS[name]
