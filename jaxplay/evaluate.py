"""The former name of `jaxplay.arena`; every name of it still works here, with a warning."""

import warnings
from typing import Any

import jaxplay.arena as _arena

_GONE = ("Met", "Rated", "glicko", "glicko2")


def _match(game: Any, first: Any, second: Any = None, **settings: Any) -> Any:
    """`jaxplay.arena.match` of one or two players."""
    return _arena.match(game, [first] if second is None else [first, second], **settings)


def _play_match(game: Any, first: Any, second: Any, **settings: Any) -> Any:
    """`jaxplay.arena.play_match` of two players."""
    return _arena.play_match(game, [first, second], **settings)


_ADAPTED = {"arena": _match, "play_match": _play_match}
"""Functions that took their players in another way."""


def __getattr__(name: str) -> Any:
    """A name of `jaxplay.arena`."""
    if name in _GONE:
        raise AttributeError(f"jaxplay.evaluate.{name} is gone: rate tables of games by jaxplay.arena.elo")
    if name.startswith("__"):
        raise AttributeError(name)
    value = _ADAPTED[name] if name in _ADAPTED else getattr(_arena, name)
    warnings.warn("jaxplay.evaluate is jaxplay.arena now", DeprecationWarning, stacklevel=2)
    return value
