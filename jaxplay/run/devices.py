"""How many devices share a run, and the shards that they divide among themselves."""

import math
from dataclasses import replace

import jax
import jax.numpy as jnp

from jaxplay.config import RunConfig, TrainingConfig
from jaxplay.errors import UserError


def usable_devices(num_shards: int) -> int:
    """The largest number of the devices that there are which divides `num_shards`."""
    return max(n for n in range(1, min(num_shards, jax.device_count()) + 1) if num_shards % n == 0)


def settle_devices(config: RunConfig) -> RunConfig:
    """`config` of a new run, with the devices that are going to share it, and shards for them.

    Several processes share it with all their devices.

    Raises:
        UserError: more devices are asked for than there are, or they cannot divide the run evenly.
    """
    asked = config.devices or (jax.device_count() if jax.process_count() > 1 else 0)
    if not asked:
        shards = config.training.num_shards
        return config if shards == 1 else replace(config, devices=usable_devices(shards))
    _refuse_missing(asked)
    return replace(config, training=in_shards(config.training, asked), devices=asked)


def settle_again(config: RunConfig, devices: int | None) -> RunConfig:
    """`config` of a run that goes on, with the devices that are going to share it.

    They are those that are asked for; else those that it had, or fewer where they are not there. The shards
    stay, so the run does too, up to rounding.

    Raises:
        UserError: see `settle_devices`.
    """
    shards, there = config.training.num_shards, jax.device_count()
    asked = devices or (there if jax.process_count() > 1 else config.devices)
    if not devices and jax.process_count() == 1 and not 0 < asked <= there:
        asked = usable_devices(shards)
    _refuse_missing(asked)
    if shards % asked:
        allowed = f"a divisor of {shards}, the number of shards with which the run began"
        raise UserError(f"devices is {asked}; allowed: {allowed}")
    return replace(config, devices=asked) if shards > 1 else config


def in_shards(training: TrainingConfig, devices: int) -> TrainingConfig:
    """`training` with shards that so many devices can divide.

    Raises:
        UserError: there are none: they do not divide the games, the batch, or the shards that are asked for.
    """
    shards = training.num_shards
    if shards > 1 and shards % devices:
        raise UserError(f"devices is {devices}; allowed: a number that divides num_shards ({shards})")
    if shards > 1 or devices == 1:
        return training
    try:
        return replace(training, num_shards=devices)
    except UserError as error:
        raise UserError(f"devices is {devices}, but {error}") from error


def _refuse_missing(devices: int) -> None:
    there, processes = jax.device_count(), jax.process_count()
    if processes > 1 and devices != there:
        raise UserError(f"devices is {devices}; allowed: {there}, all those of all {processes} processes")
    if devices > there:
        besides = "; more of a CPU: jax.config.update('jax_num_cpu_devices', N), before JAX starts"
        hint = besides if jax.default_backend() == "cpu" else ""
        raise UserError(f"devices is {devices}; allowed: at most {there}, which there are{hint}")


def copied_bytes(state: object, divided: object, devices: int) -> int:
    """Bytes that a run takes besides for what every device keeps a copy of.

    Args:
        state: arrays or shapes.
        divided: a prefix of its tree, True where leaves are divided; see `jaxplay.Training`.
        devices: that share the run.
    """

    def size(apart: bool, part: object) -> int:
        return 0 if apart else sum(math.prod(x.shape) * _item_bytes(x) for x in jax.tree.leaves(part))

    return (devices - 1) * sum(jax.tree.leaves(jax.tree.map(size, divided, state)))


def _item_bytes(leaf: jax.ShapeDtypeStruct) -> int:
    return 8 if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key) else leaf.dtype.itemsize
