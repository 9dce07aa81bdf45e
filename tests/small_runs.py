"""The least of everything that a run is, and what tests compare runs by."""

import zlib
from pathlib import Path
from typing import Any

import jax
import numpy as np

from jaxplay.checkpoint.leaves import to_host
from jaxplay.config import AlphaZeroConfig, MLPConfig, PUCTConfig, SelfPlayConfig, TrainingConfig

TRAINING = TrainingConfig(
    game="tic_tac_toe",
    network=MLPConfig(width=16, depth=1),
    search=PUCTConfig(num_simulations=4),
    selfplay=SelfPlayConfig(num_matches=16, num_plies=4),
    learner=AlphaZeroConfig(replay_positions=1024, min_positions=128, batch_size=32, num_updates=2),
)


def digest(state: Any) -> int:
    """A number that two equal states share, and no others are likely to."""
    crc = 0
    for name, array in sorted(to_host(state).items()):
        crc = zlib.crc32(np.ascontiguousarray(array).tobytes(), zlib.crc32(name.encode(), crc))
    return crc


def abstract(training: Any) -> Any:
    """The shapes of a state."""
    return jax.eval_shape(training.init, jax.random.key(0))


def largest_file(folder: Path) -> Path:
    """The file that holds most of what is below `folder`."""
    return max((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
