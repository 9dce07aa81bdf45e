"""A self-play game engine: games, search, learning and the league in one compiled step.

Public names load on first use: `import jaxplay` is quick, and starts no JAX backend.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jaxplay import agents, arena, bridges, exploit, export, search, solve
    from jaxplay.agent import Agent, load
    from jaxplay.evaluator import Network, Prediction
    from jaxplay.game import Game, State, make, names, register
    from jaxplay.run import Run, resume, train
    from jaxplay.training import Training, compile_step, make_training

__version__ = "0.1.0"

_HOME = {
    "Agent": "agent",
    "Game": "game",
    "Network": "evaluator",
    "Prediction": "evaluator",
    "Run": "run",
    "State": "game",
    "Training": "training",
    "compile_step": "training",
    "load": "agent",
    "make": "game",
    "make_training": "training",
    "names": "game",
    "register": "game",
    "resume": "run",
    "train": "run",
}
"""The module that each public name comes from."""

_SUBPACKAGES = ("agents", "arena", "bridges", "exploit", "export", "search", "solve")
"""Public subpackages, which load on first use too."""

_DEPRECATED = ("evaluate",)
"""Former names of subpackages: they load, with a warning, and are not listed."""

__all__ = [
    "Agent",
    "Game",
    "Network",
    "Prediction",
    "Run",
    "State",
    "Training",
    "__version__",
    "agents",
    "arena",
    "bridges",
    "compile_step",
    "exploit",
    "export",
    "load",
    "make",
    "make_training",
    "names",
    "register",
    "resume",
    "search",
    "solve",
    "train",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(importlib.import_module(f"jaxplay.{_HOME[name]}"), name)
    elif name in _SUBPACKAGES + _DEPRECATED:
        value = importlib.import_module(f"jaxplay.{name}")
    else:
        raise AttributeError(f"module 'jaxplay' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
