"""The devices that a command shares a run among: those of a CPU are made before JAX starts, one a core."""

import argparse
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from jaxplay.cli import inputs
from jaxplay.errors import UserError

if TYPE_CHECKING:
    from jaxplay.config import RunConfig

FORCED = "xla_force_host_platform_device_count"
"""XLA's flag by which people make devices of a CPU themselves; it stands, as `JAX_NUM_CPU_DEVICES` does."""
LEAST_MATCHES = 128
"""A core gets a device of its own where that leaves each so many games (docs/scaling.md has measurements)."""

MOST = 256
"""Devices of a CPU; somebody who asks for more is told how many there are."""


def add_devices(parser: argparse.ArgumentParser) -> None:
    """Add `--devices` to a command that goes on with a run."""
    parser.add_argument(
        "--devices",
        type=inputs.DEVICES,
        metavar="INT",
        help="Devices that share the games. (default: as many as before, or fewer if they are not there)",
    )


def make_cpu_devices(asked: int, processes: int = 1) -> None:
    """Let a CPU have as many devices as are asked for (0: one a core, or one a process of several).

    What somebody else has set stays, and so does a JAX that has started already.

    Raises:
        UserError: several processes cannot have that number together.
    """
    import jax

    if asked % processes:
        allowed = f"a multiple of the number of processes ({processes})"
        raise UserError(f"devices is {asked}; allowed: {allowed}")
    if _set_by_somebody():
        return
    own = asked // processes or (cores() if processes == 1 else 1)
    with suppress(RuntimeError):  # JAX has started
        jax.config.update("jax_num_cpu_devices", min(own, MOST))


def _set_by_somebody() -> bool:
    import jax

    number: int = getattr(jax.config, "jax_num_cpu_devices", -1)
    return number >= 0 or FORCED in os.environ.get("XLA_FLAGS", "")


def recorded_devices(folder: Path, processes: int) -> int:
    """The devices that a run had; 0 where so many processes cannot have them, or nobody knows."""
    from jaxplay.checkpoint import read_config

    try:
        devices = read_config(folder, accept_config=True).devices
    except UserError:
        return 0
    return 0 if devices % processes else devices or 1


def cores() -> int:
    """Processor cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # a system that does not tell
        return os.cpu_count() or 1


def share_cores(config: "RunConfig") -> "RunConfig":
    """`config` with a device for each core of a CPU, where nobody asked for a number and it pays."""
    import jax

    from jaxplay.run.devices import in_shards

    training = config.training
    if config.devices or training.num_shards > 1 or jax.process_count() > 1:
        return config
    if jax.default_backend() != "cpu":
        _tell_unused(jax.device_count())
        return config
    for devices in range(min(jax.device_count(), cores()), 1, -1):
        if training.learner.searches and training.selfplay.num_matches >= LEAST_MATCHES * devices:
            with suppress(UserError):
                in_shards(training, devices)
                return replace(config, devices=devices)
    return config


def _tell_unused(devices: int) -> None:
    """Say in one line that there are more devices than one."""
    if devices > 1:
        print(
            f"there are {devices} devices, and one is used: --devices {devices} divides the games among all"
        )
