"""Reanalysis: positions of the memory are searched again with what the network has learned since.

Schrittwieser et al. 2021 (MuZero Unplugged) search whole batches again as they are drawn. Here rows of the
memory are, and what is found is written back: a position is drawn about four times while it is remembered,
so that one search serves several gradient steps, and a row is as large a batch as self-play searches.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Params
from jaxplay.game import Game
from jaxplay.learners.positions import searchable
from jaxplay.perspective import frame_of_view
from jaxplay.replay import Replay, unpack
from jaxplay.search import Search
from jaxplay.struct import replace


class Reanalysis(NamedTuple):
    """What is searched again.

    Attributes:
        search: without noise, as nothing is to be explored.
        plies: rows of the memory, drawn anew at each call of the learner. To be compared with the plies of
            self-play: as many take as long as self-play does.
    """

    search: Search
    plies: int


class Searched(NamedTuple):
    """What a row of the ring becomes. Leading axes where several rows were searched.

    Attributes:
        shard: `()` int32.
        row: `()` int32.
        policy_target: `(B, A)` float32.
        value: `(B, V)` float32, fixed frame.
        policy_weight: `(B,)` float32. A position whose policy was not to be learned, because its search was
            cheap or an opponent's, has 1; one that has no value to teach either, as it waited, has 0.
        change: `()` float32, how far policy targets moved: total variation, the mean over positions.
    """

    shard: Array
    row: Array
    policy_target: Array
    value: Array
    policy_weight: Array
    change: Array


def reanalyze(
    game: Game[Any], reanalysis: Reanalysis, params: Params, ready: Array, replay: Replay, keys: Array
) -> tuple[Replay, Array]:
    """Search some rows of each shard again if `ready` `()` bool; a ring that holds nothing must not be.

    All rows are searched before any is written: a program that reads an array on its way to overwriting it
    copies it (`docs/decisions/0018`).

    Args:
        game: whose positions the ring holds.
        reanalysis: the search, and how many rows.
        params: of the search.
        ready: whether anything is searched.
        replay: the ring.
        keys: `(S,)`, consumed.

    Returns:
        The ring with new policy targets and values, and how far policy targets moved, `(S,)` float32:
        total variation, the mean over positions; nan where not `ready`.
    """
    plies, shards = reanalysis.plies, len(keys)

    def search_one(number: Array) -> Searched:
        shard = number // plies
        key_row, key_search = jax.random.split(jax.random.fold_in(keys[shard], number % plies))
        row = jax.random.randint(key_row, (), 0, jnp.maximum(replay.filled[shard], 1))
        return search_row(game, reanalysis.search, params, replay, shard, row, key_search)

    def search_all() -> Searched:
        return jax.lax.map(search_one, jnp.arange(shards * plies))

    def nothing() -> Searched:
        return jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), jax.eval_shape(search_all))

    found = jax.lax.cond(ready, search_all, nothing)

    def write(number: Array, replay: Replay) -> Replay:
        return write_row(replay, jax.tree.map(lambda leaf: leaf[number], found))

    replay = jax.lax.fori_loop(0, jnp.where(ready, shards * plies, 0), write, replay)
    return replay, jnp.where(ready, found.change.reshape(shards, plies).mean(1), jnp.nan)


def search_row(
    game: Game[Any], search: Search, params: Params, replay: Replay, shard: Array, row: Array, key: Array
) -> Searched:
    """Row `()` of shard `()`, searched again."""
    state = jax.tree.map(lambda leaf: leaf[shard, row], replay.state)
    before = replay.policy_target[shard, row].astype(jnp.float32)
    legal = unpack(replay.legal_actions[shard, row], before.shape[-1])
    found = search(params, key, searchable(game, state, legal))
    value = frame_of_view(game, found.value, state.current_player)
    weight = replay.policy_weight[shard, row]
    taught = (weight == 0.0) & (replay.value_weight[shard, row] > 0.0)
    change = 0.5 * jnp.abs(found.action_weights - before).sum(-1).mean()
    return Searched(shard, row, found.action_weights, value, jnp.where(taught, 1.0, weight), change)


def write_row(replay: Replay, found: Searched) -> Replay:
    """The ring with one row as it was searched."""

    def write(array: Array, row: Array) -> Array:
        return array.at[found.shard, found.row].set(row.astype(array.dtype))

    return replace(
        replay,
        policy_target=write(replay.policy_target, found.policy_target),
        value=write(replay.value, found.value),
        policy_weight=write(replay.policy_weight, found.policy_weight),
    )
