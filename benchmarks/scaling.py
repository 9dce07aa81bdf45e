"""The training step on several devices: positions a second of each number, in processes of their own.

On a CPU devices are virtual (`--xla_force_host_platform_device_count`) and share the cores: then the figures
say what dividing costs, not what more devices bring. Each device has one shard, and each shard as many
matches as the preset has on one device, so that work grows with devices; the limit is as many times the rate
of one device, or on a CPU as many as there are cores.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax

from jaxplay.benchmarks.records import Amount
from jaxplay.benchmarks.settings import Settings, several, whole
from jaxplay.errors import UserError

COUNTS, QUICK_COUNTS = (1, 2, 4, 8), (1, 2)
FLAG = "--xla_force_host_platform_device_count"


@dataclass(frozen=True, kw_only=True)
class Options(Settings):
    """What is measured.

    Attributes:
        games: Games that are trained, each with its preset.
        devices: Numbers of devices, one process for each; none: 1, 2, 4 and 8.
        repeats: Timings of a step; their median counts.
    """

    games: tuple[str, ...] = ("connect_four",)
    devices: tuple[int, ...] = several(1, 1024)
    repeats: int = whole(7)


def amounts(options: Options) -> Iterator[Amount]:
    """Seconds of 1,000 positions, on each number of devices.

    Raises:
        UserError: this machine has fewer devices, and they are not CPUs.
    """
    counts = options.devices or (QUICK_COUNTS if options.quick else COUNTS)
    _check(max(counts))
    for name in options.games:
        one: float | None = None
        for count in counts:
            seconds, positions = _in_a_process(name, count, options)
            each = sorted(1000.0 * second / positions for second in seconds)
            amount = each[len(each) // 2]
            one = amount if one is None else one
            ideal = min(count, os.cpu_count() or 1) if jax.default_backend() == "cpu" else count
            sizes = {"devices": count, "positions": positions, "positions_per_second": 1000.0 / amount}
            sizes["rate_beside_first"] = one / amount
            share = one / amount / (ideal / min(counts[0], ideal))
            yield Amount(f"{name}/step", "s/1000 positions", amount, each, of_limit=share, sizes=sizes)


def _check(count: int) -> None:
    if jax.default_backend() != "cpu" and count > jax.device_count():
        raise UserError(f"--devices is {count}; allowed: 1 to {jax.device_count()}, which there are")


def _in_a_process(name: str, count: int, options: Options) -> tuple[list[float], int]:
    """Seconds of each step, and its positions."""
    flags = [flag for flag in os.environ.get("XLA_FLAGS", "").split() if not flag.startswith(FLAG)]
    env = os.environ | {"XLA_FLAGS": " ".join([*flags, f"{FLAG}={count}"])}
    env.pop("JAX_NUM_CPU_DEVICES", None)  # which counts for more
    what = json.dumps([name, count, options.repeats, options.quick])
    command = [sys.executable, "-m", "jaxplay.benchmarks.scaling_step", what]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        last = next(iter(done.stderr.strip().splitlines()[-1:]), "")
        raise UserError(f"the step on {count} devices failed: {last}")
    found: Any = json.loads(done.stdout.strip().splitlines()[-1])
    return found["seconds"], found["positions"]
