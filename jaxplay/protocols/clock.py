"""A player's clock: so many seconds for the game, and some for each move."""

import re
import time
from typing import NamedTuple

from jaxplay.errors import UserError, quoted

FORM = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)(?:\+([0-9]{1,4}(?:\.[0-9]{1,3})?))?")
EXAMPLE = "clock=60+1"


class TimeControl(NamedTuple):
    """Seconds for the whole game, and seconds that each move adds."""

    base: float
    increment: float


def parse_control(text: str) -> TimeControl:
    """What `60+1` or `60` says.

    Raises:
        UserError: it says nothing of the kind.
    """
    found = FORM.fullmatch(text)
    if found is None or float(found[1]) <= 0:
        raise UserError(f"clock is {quoted(text)}; allowed: SECONDS or SECONDS+INCREMENT, such as {EXAMPLE}")
    return TimeControl(float(found[1]), float(found[2] or 0))


class Clock:
    """Counts a player's time in one game.

    Attributes:
        control: of the game.
        left: seconds.
    """

    def __init__(self, control: TimeControl) -> None:
        self.control, self.left = control, control.base
        self._since = 0.0

    def start(self) -> None:
        """The player begins to think."""
        self._since = time.monotonic()

    def stop(self) -> bool:
        """The player has moved; false where that was too late."""
        self.left -= time.monotonic() - self._since
        in_time = self.left >= 0
        self.left += self.control.increment
        return in_time
