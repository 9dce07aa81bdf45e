"""Games played by the names of their actions."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxplay.game import Game


@functools.cache
def compiled_step(game: Game[Any]) -> Callable[[Any, Any], Any]:
    """The game's `step`, compiled once for all tests of a process."""
    return jax.jit(game.step)


def play(game: Game[Any], actions: str) -> Any:
    """The state after `actions`, names with spaces between, each of which is legal."""
    state = game.init(jax.random.key(0))
    for name in actions.split():
        action = game.parse_move(state, name)
        assert state.legal_action_mask[action] and not state.terminated, f"{name} is not legal"
        state = compiled_step(game)(state, jnp.int32(action))
    return state


def legal(game: Game[Any], state: Any) -> set[str]:
    """The names of the legal actions."""
    return {game.move_to_string(state, int(action)) for action in np.flatnonzero(state.legal_action_mask)}
