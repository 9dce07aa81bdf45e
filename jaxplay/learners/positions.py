"""Positions from the replay memory, made fit for networks and searches."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import Game, num_edges
from jaxplay.replay import Samples
from jaxplay.struct import replace


def unstrip(game: Game[Any], states: Any) -> Any:
    """Stripped states `(N, ...)` with an empty mask and no rewards, for functions that want the fields."""
    size = states.terminated.shape
    mask = jnp.zeros((*size, num_edges(game)), bool)
    return replace(states, legal_action_mask=mask, rewards=jnp.zeros((*size, game.num_players), jnp.float32))


def searchable(game: Game[Any], states: Any, legal: Array) -> Any:
    """Stripped states `(N, ...)` with the mask of `legal` actions `(N, A)`, as a search wants them."""
    mask = jnp.pad(legal, ((0, 0), (0, num_edges(game) - legal.shape[-1])))
    return replace(unstrip(game, states), legal_action_mask=mask)


def whole(game: Game[Any], samples: Samples) -> Samples:
    """Samples whose states have all fields again; masks and rewards are empty."""
    final = None if samples.final is None else unstrip(game, samples.final)
    return samples._replace(state=unstrip(game, samples.state), final=final)


def random_symmetry(game: Game[Any], samples: Samples, key: Array) -> Samples:
    """Each position, and all that belongs to it, under a symmetry drawn at random."""
    size = samples.policy_weight.shape
    index = jax.random.randint(key, size, 0, game.num_symmetries)
    source = np.argsort(np.asarray(game.action_permutation), axis=-1)

    def permuted(actions: Array) -> Array:
        return jnp.take_along_axis(actions, jnp.asarray(source)[index], axis=-1)

    moved = samples._replace(
        state=jax.vmap(game.symmetry)(samples.state, index),
        legal_action_mask=permuted(samples.legal_action_mask),
        policy_target=permuted(samples.policy_target),
    )
    if samples.reply_target is not None:
        moved = moved._replace(reply_target=permuted(samples.reply_target))
    if samples.final is not None:
        moved = moved._replace(final=jax.vmap(game.symmetry)(samples.final, index))
    return moved
