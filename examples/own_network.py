"""A network of one's own, in plain JAX: two pure functions, and a configuration that names them.

Run: python examples/own_network.py
"""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from jax import Array

import jaxplay
from jaxplay.config import NetworkConfig
from jaxplay.evaluator import Network, Params, Prediction, sizes
from jaxplay.game import Game
from jaxplay.networks import build_network
from jaxplay.presets import preset


@dataclass(frozen=True)
class OneLayerConfig(NetworkConfig):
    """A network with one hidden layer.

    Attributes:
        width: Units of the hidden layer.
    """

    kind: ClassVar[str] = "one_layer"
    width: int = 64


@build_network.register
def one_layer(config: OneLayerConfig, game: Game[Any]) -> Network:
    """The network for games whose values are one number."""
    size, outputs = sizes(game), game.num_actions + 1
    inputs = int(jnp.prod(jnp.array(size.observation)))

    def init(key: Array) -> Params:
        key_in, key_out = jax.random.split(key)
        into = jax.random.normal(key_in, (inputs, config.width)) / inputs**0.5
        return {"in": into, "out": 0.01 * jax.random.normal(key_out, (config.width, outputs))}

    def apply(params: Params, observation: Array) -> Prediction:
        hidden = jax.nn.relu(observation.astype(jnp.float32).reshape(-1) @ params["in"])
        out = hidden @ params["out"]
        return Prediction(logits=out[:-1], value=jnp.tanh(out[-1]))

    return Network(init, apply)


def main(num_steps: int = 60) -> None:
    """Train it on tic-tac-toe; `make_training(config, network=...)` takes a network without a name, too."""
    config = replace(preset("tic_tac_toe", "quick").training, network=OneLayerConfig(width=32))
    training = jaxplay.make_training(config)
    state, metrics = jax.jit(training.init)(jax.random.key(0)), {}
    step = jaxplay.compile_step(training)
    for _ in range(num_steps):
        state, metrics = step(state)
    print(jax.tree.map(jnp.shape, state.learners[0].params))
    print(f"policy loss {metrics['policy_loss']:.3f}, value loss {metrics['value_loss']:.3f}")


if __name__ == "__main__":
    main()
