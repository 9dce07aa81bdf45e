"""Networks as pairs of pure functions; parameters are plain nested dicts."""

from jaxplay.networks._lines import line_features, line_mlp
from jaxplay.networks._mlp import mlp
from jaxplay.networks._resnet import resnet
from jaxplay.networks.build import build_network, in_float32
from jaxplay.networks.heads import Auxiliary

__all__ = ["Auxiliary", "build_network", "in_float32", "line_features", "line_mlp", "mlp", "resnet"]
