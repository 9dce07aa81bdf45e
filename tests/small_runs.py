"""The least of everything that a run is, and what tests compare runs by."""

import zlib
from pathlib import Path
from typing import Any

import jax
import numpy as np

from jaxplay.checkpoint import Checkpoints
from jaxplay.checkpoint.leaves import to_host
from jaxplay.config import AlphaZeroConfig, MLPConfig, PUCTConfig, RunConfig, SelfPlayConfig, TrainingConfig
from jaxplay.training import make_training

TRAINING = TrainingConfig(
    game="tic_tac_toe",
    network=MLPConfig(width=16, depth=1),
    search=PUCTConfig(num_simulations=4),
    selfplay=SelfPlayConfig(num_matches=16, num_plies=4),
    learner=AlphaZeroConfig(replay_positions=1024, min_positions=128, batch_size=32, num_updates=2),
)

RUN = RunConfig(
    training=TRAINING,
    evaluate_games=0,
    evaluate_minutes=1000.0,
    evaluate_share=1.0,
    evaluate_simulations=4,
    anchor_simulations=4,
    checkpoint_minutes=1000.0,
    log_seconds=0.0,
)
"""Logs every step; saves at the end only; does not evaluate."""


def digest(state: Any) -> int:
    """A number that two equal states share, and no others are likely to."""
    crc = 0
    for name, array in sorted(to_host(state).items()):
        crc = zlib.crc32(np.ascontiguousarray(array).tobytes(), zlib.crc32(name.encode(), crc))
    return crc


def abstract(training: Any) -> Any:
    """The shapes of a state."""
    return jax.eval_shape(training.init, jax.random.key(0))


def saved_digest(run: Path, step: int | None = None) -> int:
    """The digest of a state that a run has saved."""
    return digest(Checkpoints(run).restore(abstract(make_training(TRAINING)), step)[0])


def plain(lines: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Lines by step, without what depends on the clock."""
    clock = ("seconds", "games_per_second", "positions_per_second", "steps_per_second")
    return {line["step"]: {k: v for k, v in line.items() if k not in clock} for line in lines}


def largest_file(folder: Path) -> Path:
    """The file that holds most of what is below `folder`."""
    return max((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
