"""What networks are trained to make small: the losses of policy, value and auxiliary predictions."""

from collections.abc import Callable
from typing import Any, NamedTuple, cast

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Network, Params, Prediction
from jaxplay.game import Game, Scored
from jaxplay.perspective import perspective, view_of_frame
from jaxplay.replay import Samples
from jaxplay.search import Shaping, shaped_target


class LossWeights(NamedTuple):
    """What each loss counts, beside that of the policy, which counts 1.

    Attributes:
        value: of the value.
        value_mix: share of the search's value in the value target; the rest is the outcome. It may be
            traced, as the next.
        potential: w of `jaxplay.search.Signal`, where samples have a potential.
        reply: of the policy at the next decision. 0: not predicted, as for the next two.
        ownership: of who holds each point at the end (`jaxplay.game.Scored`).
        score: of the score at the end.
    """

    value: float = 1.0
    value_mix: float | Array = 0.0
    potential: float | Array = 0.0
    reply: float = 0.0
    ownership: float = 0.0
    score: float = 0.0

    @property
    def endings(self) -> bool:
        """Whether the end of a game is a target."""
        return self.ownership > 0.0 or self.score > 0.0


Loss = Callable[[Params, Samples, LossWeights], tuple[Array, dict[str, Array]]]
"""`params, Samples, LossWeights -> (loss, metrics)`."""


def make_loss(game: Game[Any], network: Network) -> Loss:
    """The loss of samples whose states have all fields (`jaxplay.learners.positions.whole`)."""

    def loss(params: Params, samples: Samples, weights: LossWeights) -> tuple[Array, dict[str, Array]]:
        observations = jax.vmap(game.observe)(samples.state)
        prediction = network.predict(params, observations)
        target = view_of_frame(game, value_target(samples, weights), samples.state.current_player)
        policy, entropy = policy_loss(prediction.logits, samples.policy_target, samples.legal_action_mask)
        value = value_loss(prediction, target)
        error = squared_error(prediction.value, target)
        policy, entropy = (weighted_mean(x, samples.policy_weight) for x in (policy, entropy))
        value, error = (weighted_mean(x, samples.value_weight) for x in (value, error))
        metrics = {"policy_loss": policy, "value_loss": value}
        metrics |= {"policy_gap": policy - entropy, "value_error": error}
        besides = _auxiliary_losses(game, prediction, samples, weights)
        total = policy + weights.value * value
        for name, part in besides.items():
            total = total + getattr(weights, name) * part
        return total, metrics | {f"{name}_loss": part for name, part in besides.items()}

    return loss


def value_target(samples: Samples, weights: LossWeights) -> Array:
    """`(N, V)`: what the value shall be, fixed frame."""
    found = (1.0 - weights.value_mix) * samples.return_to_go + weights.value_mix * samples.value
    if samples.potential is None:
        return jnp.clip(found, -1.0, 1.0)  # beyond are returns above a game's usual ones
    return shaped_target(found, Shaping(jnp.asarray(weights.potential), potential=samples.potential))


def _auxiliary_losses(
    game: Game[Any], prediction: Prediction, samples: Samples, weights: LossWeights
) -> dict[str, Array]:
    """Scalars by the name of their weight; none where nothing is predicted besides."""
    found: dict[str, Array] = {}
    if weights.reply > 0.0:
        target, weight = samples.reply_target, samples.reply_weight
        assert prediction.reply is not None and target is not None and weight is not None
        reply, _ = policy_loss(prediction.reply, target, jnp.ones(target.shape, bool))
        found["reply"] = weighted_mean(reply, weight)
    if not weights.endings:
        return found
    scored, view = cast(Scored, game), perspective(game, samples.state.current_player)
    known = samples.value_weight * samples.final.terminated
    if weights.ownership > 0.0:
        assert prediction.ownership is not None
        owned = view * jax.vmap(scored.ownership)(samples.final)
        found["ownership"] = weighted_mean(ownership_loss(prediction.ownership, owned), known)
    if weights.score > 0.0:
        assert prediction.score is not None
        score = view[:, 0] * jax.vmap(scored.score)(samples.final) / scored.max_score
        found["score"] = weighted_mean(squared_error(prediction.score, score), known)
    return found


def policy_loss(logits: Array, target: Array, legal: Array) -> tuple[Array, Array]:
    """Cross-entropy `(N,)` over `legal` actions, and the target's own entropy `(N,)`, its least value."""
    log_policy = jax.nn.log_softmax(jnp.where(legal, logits, -1e9))
    share = target / jnp.maximum(target.sum(-1, keepdims=True), 1e-9)
    entropy = -(share * jnp.log(jnp.maximum(share, 1e-9))).sum(-1)
    return -(share * log_policy).sum(-1), entropy


def value_loss(prediction: Prediction, target: Array) -> Array:
    """`(N,)`: cross-entropy of loss, draw and win where the network has them, else squared error.

    A target t between -1 and 1 is read as a win (or loss) of probability |t|, else a draw.
    """
    if prediction.outcome is None:
        return squared_error(prediction.value, target)
    target = jnp.clip(target, -1.0, 1.0)
    chances = jnp.stack([jnp.maximum(-target, 0.0), 1.0 - jnp.abs(target), jnp.maximum(target, 0.0)], axis=-1)
    return -(chances * jax.nn.log_softmax(prediction.outcome)).sum(-1)


def ownership_loss(logits: Array, owned: Array) -> Array:
    """`(N,)`: cross-entropy of each point's owner, averaged over points `(N, K)`; 1 is the mover's, -1 not.

    A point that is nobody's is read as either's with equal chance.
    """
    mine, theirs = (1.0 + owned) / 2.0, (1.0 - owned) / 2.0
    return -(mine * jax.nn.log_sigmoid(logits) + theirs * jax.nn.log_sigmoid(-logits)).mean(-1)


def squared_error(value: Array, target: Array) -> Array:
    """`(N,)`: squared differences of `(N,)` or `(N, P)` arrays, averaged over players."""
    return ((value - target) ** 2).reshape(target.shape[0], -1).mean(-1)


def weighted_mean(values: Array, weights: Array) -> Array:
    """Mean of `values` `(N,)` by `weights` `(N,)`; 0 where all weights are."""
    return (values * weights).sum() / jnp.maximum(weights.sum(), 1.0)
