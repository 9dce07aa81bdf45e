"""What the machine is, and the two rates that bound everything on it: arithmetic and memory traffic."""

import os
import platform
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp

from jaxplay.benchmarks.harness import Case
from jaxplay.benchmarks.limits import half_matmul
from jaxplay.benchmarks.settings import Timing

Options = Timing
"""What is measured."""

PACKAGES = ("jax", "jaxlib", "numpy", "flax", "optax", "pgx", "mctx", "open_spiel")


def describe() -> dict[str, Any]:
    """Device, processor, versions, revision and load: what a number depends on."""
    device = jax.devices()[0]
    return {
        "device": device.device_kind,
        "platform": device.platform,
        "num_devices": jax.device_count(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "python": platform.python_version(),
        "versions": {name: found for name in PACKAGES if (found := _version(name))},
        "revision": _revision(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def suites(options: Options) -> Iterator[list[Case]]:
    """The rates of a square matrix product, float32 and bfloat16, and of reading and writing a large array.

    Both are told beside the limits of other benchmarks, which are the best of a few shorter timings.
    """
    n = 512 if options.quick else 4096
    length = 2**20 if options.quick else 2**26
    matrix, vector = jnp.ones((n, n), jnp.float32), jnp.ones((length,), jnp.float32)
    half = matrix.astype(jnp.bfloat16)
    yield [Case("matmul_float32", jnp.matmul, (matrix, matrix), 2.0 * n**3, "flop", sizes={"n": n})]
    yield [Case("matmul_bfloat16", half_matmul, (half, half), 2.0 * n**3, "flop", sizes={"n": n})]
    yield [
        Case(
            "memory",
            jnp.negative,
            (vector,),
            8.0 * length,
            "byte",
            traffic=8.0 * length,
            sizes={"length": length},
        )
    ]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _revision() -> str | None:
    """The checkout's commit, with `+` where files differ from it; None outside a checkout."""
    folder = Path(__file__).resolve().parent
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty=+", "--abbrev=12"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() or None
