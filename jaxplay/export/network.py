"""The network of a player as a function of observations alone."""

from collections.abc import Callable

from jax import Array

from jaxplay.errors import UserError
from jaxplay.evaluator import sizes
from jaxplay.export.source import Source
from jaxplay.networks import build_network, in_float32

Predict = Callable[[Array], tuple[Array, Array]]
"""`observations (N, ...) float32 -> logits (N, A), values (N,) or (N, P)`."""


def predictor(source: Source) -> tuple[Predict, tuple[int, ...]]:
    """The network, whose parameters are constants of it, and the shape of one observation.

    It is computed in 32 bits, also where it was trained in bfloat16.

    Raises:
        UserError: the player has no network.
    """
    config = source.network
    if config is None:
        raise UserError(f"{source.agent.name} has a table and no network; allowed: archive or stablehlo")
    network, params = build_network(in_float32(config), source.agent.game), source.agent.params

    def predict(observations: Array) -> tuple[Array, Array]:
        found = network.predict(params, observations)
        return found.logits, found.value

    return predict, sizes(source.agent.game).observation
