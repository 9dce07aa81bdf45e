"""What all networks share: the heads, and the step from a flax module to a pair of functions."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array

from jaxplay.errors import UserError
from jaxplay.evaluator import Network, NetworkSizes, Params, Prediction


class Auxiliary(NamedTuple):
    """What a network predicts besides, only to learn from it (Wu 2019, sections 3.4 and 4.1).

    Attributes:
        reply: the policy of the game's next decision.
        endings: ownership and score at the end, whichever of them the game defines.
    """

    reply: bool = False
    endings: bool = False


NO_AUXILIARY = Auxiliary()


class Heads(nnx.Module):
    """Policy logits from one vector of features, the value from another.

    The value head has one number through tanh, one per player, or logits of loss, draw and win whose
    expectation is the value. Auxiliary heads take the features of the policy, that of the score those of
    the value; a compiled program that does not use them leaves them out.
    """

    def __init__(
        self,
        width: int,
        sizes: NetworkSizes,
        value_head: str,
        rngs: nnx.Rngs,
        value_width: int = 0,
        auxiliary: Auxiliary = NO_AUXILIARY,
    ) -> None:
        self.is_outcome = value_head == "outcome" and sizes.num_values == 0
        self.num_values = sizes.num_values
        outputs = 3 if self.is_outcome else max(sizes.num_values, 1)
        small = nnx.initializers.variance_scaling(0.01, "fan_in", "normal")

        def head(inputs: int, outputs: int) -> nnx.Linear:
            return nnx.Linear(inputs, outputs, kernel_init=small, rngs=rngs)

        self.policy = head(width, sizes.num_actions)
        self.value = head(value_width or width, outputs)
        points = sizes.ownership_size if auxiliary.endings else 0
        has_score = auxiliary.endings and sizes.has_score
        self.reply = nnx.data(head(width, sizes.num_actions) if auxiliary.reply else None)
        self.ownership = nnx.data(head(width, points) if points else None)
        self.score = nnx.data(head(value_width or width, 1) if has_score else None)

    def __call__(self, policy_features: Array, value_features: Array) -> Prediction:
        """Feature vectors `(..., width)` of positions to predictions."""
        logits = self.policy(policy_features).astype(jnp.float32)
        return self._value(logits, value_features)._replace(
            reply=_apply(self.reply, policy_features),
            ownership=_apply(self.ownership, policy_features),
            score=None if self.score is None else self.score(value_features)[..., 0].astype(jnp.float32),
        )

    def _value(self, logits: Array, features: Array) -> Prediction:
        raw = self.value(features).astype(jnp.float32)
        if self.is_outcome:
            chances = jax.nn.softmax(raw)
            return Prediction(logits, chances[..., 2] - chances[..., 0], raw)
        value = jnp.tanh(raw)
        return Prediction(logits, value if self.num_values else value[..., 0])


def _apply(head: nnx.Linear | None, features: Array) -> Array | None:
    return None if head is None else head(features).astype(jnp.float32)


def check_auxiliary(sizes: NetworkSizes, auxiliary: Auxiliary) -> None:
    """Refuse heads that the game has no targets for.

    Raises:
        UserError: endings, of a game that defines neither ownership nor score.
    """
    if auxiliary.endings and not (sizes.ownership_size or sizes.has_score):
        raise UserError("ending_heads needs a game that defines ownership or score; this one has neither")


def as_network(build: Callable[[nnx.Rngs], nnx.Module]) -> Network:
    """A `Network` of a flax module that takes batches; its parameters are nested dicts of plain arrays."""

    @cache
    def structure() -> Any:
        return nnx.split(nnx.eval_shape(lambda: build(nnx.Rngs(params=0))))[0]

    def init(key: Array) -> Params:
        return nnx.to_pure_dict(nnx.split(build(nnx.Rngs(params=key)))[1])

    def apply(params: Params, observation: Array) -> Prediction:
        module: Any = nnx.merge(structure(), nnx.State(params))
        return module(observation)

    return Network(init, apply, of_batch=apply)
