"""The typed configuration: frozen dataclasses of plain data, checked, and written as JSON.

A choice between alternatives is a family of dataclasses (`jaxplay.config.kinds`), each with a `kind` that
stands for it in JSON and on the command line.
"""

from jaxplay.config.checks import require
from jaxplay.config.data import from_json, to_json
from jaxplay.config.exploiter import ExploiterConfig
from jaxplay.config.kinds import LearnerConfig, NetworkConfig, SearchConfig
from jaxplay.config.league import LeagueConfig, MemberConfig, RefereeConfig
from jaxplay.config.minimax import GAMMA_0, MinimaxConfig
from jaxplay.config.parts import (
    AlphaZeroConfig,
    GumbelConfig,
    LinesConfig,
    MLPConfig,
    PUCTConfig,
    ResNetConfig,
    SelfPlayConfig,
)
from jaxplay.config.policy_gradient import PolicyGradientConfig
from jaxplay.config.whole import RunConfig, TrainingConfig

__all__ = [
    "GAMMA_0",
    "AlphaZeroConfig",
    "ExploiterConfig",
    "GumbelConfig",
    "LeagueConfig",
    "LearnerConfig",
    "LinesConfig",
    "MLPConfig",
    "MemberConfig",
    "MinimaxConfig",
    "NetworkConfig",
    "PUCTConfig",
    "PolicyGradientConfig",
    "RefereeConfig",
    "ResNetConfig",
    "RunConfig",
    "SearchConfig",
    "SelfPlayConfig",
    "TrainingConfig",
    "from_json",
    "require",
    "to_json",
]
