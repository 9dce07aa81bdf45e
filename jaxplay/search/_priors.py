"""Priors and values from what an evaluator says, finite and for legal actions only, whatever that is.

An evaluation is *sound* if its value is finite, and so is the largest logit of a legal action: none is NaN or
plus infinity, and not all are minus infinity. Where logits are not sound, all legal actions are equally
likely; a value that is not finite counts as 0.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Prediction
from jaxplay.game import CHANCE, Game, num_edges
from jaxplay.search._tree import ILLEGAL


class Evaluation(NamedTuple):
    """What is to be believed of the evaluation of K positions.

    Attributes:
        prior: `(K, A)` float32, the softmax over legal actions, `ILLEGAL` elsewhere. Where logits are not
            sound, `1 / A` for each legal action.
        value: `(K,)` or `(K, P)` float32, as in `Prediction`.
        sound: `(K,)` bool.
    """

    prior: Array
    value: Array
    sound: Array


def read_prediction(prediction: Prediction, legal: Array) -> Evaluation:
    """What is to be believed of a prediction; `legal` `(K, A)` bool."""
    # The softmax is NaN in all of a row or nowhere. It stands alone, as compilers have fast programs for it.
    prior = jax.nn.softmax(jnp.where(legal, prediction.logits.astype(jnp.float32), -jnp.inf), axis=-1)
    sound, value = ~jnp.isnan(prior), prediction.value.astype(jnp.float32)
    finite = jnp.isfinite(value)
    return Evaluation(
        prior=jnp.where(legal, jnp.where(sound, prior, 1.0 / legal.shape[-1]), ILLEGAL),
        value=jnp.where(finite, value, 0.0),
        sound=sound[:, 0] & finite.reshape(legal.shape[0], -1).all(-1),
    )


def whole_prior(evaluation: Evaluation, legal: Array) -> Array:
    """`(K, A)`: `Evaluation.prior` with a sum of 1 also where it is not sound."""
    even = jnp.where(legal, 1.0 / jnp.maximum(legal.sum(-1, keepdims=True), 1), ILLEGAL)
    return jnp.where(evaluation.sound[:, None], evaluation.prior, even)


def legal_logits(prediction: Prediction, legal: Array) -> Array:
    """`(K, A)` float32: logits, minus infinity at illegal actions; all equal where they are not sound."""
    logits = jnp.where(legal, prediction.logits.astype(jnp.float32), -jnp.inf)
    sound = jnp.isfinite(logits.max(-1, keepdims=True))
    return jnp.where(sound | ~legal, logits, 0.0)


def edge_prior(game: Game[Any], prior: Array, states: Any) -> Array:
    """`(K, max(A, O))`: priors `(K, A)` of actions; at a chance node probabilities of outcomes."""
    if game.num_chance_outcomes == 0:
        return prior
    prior = _pad(prior, num_edges(game))
    chance = _pad(jax.vmap(game.chance_probs)(states), num_edges(game))
    chance = jnp.where(states.legal_action_mask, chance, ILLEGAL)
    return jnp.where((states.current_player == CHANCE)[:, None], chance, prior)


def _pad(prior: Array, edges: int) -> Array:
    return jnp.pad(prior, ((0, 0), (0, edges - prior.shape[1])), constant_values=ILLEGAL)
