"""The two rates that bound everything on a machine, and how much a program needs of them.

Arithmetic is counted in matrix products and convolutions only: where a network is evaluated there is little
else. What XLA itself counts (`cost_analysis`) leaves out how often a loop turns.
"""

import math
import time
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.extend import core

from jaxplay.planning.liveness import inside

TIMINGS = 5
LOOPS = ("while", "cond")
"""What is inside is done nobody knows how often."""


class Flops(NamedTuple):
    """Floating-point operations of matrix products and convolutions, a multiplication and an addition as two.

    Attributes:
        single: with factors in float32.
        half: with factors in bfloat16.
    """

    single: float = 0.0
    half: float = 0.0


def total(*counts: Flops) -> Flops:
    """All of them together."""
    return Flops(sum(each.single for each in counts), sum(each.half for each in counts))


class Limits(NamedTuple):
    """What a machine does a second at most; None where that was not measured.

    Attributes:
        flops: of a large float32 matrix product, a multiplication and an addition counting as two.
        traffic: bytes, of a negation of an array that no cache holds, read and written.
        half_flops: as `flops`, with factors in bfloat16 and sums in float32.
    """

    flops: float | None
    traffic: float | None
    half_flops: float | None = None

    def seconds(self, flops: Flops) -> float | None:
        """That so many operations take at least, those in bfloat16 at their rate where it was measured."""
        if not self.flops:
            return None
        return flops.single / self.flops + flops.half / (self.half_flops or self.flops)


@cache
def machine_limits(*, quick: bool = False) -> Limits:
    """The limits of this machine: the best of a few timings; `quick` sizes tell too little."""
    n, length = (512, 2**20) if quick else (2048, 2**25)
    matrix, vector = jnp.ones((n, n), jnp.float32), jnp.ones((length,), jnp.float32)
    half = matrix.astype(jnp.bfloat16)
    return Limits(
        2.0 * n**3 / _best(jax.jit(jnp.matmul), matrix, matrix),
        8.0 * length / _best(jax.jit(jnp.negative), vector),
        2.0 * n**3 / _best(jax.jit(half_matmul), half, half),
    )


def half_matmul(left: Array, right: Array) -> Array:
    """A product of bfloat16 matrices, summed in float32."""
    return jnp.matmul(left, right, preferred_element_type=jnp.float32)


def _best(run: Callable[..., Any], *arguments: Any) -> float:
    """Seconds of the fastest call, once compiled."""
    jax.block_until_ready(run(*arguments))
    seconds = []
    for _ in range(TIMINGS):
        began = time.perf_counter()
        jax.block_until_ready(run(*arguments))
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def flops_of(run: Callable[..., Any], *arguments: Any) -> Flops:
    """What a call asks of matrix products, loops of unknown length counted once.

    Args:
        run: what is counted.
        arguments: of the call.
    """
    return _count(jax.jit(run).trace(*arguments).jaxpr.jaxpr)


def matmul_flops(program: core.ClosedJaxpr) -> Flops | None:
    """As `flops_of`, of a traced program; None where a loop of unknown length has matrix products."""
    return None if _unknown(program.jaxpr) else _count(program.jaxpr)


def _unknown(program: Any) -> bool:
    return any(
        (equation.primitive.name in LOOPS and any(_count(inner))) or _unknown(inner)
        for equation in program.eqns
        for inner in inside(equation)
    )


def _count(program: Any) -> Flops:
    return total(*(_count_one(equation) for equation in program.eqns))


def _count_one(equation: Any) -> Flops:
    name = equation.primitive.name
    if name == "dot_general":
        (contracted, _), _ = equation.params["dimension_numbers"]
        shape = equation.invars[0].aval.shape
        products = math.prod(equation.outvars[0].aval.shape) * math.prod(shape[i] for i in contracted)
        halves = all(each.aval.dtype == jnp.bfloat16 for each in equation.invars)
        return Flops(half=2.0 * products) if halves else Flops(2.0 * products)
    if name == "conv_general_dilated":
        kernel = equation.invars[1].aval.shape
        outputs = equation.params["dimension_numbers"].rhs_spec[0]
        return Flops(2.0 * math.prod(equation.outvars[0].aval.shape) * math.prod(kernel) / kernel[outputs])
    times = equation.params["length"] if name == "scan" else 1
    once = total(*(_count(inner) for inner in inside(equation)))
    return Flops(times * once.single, times * once.half)
