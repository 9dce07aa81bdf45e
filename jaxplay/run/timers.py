"""When something is due, and when the minutes are over."""

import math
import time


class Timer:
    """Due when so many seconds have gone by since it was last set; 0: always."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.set()

    def set(self) -> None:
        """Begin to wait."""
        self._since = time.monotonic()

    def due(self) -> bool:
        """Whether the time has come."""
        return time.monotonic() - self._since >= self._seconds


class Deadline:
    """The end of the minutes that were given.

    Args:
        minutes: of the session; None: there is no end.
        started: when they began, as `time.monotonic` tells it.
    """

    def __init__(self, minutes: float | None, started: float) -> None:
        now = time.monotonic()
        self._end = math.inf if minutes is None else started + 60.0 * minutes
        self._far = now + max(self._end - started, now - started)

    def left(self) -> float:
        """Seconds until the end; below 0 after it."""
        return self._end - time.monotonic()

    def is_far_over(self) -> bool:
        """Whether as much time has gone by since training began as was given, or as compilation took."""
        return time.monotonic() >= self._far
