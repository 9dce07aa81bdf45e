"""Matches between two moves: one game after the other, with the opening of the next prepared beside it."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.game import Game, fresh, random_action, resolve_chance
from jaxplay.selfplay.resignation import Watch
from jaxplay.struct import pytree, replace


@pytree
class Match:
    """B matches between two moves; leaves `(B, ...)`.

    Attributes:
        state: the position; never terminal, never a chance node.
        ply: int32, decisions so far in this game.
        prepared: the next game's opening, as far as it has come.
        wanted: int32, random plies still to be played in `prepared`.
        opened: int32, random plies played in `prepared`.
        watch: who is close to resigning; None where nobody resigns.
    """

    state: Any
    ply: Array
    prepared: Any
    wanted: Array
    opened: Array
    watch: Watch | None = None


def begin(game: Game[Any], max_opening_plies: int, key: Array) -> tuple[Any, Array]:
    """A new game, and how many random plies it shall begin with: 0 to `max_opening_plies`."""
    key_state, key_wanted = jax.random.split(key)
    wanted = jax.random.randint(key_wanted, (), 0, max_opening_plies + 1, jnp.int32)
    return fresh(game, key_state), wanted


def first_match(game: Game[Any], num_matches: int, max_opening_plies: int, key: Array) -> Match:
    """Matches at the first move after an opening."""

    def some(number: int) -> tuple[Any, Array]:
        keys = jax.random.split(jax.random.fold_in(key, number), num_matches)
        return jax.vmap(lambda k: begin(game, max_opening_plies, k))(keys)

    (state, _), (prepared, wanted) = some(0), some(1)
    zero = jnp.zeros((num_matches,), jnp.int32)
    match = Match(state, zero, prepared, wanted, zero)
    if max_opening_plies == 0:
        return match
    keys = jax.random.split(jax.random.fold_in(key, 2), max_opening_plies)
    match = jax.lax.scan(lambda m, k: (prepare(game, m, k), None), match, keys)[0]
    ended = jnp.ones((num_matches,), bool)
    return restart(game, match, ended, max_opening_plies, jax.random.fold_in(key, 3))


def advance(game: Game[Any], states: Any, actions: Array, key: Array) -> Any:
    """The states after `actions`, and after the chance behind them."""
    states = jax.vmap(game.step)(states, actions)
    if game.num_chance_outcomes == 0:
        return states
    keys = jax.random.split(key, actions.shape[0])
    return jax.vmap(lambda s, k: resolve_chance(game, s, k))(states, keys)


def prepare(game: Game[Any], match: Match, key: Array) -> Match:
    """One more random ply in the openings that want it; a ply that ends the game is not played."""
    key_action, key_chance = jax.random.split(key)
    batch = match.ply.shape[0]
    keys = jax.random.split(key_action, batch)
    action = jax.vmap(random_action)(match.prepared.legal_action_mask[:, : game.num_actions], keys)
    after = advance(game, match.prepared, action, key_chance)
    wants = match.wanted > 0
    plays = wants & ~after.terminated
    return replace(
        match,
        prepared=select(plays, after, match.prepared),
        wanted=match.wanted - wants,
        opened=match.opened + plays,
    )


def restart(game: Game[Any], match: Match, ended: Array, max_opening_plies: int, key: Array) -> Match:
    """Where a game ended, the prepared one takes its place and a new opening is begun."""
    keys = jax.random.split(key, ended.shape[0])
    prepared, wanted = jax.vmap(lambda k: begin(game, max_opening_plies, k))(keys)
    return replace(
        match,
        state=select(ended, match.prepared, match.state),
        ply=jnp.where(ended, match.opened, match.ply),
        prepared=select(ended, prepared, match.prepared),
        wanted=jnp.where(ended, wanted, match.wanted),
        opened=jnp.where(ended, 0, match.opened),
    )


def select(condition: Array, yes: Any, no: Any) -> Any:
    """Element by element of a batch `(B,)`, from trees of small arrays `(B, ...)`."""

    def pick(a: Array, b: Array) -> Array:
        return jnp.where(condition.reshape(-1, *[1] * (a.ndim - 1)), a, b)

    return jax.tree.map(pick, yes, no)
