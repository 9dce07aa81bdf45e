"""The network that a configuration describes. A new kind of network registers how it is built."""

from dataclasses import replace
from functools import singledispatch
from typing import Any

from jaxplay.config import MLPConfig, NetworkConfig, ResNetConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import Network
from jaxplay.game import Game
from jaxplay.networks.heads import Auxiliary


@singledispatch
def build_network(config: NetworkConfig, game: Game[Any]) -> Network:
    """The network that a configuration describes, of the sizes that `game` needs.

    `build_network.register` adds a kind.

    Raises:
        UserError: nobody registered this kind, or it does not fit the game (`jaxplay.networks`).
    """
    raise UserError(f"no network is registered for {type(config).__name__}")


def in_float32(config: NetworkConfig) -> NetworkConfig:
    """The same network, whatever it was trained in: for machines that nobody knows yet."""
    return replace(config, bfloat16=False) if isinstance(config, MLPConfig | ResNetConfig) else config


def auxiliary_of(config: NetworkConfig) -> Auxiliary:
    """What a network is to predict besides."""
    return Auxiliary(reply=config.reply_head, endings=config.ending_heads)
