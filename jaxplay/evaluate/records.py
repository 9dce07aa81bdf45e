"""Games move by move, as they are shown and kept."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike

from jaxplay.evaluate.batches import Choose
from jaxplay.game import CHANCE, Game, random_action, sample_outcome

CHANCE_ACTIONS = 8
"""Chance outcomes that fit into a record for each decision; a game with more of them is cut."""


class Record(NamedTuple):
    """One game from its first state."""

    actions: tuple[int, ...]
    """Decisions and chance outcomes in order."""
    moves: tuple[str, ...]
    """The same in the game's notation; an outcome of chance is a number in brackets."""
    returns: tuple[float, ...]
    """Sum of rewards of each player."""
    terminated: bool
    """False: cut at the bound of plies."""
    final: str
    """The last position, drawn."""


def record_games(
    game: Game[Any], choose: Choose, key: Array, num_games: int, opening_plies: ArrayLike = 0
) -> list[Record]:
    """Let a player meet itself.

    Args:
        game: what is played.
        choose: who plays, for all seats.
        key: all randomness.
        num_games: games at once.
        opening_plies: random decisions before the player takes over, `()` or `(num_games,)` int.
    """
    opening = np.broadcast_to(np.asarray(opening_plies), num_games)
    key_begin, key_play = jax.random.split(key)
    states = jax.device_get(_begin(game, jax.random.split(key_begin, num_games)))
    lines = [_Line((), (), states.rewards[i]) for i in range(num_games)]
    plies = np.zeros(num_games, int)
    for count in range(game.max_plies * (CHANCE_ACTIONS if game.num_chance_outcomes else 1)):
        alive = ~states.terminated & (plies < game.max_plies)
        if not alive.any():
            break
        chosen = _choose(game, choose, jax.random.fold_in(key_play, count), states, plies < opening)
        by_chance = states.current_player == CHANCE
        before, states = states, jax.device_get(_step(game, states, chosen, alive))
        plies = plies + (alive & ~by_chance)
        for i in np.flatnonzero(alive).tolist():
            action = int(chosen[i])
            name = f"({action})" if by_chance[i] else game.move_to_string(_one(before, i), action)
            lines[i] = lines[i].after(action, name, states.rewards[i])
    return [line.record(game, _one(states, i)) for i, line in enumerate(lines)]


def _one(states: Any, i: int) -> Any:
    """One of a batch of states."""
    return jax.tree.map(lambda leaf: leaf[i], states)


class _Line(NamedTuple):
    """A game so far."""

    actions: tuple[int, ...]
    moves: tuple[str, ...]
    returns: np.ndarray

    def after(self, action: int, move: str, rewards: np.ndarray) -> "_Line":
        return _Line((*self.actions, action), (*self.moves, move), self.returns + rewards)

    def record(self, game: Game[Any], last: Any) -> Record:
        """The finished record; `last` is the state that the game came to."""
        returns = tuple(map(float, self.returns))
        return Record(self.actions, self.moves, returns, bool(last.terminated), game.render(last))


def _choose(game: Game[Any], choose: Choose, key: Array, states: Any, at_random: np.ndarray) -> np.ndarray:
    """`(G,)` int32: what the player, the opening or chance does in each state."""
    key_choose, key_draw = jax.random.split(key)
    drawn, outcome = jax.device_get(_draw(game, jax.random.split(key_draw, len(at_random)), states))
    chosen = np.where(at_random, drawn, choose(key_choose, states))
    return np.where(states.current_player == CHANCE, outcome, chosen).astype(np.int32)


@partial(jax.jit, static_argnums=0)
def _begin(game: Game[Any], keys: Array) -> Any:
    return jax.vmap(game.init)(keys)


@partial(jax.jit, static_argnums=0)
def _draw(game: Game[Any], keys: Array, states: Any) -> tuple[Array, Array]:
    """`(G,)` int32 each: a random action, and an outcome of chance."""
    drawn = jax.vmap(random_action)(states.legal_action_mask[:, : game.num_actions], keys)
    if game.num_chance_outcomes == 0:
        return drawn, drawn
    return drawn, jax.vmap(sample_outcome)(jax.vmap(game.chance_probs)(states), keys)


@partial(jax.jit, static_argnums=0)
def _step(game: Game[Any], states: Any, actions: Array, alive: Array) -> Any:
    """The next states where `alive`."""

    def one(state: Any, action: Array, goes_on: Array) -> Any:
        after = game.step(state, action)
        return jax.tree.map(lambda a, b: jnp.where(goes_on, a, b), after, state)

    return jax.vmap(one)(states, actions, alive)
