"""Random games, every move recorded."""

import functools
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import CHANCE, Game, random_action, strip
from jaxplay.struct import pytree
from jaxplay.testing.law import GameLawError

LANES = 32
"""Games played side by side."""
LONGEST = 1 << 14
"""Moves after which a game that still goes on is given up."""


@pytree
class Lane:
    """A game under way.

    Attributes:
        state: the position.
        seed: `()` int32: the game began with `init(jax.random.key(seed))`.
        age: `()` int32: moves so far.
        decisions: `()` int32: moves so far that were not chance.
        returns: `(P,)` float32: rewards so far.
    """

    state: Any
    seed: Array
    age: Array
    decisions: Array
    returns: Array


@pytree
class Move:
    """A move: the lane before it, the action, and what came of it (`returns` includes this move)."""

    lane: Lane
    action: Array
    after: Any
    returns: Array


def replay(game: Game[Any], seed: int, actions: Sequence[int]) -> Any:
    """The state after `actions` in the game that began with `init(jax.random.key(seed))`."""
    state = game.init(jax.random.key(seed))
    for action in actions:
        state = game.step(state, jnp.int32(action))
    return state


def timed_play(game: Game[Any], num_steps: int, seed: int) -> tuple[Move, float]:
    """`num_steps` moves in every lane as NumPy arrays `(num_steps, LANES, ...)`, and moves a second."""
    jax.block_until_ready(_play(game, num_steps, seed))
    start = time.perf_counter()
    moves = jax.block_until_ready(_play(game, num_steps, seed))
    return jax.device_get(moves), num_steps * LANES / (time.perf_counter() - start)


class Continued(NamedTuple):
    """Games played on until the first was over, or had lasted long enough.

    Attributes:
        lanes: `(LANES, ...)`: where they came to.
        actions: `(longest, LANES)` int32: the moves; those of a lane are the first `age`.
    """

    lanes: Lane
    actions: Array


@functools.partial(jax.jit, static_argnums=(0, 1))
def play_on(game: Game[Any], longest: int, seed: int | Array) -> Continued:
    """Random games until one is over, or has had `max_plies` decisions or `longest` moves."""

    def going(carry: tuple[Continued, Array]) -> Array:
        (lanes, _), count = carry
        return (count < longest) & ~(lanes.state.terminated | late(game, lanes)).any()

    def advance(carry: tuple[Continued, Array]) -> tuple[Continued, Array]:
        (lanes, actions), count = carry
        keys = jax.random.split(jax.random.fold_in(jax.random.key(seed), count), LANES)
        moves = jax.vmap(lambda lane, key: _move(game, lane, key))(lanes, keys)
        return Continued(jax.vmap(after)(moves), actions.at[count].set(moves.action)), count + 1

    lanes = jax.vmap(lambda seed: _begin(game, seed))(jnp.arange(LANES, dtype=jnp.int32) + seed)
    actions = jnp.zeros((longest, LANES), jnp.int32)
    return jax.lax.while_loop(going, advance, (Continued(lanes, actions), jnp.int32(0)))[0]


@functools.partial(jax.jit, static_argnums=(0, 1))
def _play(game: Game[Any], num_steps: int, seed: int | Array) -> Move:
    def advance(lanes: Lane, key: Array) -> tuple[Lane, Move]:
        moves = jax.vmap(lambda lane, key: _move(game, lane, key))(lanes, jax.random.split(key, LANES))
        return jax.vmap(lambda move: _next(game, move))(moves), moves

    seeds = jnp.arange(LANES, dtype=jnp.int32) + seed * (LANES * num_steps)
    lanes = jax.vmap(lambda seed: _begin(game, seed))(seeds)
    return jax.lax.scan(advance, lanes, jax.random.split(jax.random.key(seed), num_steps))[1]


def _begin(game: Game[Any], seed: Array) -> Lane:
    zero = jnp.int32(0)
    state = game.init(jax.random.key(seed))
    return Lane(
        state=state, seed=seed, age=zero, decisions=zero, returns=jnp.zeros(game.num_players, jnp.float32)
    )


def _move(game: Game[Any], lane: Lane, key: Array) -> Move:
    action = random_action(lane.state.legal_action_mask, key)
    after = game.step(strip(lane.state), action)
    return Move(lane=lane, action=action, after=after, returns=lane.returns + after.rewards)


def after(move: Move) -> Lane:
    """The lane after a move."""
    decisions = move.lane.decisions + (move.lane.state.current_player != CHANCE).astype(jnp.int32)
    return Lane(
        state=move.after,
        seed=move.lane.seed,
        age=move.lane.age + 1,
        decisions=decisions,
        returns=move.returns,
    )


def late(game: Game[Any], lane: Lane) -> Array:
    """Whether the game has had all of its decisions, and the chance that follows the last of them."""
    return (lane.decisions >= game.max_plies) & (lane.state.current_player != CHANCE)


def _next(game: Game[Any], move: Move) -> Lane:
    """The game goes on, or another begins where it is over, at its end or at `max_plies`."""
    going = after(move)
    over = going.state.terminated | late(game, going)
    return jax.tree.map(
        lambda new, old: jnp.where(over, new, old), _begin(game, move.lane.seed + LANES), going
    )


def require(game: Game[Any], moves: Move, held: np.ndarray, message: str, *, before: bool = False) -> None:
    """Raise for the first move, `(num_steps, LANES)`, that broke a law, with the moves that lead there.

    Args:
        game: the game, for the message.
        moves: what was played.
        held: `(num_steps, LANES)` bool: whether the law held.
        message: the law.
        before: whether it is the position before the move that broke it.
    """
    if held.all():
        return
    step, column = np.argwhere(~held)[0]
    begin = step - moves.lane.age[step, column]
    actions = moves.action[begin : step + (not before), column].tolist()
    seed = int(moves.lane.seed[step, column])
    raise GameLawError(f"{message}; see {replay_call(game, seed, actions)}")


def replay_call(game: Game[Any], seed: int, actions: Sequence[int]) -> str:
    """The call of `replay` that leads to a position, as text."""
    return f"jaxplay.testing.replay({game!r}, {seed}, {list(actions)})"
