"""A self-play game engine: games, search, learning and the league in one compiled step.

Public names load on first use: `import jaxplay` is quick, and starts no JAX backend.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jaxplay.game import Game, State, make, names, register

__version__ = "0.1.0"

_HOME = {
    "Game": "game",
    "State": "game",
    "make": "game",
    "names": "game",
    "register": "game",
}
"""The module that each public name comes from."""

_SUBPACKAGES = ()
"""Public subpackages and modules, which load on first use too."""

__all__ = ["Game", "State", "__version__", "make", "names", "register"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(importlib.import_module(f"jaxplay.{_HOME[name]}"), name)
    elif name in _SUBPACKAGES:
        value = importlib.import_module(f"jaxplay.{name}")
    else:
        raise AttributeError(f"module 'jaxplay' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
