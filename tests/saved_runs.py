"""Runs on disk whose networks are drawn at random, for tests of what loads them."""

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from small_runs import TRAINING

from jaxplay.checkpoint import Checkpoints, create_run
from jaxplay.config import RunConfig, TrainingConfig
from jaxplay.learners import LearnerState
from jaxplay.networks import build_network
from jaxplay.struct import replace
from jaxplay.training import TrainState, make_game


def random_params(config: TrainingConfig, seed: int) -> Any:
    """Parameters of the network, drawn without compiling anything."""
    network = build_network(config.network, make_game(config))
    shapes = jax.eval_shape(network.init, jax.eval_shape(jax.random.key, 0))
    rng = np.random.default_rng(seed)
    return jax.tree.map(lambda like: rng.normal(0, 0.1, like.shape).astype(like.dtype), shapes)


def save_run(folder: Path, steps: tuple[int, ...] = (0,), **changes: Any) -> Path:
    """Make a run with a checkpoint for each of `steps`; the step is the seed of its network."""
    config = replace(TRAINING, **changes)
    create_run(folder, RunConfig(training=config, evaluate_simulations=16))
    checkpoints = Checkpoints(folder, keep=len(steps))
    for step in steps:
        params = random_params(config, step)
        learner = LearnerState(
            params=None, ema=params, opt_state=None, memory=None, updates=jnp.int32(0), began=jnp.int32(0)
        )
        checkpoints.save(TrainState((learner,), (), None, jax.random.key(step), jnp.int32(step)))
        checkpoints.wait()
    return folder
