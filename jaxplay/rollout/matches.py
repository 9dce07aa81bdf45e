"""Matches between two moves: one game after the other, with the opening of the next prepared beside it.

A match is an endless series of games. While one is played, random plies of the next one's opening are
played beside it, one at a time: so an opening costs one `step` a ply, and no search is spent on it.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.config import SelfPlayConfig
from jaxplay.game import Game
from jaxplay.perspective import num_values
from jaxplay.rollout.episode import begin, opening_ply, select
from jaxplay.rollout.lopsided import wish
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
        opening_favours: int32, whom the opening in `prepared` favours, -1 for none; None where it never does.
    """

    state: Any
    ply: Array
    return_so_far: Array
    prepared: Any
    opening_left: Array
    opening_plies: Array
    watch: Watch | None = None
    opening_favours: Array | None = None


class _New(NamedTuple):
    """An opening before its first ply: a state, its plies `()`, and whom it favours, as in `EpisodeState`."""

    state: Any
    left: Array
    favours: Array | None


def first_episodes(game: Game[Any], num_matches: int, options: SelfPlayConfig, key: Array) -> EpisodeState:
    """Matches at the first move after an opening."""

    def some(number: int) -> _New:
        keys = jax.random.split(jax.random.fold_in(key, number), num_matches)
        return jax.vmap(lambda k: _new_opening(game, options, k))(keys)

    first, second = some(0), some(1)
    zero = jnp.zeros((num_matches,), jnp.int32)
    nothing = jnp.zeros((num_matches, num_values(game)), jnp.float32)
    episodes = EpisodeState(
        first.state, zero, nothing, second.state, second.left, zero, opening_favours=second.favours
    )
    if options.max_opening_plies == 0:
        return episodes
    keys = jax.random.split(jax.random.fold_in(key, 2), options.max_opening_plies)
    episodes = jax.lax.scan(lambda e, k: (prepare_opening(game, e, k), None), episodes, keys)[0]
    ended = jnp.ones((num_matches,), bool)
    return restart(game, episodes, ended, options, jax.random.fold_in(key, 3))


def prepare_opening(game: Game[Any], episodes: EpisodeState, key: Array) -> EpisodeState:
    """One more ply in the openings that want it."""
    keys = jax.random.split(key, episodes.ply.shape[0])

    def ply(state: Any, favoured: Array | None, key: Array) -> tuple[Any, Array]:
        wanted = None if favoured is None else wish(game, state, favoured, jax.random.fold_in(key, 1))
        return opening_ply(game, state, key, wanted)

    after, plays = jax.vmap(ply)(episodes.prepared, episodes.opening_favours, keys)
    wants = episodes.opening_left > 0
    return replace(
        episodes,
        prepared=select(wants, after, episodes.prepared),
        opening_left=episodes.opening_left - wants,
        opening_plies=episodes.opening_plies + (wants & plays),
    )


def restart(
    game: Game[Any], episodes: EpisodeState, ended: Array, options: SelfPlayConfig, key: Array
) -> EpisodeState:
    """Where a game `ended` `(M,)`, the prepared one takes its place and a new opening is begun."""
    keys = jax.random.split(key, ended.shape[0])
    new = jax.vmap(lambda k: _new_opening(game, options, k))(keys)
    return replace(
        episodes,
        state=select(ended, episodes.prepared, episodes.state),
        ply=jnp.where(ended, episodes.opening_plies, episodes.ply),
        return_so_far=jnp.where(ended[:, None], 0.0, episodes.return_so_far),
        prepared=select(ended, new.state, episodes.prepared),
        opening_left=jnp.where(ended, new.left, episodes.opening_left),
        opening_plies=jnp.where(ended, 0, episodes.opening_plies),
        opening_favours=select(ended, new.favours, episodes.opening_favours),
    )


def _new_opening(game: Game[Any], options: SelfPlayConfig, key: Array) -> _New:
    """A new game, and how it shall begin: with 0 to `max_opening_plies` plies."""
    key_state, key_plies = jax.random.split(key)
    left = jax.random.randint(key_plies, (), 0, options.max_opening_plies + 1, jnp.int32)
    return _New(begin(game, key_state), left, _who_is_favoured(options, jax.random.fold_in(key_plies, 1)))


def _who_is_favoured(options: SelfPlayConfig, key: Array) -> Array | None:
    """Player 0 or 1, or -1 for none, `()` int32; None where nobody ever is."""
    if options.lopsided_openings == 0.0:
        return None
    luck, share = jax.random.uniform(key), options.lopsided_openings
    return jnp.where(luck < share, (luck < share / 2).astype(jnp.int32), -1)
