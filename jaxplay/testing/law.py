"""How a broken law is told."""

from typing import Any

from jaxplay.errors import UserError


class GameLawError(UserError):
    """A game breaks a law."""


def law(held: Any, message: str) -> None:
    """Raise `GameLawError` with `message` unless `held`."""
    if not held:
        raise GameLawError(message)
