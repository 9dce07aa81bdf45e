"""Training over several devices: where each part of a `TrainState` lies, and the step under `shard_map`.

The shards of a run (`jaxplay.shards`) are divided evenly among the devices of a mesh of one axis. Matches
and memory lie with their shards; everything else is the same on every device. Gradients and metrics are
averaged over the mesh, and nothing else passes between devices.
"""

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from jaxplay.config import TrainingConfig
from jaxplay.errors import UserError
from jaxplay.shards import Shards
from jaxplay.training import Training, TrainState, make_training

AXIS = "shards"
"""The mesh axis that shards are divided over."""

EVERYWHERE = PartitionSpec()
DIVIDED = PartitionSpec(AXIS)


def sharded_training(config: TrainingConfig, devices: Sequence[Any] | None = None) -> Training:
    """`make_training` over `devices`: the same run as on one, up to rounding.

    Args:
        config: what to train, and how.
        devices: JAX devices, which divide the shards among themselves; None: all there are.

    Returns:
        A pair as of `make_training`. States that `init` returns lie as `placement` says.

    Raises:
        UserError: the number of shards is not a multiple of that of devices.
    """
    mesh = make_mesh(devices)
    if config.num_shards % mesh.size:
        allowed = f"a multiple of the number of devices ({mesh.size})"
        raise UserError(f"TrainingConfig.num_shards is {config.num_shards}; allowed: {allowed}")
    whole = make_training(config)
    step = whole.step
    if mesh.size > 1:
        part = make_training(config, Shards(config.num_shards, mesh.size, AXIS))
        step = _divide(part, mesh)

    def init(key: jax.Array) -> TrainState:
        places = placement(whole, jax.eval_shape(whole.init, key), mesh)
        return jax.jit(whole.init, out_shardings=places)(key)

    return Training(init, step, whole.divided)


def make_mesh(devices: Sequence[Any] | None = None) -> Mesh:
    """A mesh of one axis over `devices` (None: all there are, of all processes)."""
    return Mesh(np.asarray(jax.devices() if devices is None else devices), (AXIS,))


def placement(training: Training, state: TrainState, mesh: Mesh) -> TrainState:
    """The sharding of each leaf of `state`, whose leaves are arrays or shapes."""
    return jax.tree.map(
        lambda spec, part: jax.tree.map(lambda _: NamedSharding(mesh, spec), part),
        _specs(training, state),
        state,
    )


def _specs(training: Training, state: TrainState) -> Any:
    """What each part of `state` is divided over, as a prefix of its tree."""
    return jax.tree.map(lambda divided: DIVIDED if divided else EVERYWHERE, training.divided(state))


def _divide(training: Training, mesh: Mesh) -> Any:
    """The step of one device's shards, on every device of `mesh`.

    Replication is not checked: the gradient of a mean is taken by hand, over devices after shards.
    """

    def divided(state: TrainState) -> Any:
        specs = _specs(training, state)
        run = jax.shard_map(
            training.step, mesh=mesh, in_specs=(specs,), out_specs=(specs, EVERYWHERE), check_vma=False
        )
        return run(state)

    return divided
