"""Episodes: how a game begins, goes on and ends. Each rule of play stands here once.

Functions of one state are named in the singular and are to be batched by `jax.vmap`. Training, the arena,
records and play on the host all call these; none has a rule of its own.
"""

from typing import Any, TypeVar

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.game import CHANCE, Game, State, fresh, random_action, resolve_chance, sample_outcome

S = TypeVar("S", bound=State)


def begin(game: Game[S], key: Array) -> S:
    """The first decision of a new game: `init`, with chance resolved. One state."""
    return fresh(game, key)


def advance(game: Game[S], state: S, action: Array, key: Array) -> S:
    """The state after a decision and the chance that follows it. One state, which is not terminal.

    Its `rewards` are all that was earned on the way.
    """
    return resolve_chance(game, game.step(state, action), key)


def advance_all(game: Game[S], states: S, actions: Array, key: Array) -> S:
    """`advance` of a batch `(B, ...)`, each element with a key of its own."""
    if game.num_chance_outcomes == 0:
        return jax.vmap(game.step)(states, actions)
    keys = jax.random.split(key, actions.shape[0])
    return jax.vmap(lambda state, action, key: advance(game, state, action, key))(states, actions, keys)


def opening_decision(
    game: Game[S], state: S, key: Array, wish: tuple[Array, Array] | None = None
) -> tuple[Array, Array, S, Array]:
    """What an opening plays at random, and what comes of it. One state.

    Args:
        game: that is played.
        state: neither terminal nor a chance node.
        key: of the action and of the chance behind it.
        wish: whether an action is played that is not random, and which one, `()` each.

    Returns:
        The action `()`, the key of the chance behind it, the state after both, and whether the ply is played,
        `()` bool: one that would end the game is not.
    """
    key_action, key_chance = jax.random.split(key)
    action = random_action(state.legal_action_mask[: game.num_actions], key_action)
    action = action if wish is None else jnp.where(wish[0], wish[1], action)
    after = advance(game, state, action, key_chance)
    return action, key_chance, after, ~after.terminated


def opening_ply(
    game: Game[S], state: S, key: Array, wish: tuple[Array, Array] | None = None
) -> tuple[S, Array]:
    """One ply of an opening as in `opening_decision`, and whether it was played, `()` bool. One state.

    A ply that would end the game is not played: the state stays as it is.
    """
    _, _, after, plays = opening_decision(game, state, key, wish)
    return select(plays, after, state), plays


def opening(game: Game[S], key: Array, num_plies: Array, most: int) -> tuple[S, Array, Array]:
    """A game after random plies that do not end it: state, returns so far `(P,)`, plies played `()` int32.

    Args:
        game: to begin.
        key: of the first state, the plies and all chance.
        num_plies: `()` int32, random plies that are tried.
        most: an upper bound of `num_plies`, static.
    """
    key_begin, key_plies = jax.random.split(key)
    state = begin(game, key_begin)

    def ply(i: Array, carry: tuple[S, Array, Array]) -> tuple[S, Array, Array]:
        state, returns, plies = carry
        after, plays = opening_ply(game, state, jax.random.fold_in(key_plies, i))
        gained = (after, returns + after.rewards, plies + 1)
        return select(plays & (i < num_plies), gained, carry)

    start = (state, state.rewards, jnp.int32(0))
    return jax.lax.fori_loop(0, most, ply, start) if most > 0 else start  # no body to compile


def is_cut(game: Game[Any], terminated: Array, plies: Array) -> Array:
    """`(...)` bool: whether a game that still goes on after `plies` decisions is cut there (truncated)."""
    return ~terminated & (plies >= game.max_plies)


def final_returns(game: Game[Any], returns: Array, truncated: Array) -> Array:
    """`(..., P)`: what the players of games that are over have earned; a cut zero-sum game is a draw.

    Args:
        game: that was played.
        returns: `(..., P)` or `(..., V)`, sums of rewards.
        truncated: `(...)` bool, whether the game was cut.
    """
    return jnp.where(truncated[..., None] & game.zero_sum, jnp.zeros_like(returns), returns)


def waits_for_chance(state: Any) -> Array:
    """`(...)` bool: whether chance is to move."""
    return (state.current_player == CHANCE) & ~state.terminated


def chance_outcome(game: Game[Any], state: Any, key: Array, turn: Array) -> Array:
    """`()` int32: outcome number `turn` after a decision, as `advance` with `key` samples it. One state."""
    return sample_outcome(game.chance_probs(state), jax.random.fold_in(key, turn))


def select(condition: Array, yes: Any, no: Any) -> Any:
    """Trees of small arrays `(*condition.shape, ...)`, chosen element by element."""

    def pick(a: Array, b: Array) -> Array:
        return jnp.where(condition.reshape(condition.shape + (1,) * (a.ndim - condition.ndim)), a, b)

    return jax.tree.map(pick, yes, no)
