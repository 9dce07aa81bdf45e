"""Games move by move, as they are shown and kept."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike

from jaxplay.evaluate.loop import Act
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
    game: Game[Any], act: Act, params: Any, key: Array, num_games: int, opening_plies: ArrayLike = 0
) -> list[Record]:
    """Let a player meet itself.

    Args:
        game: what is played.
        act: who plays, for all seats.
        params: of `act`.
        key: all randomness.
        num_games: games at once.
        opening_plies: random decisions before the player takes over, `()` or `(num_games,)` int.
    """
    starts, actions = jax.device_get(_play(game, act, num_games, params, key, opening_plies))
    first = [jax.tree.map(lambda leaf, i=i: leaf[i], starts) for i in range(num_games)]
    return [_replay(game, *one) for one in zip(first, actions, strict=True)]


def _replay(game: Game[Any], state: Any, actions: np.ndarray) -> Record:
    """The record of one game from its first state and its actions, -1 after the end."""
    played = [int(action) for action in actions if action >= 0]
    moves, returns = [], np.asarray(state.rewards, np.float64)
    for action in played:
        by_chance = int(state.current_player) == CHANCE
        moves.append(f"({action})" if by_chance else game.action_to_string(action))
        state = jax.device_get(_step(game, state, np.int32(action)))
        returns = returns + state.rewards
    return Record(
        tuple(played), tuple(moves), tuple(map(float, returns)), bool(state.terminated), game.render(state)
    )


@partial(jax.jit, static_argnums=(0, 1, 2))
def _play(
    game: Game[Any], act: Act, num_games: int, params: Any, key: Array, opening_plies: ArrayLike
) -> tuple[Any, Array]:
    """First states `(G, ...)`, and actions `(G, L)` int32, -1 after the end of a game."""
    length = game.max_plies * (CHANCE_ACTIONS if game.num_chance_outcomes else 1)

    def playing(carry: tuple[Any, Array, Array, Array]) -> Array:
        states, _, plies, count = carry
        return jnp.any(~states.terminated & (plies < game.max_plies)) & (count < length)

    def node(carry: tuple[Any, Array, Array, Array]) -> tuple[Any, Array, Array, Array]:
        states, actions, plies, count = carry
        alive = ~states.terminated & (plies < game.max_plies)
        chosen = _choose(game, act, params, jax.random.fold_in(key, count), states, plies < opening_plies)
        after = jax.vmap(game.step)(states, chosen)
        states = jax.tree.map(lambda a, b: jnp.where(_like(alive, a), a, b), after, states)
        decided = alive & (carry[0].current_player != CHANCE)
        return states, actions.at[:, count].set(jnp.where(alive, chosen, -1)), plies + decided, count + 1

    states = jax.vmap(game.init)(jax.random.split(jax.random.fold_in(key, length), num_games))
    none = jnp.full((num_games, length), -1, jnp.int32)
    start = (states, none, jnp.zeros((num_games,), jnp.int32), jnp.int32(0))
    return states, jax.lax.while_loop(playing, node, start)[1]


def _choose(game: Game[Any], act: Act, params: Any, key: Array, states: Any, at_random: Array) -> Array:
    """`(G,)` int32: what the player, the opening or chance does in each state."""
    key_act, key_random, key_chance = jax.random.split(key, 3)
    keys = jax.random.split(key_random, at_random.shape[0])
    drawn = jax.vmap(random_action)(states.legal_action_mask[:, : game.num_actions], keys)
    chosen = jnp.where(at_random, drawn, act(params, key_act, states))
    if game.num_chance_outcomes == 0:
        return chosen
    keys = jax.random.split(key_chance, at_random.shape[0])
    outcome = jax.vmap(sample_outcome)(jax.vmap(game.chance_probs)(states), keys)
    return jnp.where(states.current_player == CHANCE, outcome, chosen)


def _like(condition: Array, leaf: Array) -> Array:
    return condition.reshape(condition.shape + (1,) * (leaf.ndim - 1))


@partial(jax.jit, static_argnums=0)
def _step(game: Game[Any], state: Any, action: Array) -> Any:
    return game.step(state, action)
