"""Laws that need no play: a game is a frozen value, its actions have names, its import starts nothing."""

import copy
import functools
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from jaxplay.errors import UserError, quoted
from jaxplay.game import Game
from jaxplay.testing.law import law

NAMED = 1000
"""Actions whose names are read back, at most."""
NO_ACTIONS = ("no action has this name", "", "\u00b2", "9" * 5000)
"""Text that names no action: also what `str.isdigit` takes and `int` does not."""
NO_PLATFORM = "no_such_platform"


def check_value(game: Game[Any]) -> None:
    """The game is a frozen, hashable value, and its numbers make sense."""
    twin = copy.copy(game)
    law(game == twin and hash(game) == hash(twin), "a game is a value: its copy must be equal and hash alike")
    law(_frozen(twin), "a game is frozen: make it a dataclass with frozen=True")
    counts = game.num_players, game.num_actions, game.max_plies
    law(min(counts) > 0, f"num_players, num_actions and max_plies are positive; they are {counts}")
    law(game.num_chance_outcomes >= 0, "num_chance_outcomes is 0 or more")
    bounds = game.min_return, game.max_return
    law(bounds[0] <= bounds[1], f"law 6: min_return {bounds[0]} exceeds max_return {bounds[1]}")
    law(len(game.teams) in {0, game.num_players}, f"teams has an entry for each player; it is {game.teams}")
    _check_permutation(game)


def _frozen(game: Any) -> bool:
    try:
        game.num_players = game.num_players
    except AttributeError:
        return True
    return False


def _check_permutation(game: Game[Any]) -> None:
    table, shape = np.asarray(game.action_permutation), (game.num_symmetries, game.num_actions)
    law(table.shape == shape, f"law 8: action_permutation has shape {shape}; it is {table.shape}")
    identity = np.arange(game.num_actions)
    law((np.sort(table) == identity).all(), "law 8: every row of action_permutation is a permutation")
    law((table[0] == identity).all(), "law 8: symmetry 0 is the identity")


def check_notation(game: Game[Any]) -> None:
    """Every action has a name of its own, and what is no name is refused with a `UserError`."""
    for action in range(min(game.num_actions, NAMED)):
        name = game.action_to_string(action)
        told = _reading(game, name)
        law(
            told == f"returned {action}",
            f"parse_action({name!r}) is action {action}, whose name it is; it {told or 'is refused'}",
        )
    for text in NO_ACTIONS:
        told = _reading(game, text)
        law(not told, f"parse_action({quoted(text)}) raises UserError; it {told}")


def _reading(game: Game[Any], text: str) -> str:
    """What becomes of text that may name an action; empty if it is refused with a `UserError`."""
    try:
        return f"returned {int(game.parse_action(text))}"
    except UserError:
        return ""
    except Exception as error:  # noqa: BLE001 the game's own, whatever it is
        return f"raised {type(error).__name__}: {error}"


@functools.cache
def check_import(module: str) -> None:
    """Importing `module` starts no JAX backend: a fresh interpreter imports it where none can start."""
    environment = {
        **os.environ,
        "JAX_PLATFORMS": NO_PLATFORM,
        "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path),
    }
    command = [sys.executable, "-c", f"import {module}"]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    law(
        NO_PLATFORM not in done.stderr,
        f"importing {module} starts a JAX backend; make its constants NumPy arrays",
    )
