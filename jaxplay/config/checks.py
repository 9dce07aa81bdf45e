"""Checks of the fields of a configuration."""

from typing import Any

from jaxplay.errors import UserError


def require(config: Any, name: str, allowed: str, holds: bool) -> None:
    """Raise a `UserError` that names the field, its value and what is allowed, unless `holds`."""
    if not holds:
        label = getattr(config, "kind", type(config).__name__)
        raise UserError(f"{label}.{name} is {getattr(config, name)!r}; allowed: {allowed}")


def at_least(config: Any, least: float, *names: str) -> None:
    """Fields that are numbers from `least`."""
    for name in names:
        require(config, name, f"{least} or more", getattr(config, name) >= least)


def share(config: Any, *names: str) -> None:
    """Fields that are shares of a whole."""
    for name in names:
        require(config, name, "0 to 1", 0.0 <= getattr(config, name) <= 1.0)


def one_of(config: Any, name: str, allowed: tuple[str, ...]) -> None:
    """A field that is one of several names."""
    require(config, name, ", ".join(allowed), getattr(config, name) in allowed)
