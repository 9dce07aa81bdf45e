"""How speed is measured: compiled apart from run, cases side by side, medians with their spread.

All cases of a run are compiled first, then timed in turn, round after round, so that what the machine does
besides falls on all of them alike. A time ends when the result is there (`block_until_ready`).
"""

import math
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.experimental.compilation_cache import compilation_cache

from jaxplay.benchmarks.cases import Case, Comparison, Result
from jaxplay.benchmarks.limits import Flops, Limits, matmul_flops

__all__ = ["Case", "Comparison", "Compiled", "Result", "measure", "no_compilation_cache"]

REPEATS = 11
SECONDS = 0.3
NO_LIMITS = Limits(None, None)


class Compiled(NamedTuple):
    """A case that is ready.

    Attributes:
        run: one call, of the case's arguments.
        seconds: to trace, lower and compile; 0 of what is not compiled here.
        flops: of the matrix products of one call; None where nobody knows.
    """

    run: Callable[..., Any]
    seconds: float
    flops: Flops | None


def measure(
    cases: Sequence[Case], *, repeats: int = REPEATS, seconds: float = SECONDS, limits: Limits = NO_LIMITS
) -> list[Result]:
    """Time cases against each other.

    Args:
        cases: what to time.
        repeats: rounds; each times every case once.
        seconds: least duration of one timing, reached by calling several times.
        limits: the rates of the machine.
    """
    with no_compilation_cache():
        compiled = [_compile(case) for case in cases]
    runs = [each.run for each in compiled]
    calls = [
        max(1, math.ceil(seconds / _seconds(run, case, 1))) for run, case in zip(runs, cases, strict=True)
    ]
    times: list[list[float]] = [[] for _ in cases]
    for turn in range(repeats):
        for offset in range(len(cases)):
            i = (turn + offset) % len(cases)
            times[i].append(_seconds(runs[i], cases[i], calls[i]))
    seconds_of = {case.name: [t / calls[i] / case.work for t in times[i]] for i, case in enumerate(cases)}
    results = [
        _result(case, times[i], each.seconds, calls[i], seconds_of, _shares(case, each, limits, seconds_of))
        for i, (case, each) in enumerate(zip(cases, compiled, strict=True))
    ]
    of_name = {result.name: result for result in results}
    return [
        replace(result, beside={name: _compare(of_name[name], result, seconds_of) for name in case.peer_of})
        for case, result in zip(cases, results, strict=True)
    ]


def _compile(case: Case) -> Compiled:
    if case.on_host:
        return Compiled(case.run, 0.0, case.flops)
    began = time.perf_counter()
    with jax.enable_x64(case.x64):
        traced = jax.jit(case.run, donate_argnums=0 if case.carries else ()).trace(*case.arguments)
        run = traced.lower().compile()
        seconds = time.perf_counter() - began
        if case.carries:
            run = _from_call_to_call(run, *case.arguments)
        jax.block_until_ready(run(*case.arguments))
    flops = matmul_flops(traced.jaxpr) if case.flops is None else case.flops
    return Compiled(run, seconds, flops)


def _from_call_to_call(run: Callable[..., Any], first: Any) -> Callable[..., Any]:
    held = jax.tree.map(jnp.copy, first)

    def call(_: Any) -> Any:
        nonlocal held
        held, found = run(held)
        return found

    return call


def _seconds(run: Callable[..., Any], case: Case, calls: int) -> float:
    with jax.enable_x64(case.x64):
        began = time.perf_counter()
        jax.block_until_ready([run(*case.arguments) for _ in range(calls)][-1])
        return time.perf_counter() - began


def _compare(own: Result, peer: Result, seconds_of: Mapping[str, Sequence[float]]) -> Comparison:
    bytes_own, bytes_peer = (result.sizes.get("state_bytes") for result in (own, peer))
    return Comparison(
        rate=_median_quotient(seconds_of[peer.name], seconds_of[own.name]),
        compile_seconds=own.compile_seconds / peer.compile_seconds if peer.compile_seconds else None,
        state_bytes=bytes_own / bytes_peer if bytes_own and bytes_peer else None,
    )


def _median_quotient(above: Sequence[float], below: Sequence[float]) -> float:
    """Round by round."""
    return statistics.median(x / y for x, y in zip(above, below, strict=True))


def _shares(
    case: Case, compiled: Compiled, limits: Limits, seconds_of: Mapping[str, Sequence[float]]
) -> dict[str, float]:
    """The share of each limit that a case reaches; `seconds_of` each case's unit, round by round."""
    seconds = statistics.median(seconds_of[case.name]) * case.work
    found = {}
    if case.limit_by is not None:
        found["alone"] = _median_quotient(seconds_of[case.limit_by], seconds_of[case.name])
    least = None if compiled.flops is None else limits.seconds(compiled.flops)
    if least:
        found["matmul"] = least / seconds
    if case.traffic and limits.traffic:
        found["memory"] = case.traffic / seconds / limits.traffic
    return found


def _times(case: Case, seconds_of: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Its seconds as multiples of those of the cases that it is held `against`."""
    return {name: _median_quotient(seconds_of[case.name], seconds_of[name]) for name in case.against}


def _result(
    case: Case,
    times: Sequence[float],
    compile_seconds: float,
    calls: int,
    seconds_of: Mapping[str, Sequence[float]],
    shares: dict[str, float],
) -> Result:
    rates = [case.work * calls / seconds for seconds in times]
    rate = statistics.median(rates)
    first, _, third = (
        statistics.quantiles(rates, n=4, method="inclusive") if len(rates) > 1 else (rate, rate, rate)
    )
    return Result(
        name=case.name,
        unit=case.unit,
        rate=rate,
        rate_min=min(rates),
        rate_max=max(rates),
        rate_iqr=third - first,
        compile_seconds=compile_seconds,
        repeats=len(times),
        calls=calls,
        of_limit=shares.get("alone", max(shares.values(), default=None)),
        sizes=dict(case.sizes),
        rates=rates,
        limits=shares,
        times=_times(case, seconds_of),
        allowed=dict(case.against),
        also={unit: rate * amount / case.work for unit, amount in case.also.items()},
    )


@contextmanager
def no_compilation_cache() -> Iterator[None]:
    """Compile for real, whatever cache the process uses."""
    before = getattr(jax.config, "jax_enable_compilation_cache")
    _use_cache(on=False)
    try:
        yield
    finally:
        _use_cache(on=before)


def _use_cache(*, on: bool) -> None:
    jax.config.update("jax_enable_compilation_cache", on)
    compilation_cache.reset_cache()
