"""Networks as pairs of pure functions; parameters are plain nested dicts."""

from jaxplay.networks.build import build_network
from jaxplay.networks.heads import Auxiliary
from jaxplay.networks.mlp import mlp
from jaxplay.networks.resnet import resnet

__all__ = ["Auxiliary", "build_network", "mlp", "resnet"]
