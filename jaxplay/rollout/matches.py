"""Matches between two moves: one game after the other, with the opening of the next prepared beside it.

A match is an endless series of games. While one is played, random plies of the next one's opening are
played beside it, one at a time: so an opening costs one `step` a ply, and no search is spent on it.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.game import Game
from jaxplay.perspective import num_values
from jaxplay.rollout.episode import begin, opening_ply, select
from jaxplay.rollout.resignation import Watch
from jaxplay.struct import pytree, replace


@pytree
class EpisodeState:
    """M matches between two moves; leaves `(M, ...)`.

    Attributes:
        state: the position; never terminal, never a chance node.
        ply: int32, decisions of this game so far.
        return_so_far: `(M, V)` float32, rewards of this game so far, fixed frame.
        prepared: the next game's opening, as far as it has come.
        opening_left: int32, random plies still to be played in `prepared`.
        opening_plies: int32, random plies played in `prepared`.
        watch: who is close to resigning; None where nobody resigns.
    """

    state: Any
    ply: Array
    return_so_far: Array
    prepared: Any
    opening_left: Array
    opening_plies: Array
    watch: Watch | None = None


def first_episodes(game: Game[Any], num_matches: int, max_opening_plies: int, key: Array) -> EpisodeState:
    """Matches at the first move after an opening."""

    def some(number: int) -> tuple[Any, Array]:
        keys = jax.random.split(jax.random.fold_in(key, number), num_matches)
        return jax.vmap(lambda k: _new_opening(game, max_opening_plies, k))(keys)

    (state, _), (prepared, left) = some(0), some(1)
    zero = jnp.zeros((num_matches,), jnp.int32)
    nothing = jnp.zeros((num_matches, num_values(game)), jnp.float32)
    episodes = EpisodeState(state, zero, nothing, prepared, left, zero)
    if max_opening_plies == 0:
        return episodes
    keys = jax.random.split(jax.random.fold_in(key, 2), max_opening_plies)
    episodes = jax.lax.scan(lambda e, k: (prepare_opening(game, e, k), None), episodes, keys)[0]
    ended = jnp.ones((num_matches,), bool)
    return restart(game, episodes, ended, max_opening_plies, jax.random.fold_in(key, 3))


def prepare_opening(game: Game[Any], episodes: EpisodeState, key: Array) -> EpisodeState:
    """One more random ply in the openings that want it."""
    keys = jax.random.split(key, episodes.ply.shape[0])
    after, plays = jax.vmap(lambda state, k: opening_ply(game, state, k))(episodes.prepared, keys)
    wants = episodes.opening_left > 0
    return replace(
        episodes,
        prepared=select(wants, after, episodes.prepared),
        opening_left=episodes.opening_left - wants,
        opening_plies=episodes.opening_plies + (wants & plays),
    )


def restart(
    game: Game[Any], episodes: EpisodeState, ended: Array, max_opening_plies: int, key: Array
) -> EpisodeState:
    """Where a game `ended` `(M,)`, the prepared one takes its place and a new opening is begun."""
    keys = jax.random.split(key, ended.shape[0])
    prepared, left = jax.vmap(lambda k: _new_opening(game, max_opening_plies, k))(keys)
    return replace(
        episodes,
        state=select(ended, episodes.prepared, episodes.state),
        ply=jnp.where(ended, episodes.opening_plies, episodes.ply),
        return_so_far=jnp.where(ended[:, None], 0.0, episodes.return_so_far),
        prepared=select(ended, prepared, episodes.prepared),
        opening_left=jnp.where(ended, left, episodes.opening_left),
        opening_plies=jnp.where(ended, 0, episodes.opening_plies),
    )


def _new_opening(game: Game[Any], max_opening_plies: int, key: Array) -> tuple[Any, Array]:
    """A new game, and how many random plies it shall begin with: 0 to `max_opening_plies`."""
    key_state, key_plies = jax.random.split(key)
    return begin(game, key_state), jax.random.randint(key_plies, (), 0, max_opening_plies + 1, jnp.int32)
