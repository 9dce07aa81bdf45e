"""Checks of the fields of a configuration."""

import math
from typing import Any

from jaxplay.errors import UserError

MOST_WHOLE = 2**31 - 1
"""The largest whole number of a field: they become int32 on the device."""


class FieldError(UserError):
    """A field has a value that is not allowed.

    Attributes:
        config: Object that has the field.
        told: What is wrong, from the field's name on; whoever knows where the object stands says it in front.
    """

    def __init__(self, config: Any, told: str) -> None:
        super().__init__(f"{getattr(config, 'kind', type(config).__name__)}.{told}")
        self.config, self.told = config, told


def require(config: Any, name: str, allowed: str, holds: bool) -> None:
    """Raise a `FieldError` that names the field, its value and what is allowed, unless `holds`."""
    if not holds:
        raise FieldError(config, f"{name} is {getattr(config, name)!r}; allowed: {allowed}")


def at_least(config: Any, least: float, *names: str) -> None:
    """Fields that are finite numbers from `least`; whole ones fit into int32."""
    for name in names:
        within(config, least, math.inf, name)


def within(config: Any, least: float, most: float, *names: str) -> None:
    """Fields that are finite numbers from `least` to `most`; without a bound, whole ones fit into int32."""
    for name in names:
        value = getattr(config, name)
        if not math.isinf(most):
            allowed = f"{_told(least)} to {_told(most)}"
        elif isinstance(value, float):
            allowed = f"{_told(least)} or more" + (", finite" if math.isinf(value) else "")
        elif value > MOST_WHOLE:
            allowed, most = f"{_told(least)} to {_told(MOST_WHOLE)}", MOST_WHOLE
        else:
            allowed = f"{_told(least)} or more"
        require(config, name, allowed, least <= value <= most and math.isfinite(value))


def _told(number: float) -> str:
    return f"{int(number):,}" if number == int(number) else f"{number:g}"


def share(config: Any, *names: str) -> None:
    """Fields that are shares of a whole."""
    for name in names:
        require(config, name, "0 to 1", 0.0 <= getattr(config, name) <= 1.0)


def one_of(config: Any, name: str, allowed: tuple[str, ...]) -> None:
    """A field that is one of several names."""
    require(config, name, ", ".join(allowed), getattr(config, name) in allowed)
