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
from jaxplay.replay import Replay
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


def reanalyze(
    game: Game[Any], reanalysis: Reanalysis, params: Params, ready: Array, replay: Replay, key: Array
) -> tuple[Replay, Array]:
    """Search some rows again if `ready` `()` bool; a ring that holds nothing must not be.

    Returns:
        The ring with new policy targets and search values (what had no policy weight gets 1), and how far
        policy targets moved, `()` float32: total variation, the mean over positions; nan where not `ready`.
    """

    def again(number: Array, carry: tuple[Replay, Array]) -> tuple[Replay, Array]:
        replay, moved = carry
        key_row, key_search = jax.random.split(jax.random.fold_in(key, number))
        row = jax.random.randint(key_row, (), 0, jnp.maximum(replay.filled, 1))
        replay, change = search_row(game, reanalysis.search, params, replay, row, key_search)
        return replay, moved + change

    rows = jnp.where(ready, reanalysis.plies, 0)
    replay, moved = jax.lax.fori_loop(0, rows, again, (replay, jnp.float32(0.0)))
    return replay, jnp.where(ready, moved / reanalysis.plies, jnp.nan)


def search_row(
    game: Game[Any], search: Search, params: Params, replay: Replay, row: Array, key: Array
) -> tuple[Replay, Array]:
    """The ring with row `()` searched again, and how far its policy targets moved, `()` float32."""
    state = jax.tree.map(lambda leaf: leaf[row], replay.state)
    before = replay.policy_target[row].astype(jnp.float32)
    legal = before >= 0.0
    found = search(params, key, searchable(game, state, legal))
    target = jnp.where(legal, found.action_weights, -1.0)
    value = frame_of_view(game, found.value, state.current_player)
    weight = jnp.where(replay.policy_weight[row] > 0.0, replay.policy_weight[row], 1.0)
    replay = replace(
        replay,
        policy_target=replay.policy_target.at[row].set(target.astype(replay.policy_target.dtype)),
        search_value=replay.search_value.at[row].set(value),
        policy_weight=replay.policy_weight.at[row].set(weight),
    )
    return replay, 0.5 * jnp.abs(target - before).sum(-1).mean()
