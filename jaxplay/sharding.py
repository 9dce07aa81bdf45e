"""Training over several devices: where each part of a `TrainState` lies, and the step under `shard_map`.

The shards of a run (`jaxplay.shards`) are divided evenly among the devices of a mesh of one axis. Matches
and memory lie with their shards; everything else is the same on every device. Gradients and metrics are
averaged over the mesh, and nothing else passes between devices.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from jaxplay.config import TrainingConfig
from jaxplay.errors import UserError
from jaxplay.shards import Shards
from jaxplay.training import Training, TrainState, make_training

AXIS = "shards"
"""The mesh axis that shards are divided over."""

GROUP_BYTES = 2**28
"""Of arrays that are gathered from all processes at a time."""

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


def put(state: Any, places: Any) -> Any:
    """`state`, whose arrays are whole in each process, placed by the shardings `places`."""
    if jax.process_count() == 1:
        return jax.device_put(state, places)
    return jax.tree.map(_put, state, places)


def _put(leaf: Any, place: NamedSharding) -> jax.Array:
    """This process's part of an array that all processes have."""
    if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
        return jax.random.wrap_key_data(_put(jax.random.key_data(leaf), place), dtype=leaf.dtype)
    whole = np.asarray(leaf)
    return jax.make_array_from_callback(whole.shape, place, lambda index: whole[index])


def here(tree: Any) -> Any:
    """This process's first copy of what every device has; what is divided stays as it is."""

    def own(leaf: Any) -> Any:
        on_devices = isinstance(leaf, jax.Array) and leaf.is_fully_replicated
        return leaf.addressable_data(0) if on_devices else leaf

    return jax.tree.map(own, tree)


def gather(state: Any) -> Any:
    """The whole of `state` in this process. All processes must call it.

    What is divided passes between processes in groups of at most `GROUP_BYTES`, or a leaf at a time, so that
    no device must hold the whole of replay. A group is one collective: several of one program may be run in
    any order, and processes on CPUs would mix them up.
    """
    leaves, form = jax.tree.flatten(here(state))
    if jax.process_count() > 1:
        for group in _groups(leaves):
            apart = [leaves[i] for i in group]
            whole = np.asarray(_everywhere(apart[0].sharding.mesh)(apart).addressable_data(0))
            sizes = np.cumsum([x.nbytes // len(x) for x in apart])
            for i, part in zip(group, np.split(whole, sizes[:-1], axis=1), strict=True):
                leaves[i] = _from_bytes(part, leaves[i])
    return jax.tree.unflatten(form, leaves)


@lru_cache(4)
def _everywhere(mesh: Mesh) -> Any:
    """`leaves (S, ...) -> (S, bytes)` uint8 of all, on every device."""

    def as_bytes(leaf: jax.Array) -> jax.Array:
        if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
            leaf = jax.random.key_data(leaf)
        leaf = leaf.astype(jnp.uint8) if leaf.dtype == bool else leaf
        return jax.lax.bitcast_convert_type(leaf, jnp.uint8).reshape(leaf.shape[0], -1)

    def joined(leaves: list[jax.Array]) -> jax.Array:
        return jnp.concatenate([as_bytes(leaf) for leaf in leaves], axis=1)

    return jax.jit(joined, out_shardings=NamedSharding(mesh, EVERYWHERE))


def _from_bytes(data: np.ndarray, like: Any) -> Any:
    """The array of the form of `like` whose bytes are `data` `(S, bytes)`."""
    if jnp.issubdtype(like.dtype, jax.dtypes.prng_key):
        words = np.ascontiguousarray(data).view(np.uint32).reshape(*like.shape, -1)
        return jax.random.wrap_key_data(jnp.asarray(words), dtype=like.dtype)
    return np.ascontiguousarray(data).view(like.dtype).reshape(like.shape)


def _groups(leaves: Sequence[Any]) -> list[list[int]]:
    """The places of divided leaves, in groups that are not too large."""
    groups: list[list[int]] = []
    room = 0
    for i, leaf in enumerate(leaves):
        if leaf.is_fully_replicated:
            continue
        if leaf.nbytes > room:
            groups.append([])
            room = GROUP_BYTES
        groups[-1].append(i)
        room -= leaf.nbytes
    return groups


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
