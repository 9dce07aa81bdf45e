"""How much of a run's time its evaluations may take: time is the user's."""

import math
from collections.abc import Callable


class Allowance:
    """Seconds that evaluations may take: a share of the run's time so far, less what they have taken.

    Args:
        share: of the run's seconds; 1: there is no limit.
        seconds: tells the run's seconds so far.
        spent: seconds that evaluations took in earlier sessions.

    Attributes:
        share: see above.
        spent: seconds that evaluations have taken so far.
    """

    def __init__(self, share: float, seconds: Callable[[], float], spent: float = 0.0) -> None:
        self.share, self.spent = share, spent
        self._seconds = seconds

    def left(self, later: float = 0.0) -> float:
        """Seconds that evaluations may still take until the run has gone on for `later` more seconds."""
        if self.share >= 1.0:
            return math.inf
        return self.share * (self._seconds() + later) - self.spent

    def allows(self, cost: float) -> bool:
        """Whether evaluations still have their share when one more has taken `cost` seconds."""
        return cost <= self.left(cost)
