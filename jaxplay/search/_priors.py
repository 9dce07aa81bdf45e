"""Priors of actions from an evaluator's logits, for legal actions only and always finite."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Prediction
from jaxplay.game import CHANCE, Game, num_edges
from jaxplay.search._tree import ILLEGAL


def legal_logits(prediction: Prediction, legal: Array) -> tuple[Array, Array]:
    """Logits `(K, A)` float32 of legal actions, -inf elsewhere, and whether they are sound, `(K,)` bool.

    They are not where one of a legal action is NaN or +inf, or all are -inf. All legal actions then have the
    same logit, so that nothing which follows from it is illegal.
    """
    logits = jnp.where(legal, prediction.logits.astype(jnp.float32), -jnp.inf)
    sound = jnp.isfinite(logits.max(-1))
    return jnp.where(sound[:, None] | ~legal, logits, 0.0), sound


def legal_prior(prediction: Prediction, legal: Array) -> tuple[Array, Array]:
    """Priors `(K, A)` of actions, `ILLEGAL` of illegal ones, and whether the logits were sound, `(K,)` bool.

    They are the softmax over legal actions; where the logits are not sound (`legal_logits`), all legal
    actions are equally likely.
    """
    logits = jnp.where(legal, prediction.logits.astype(jnp.float32), -jnp.inf)
    largest = logits.max(-1, keepdims=True)  # NaN if any is
    sound = jnp.isfinite(largest)
    weights = jnp.where(sound, jnp.exp(logits - largest), legal.astype(jnp.float32))
    prior = weights / weights.sum(-1, keepdims=True)
    return jnp.where(legal, prior, ILLEGAL), sound[:, 0]


def finite_values(prediction: Prediction) -> tuple[Array, Array]:
    """Values `(K,)` or `(K, P)` float32, 0 where they are not finite, and whether all were, `(K,)` bool."""
    value = prediction.value.astype(jnp.float32)
    finite = jnp.isfinite(value)
    return jnp.where(finite, value, 0.0), finite.reshape(value.shape[0], -1).all(-1)


def edge_prior(game: Game[Any], prediction: Prediction, states: Any) -> tuple[Array, Array]:
    """Priors `(K, max(A, O))` of nodes, and whether their logits were sound, `(K,)` bool.

    They are priors of actions, or at a chance node probabilities of outcomes.
    """
    legal = states.legal_action_mask
    prior, sound = legal_prior(prediction, legal[:, : game.num_actions])
    if game.num_chance_outcomes == 0:
        return prior, sound
    prior = _pad(prior, num_edges(game))
    chance = _pad(jax.vmap(game.chance_probs)(states), num_edges(game))
    chance = jnp.where(legal, chance, ILLEGAL)
    by_chance = states.current_player == CHANCE
    return jnp.where(by_chance[:, None], chance, prior), sound | by_chance


def _pad(prior: Array, edges: int) -> Array:
    return jnp.pad(prior, ((0, 0), (0, edges - prior.shape[1])), constant_values=ILLEGAL)
