"""How speed is measured: compiled apart from run, cases side by side, medians with their spread.

All cases of a run are compiled first, then timed in turn, round after round, so that what the machine does
besides falls on all of them alike. A time ends when the result is there (`block_until_ready`).
"""

import math
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import jax
import jax.numpy as jnp
from jax.experimental.compilation_cache import compilation_cache

REPEATS = 7
SECONDS = 0.5


@dataclass(frozen=True)
class Case:
    """One thing to time.

    Attributes:
        name: what is timed; cases that are compared share the part before a `/`.
        run: function of arrays, compiled whole; with `on_host` any function, which is called as it is.
        arguments: its arguments.
        carries: `run` takes one argument, which is donated, and returns what the next call takes in its
            place, and anything else.
        on_host: `run` is another library's, or Python; its first call only tells how long one takes.
        x64: compiled and called in double precision.
        work: how much one call does, in `unit`.
        unit: such as `step` or `simulation`.
        limit: the most of `unit` per second that the machine allows, where that is known.
        limit_by: name of a case timed beside it, whose rate is that most.
        peer_of: names of cases timed beside it that do the same; they are compared with it.
        against: names of cases timed beside it, and how many times their seconds a unit may take; None where
            that is only told.
        also: how much else one call does, by unit, such as positions.
        sizes: what the number depends on besides the machine, such as a batch size.
    """

    name: str
    run: Callable[..., Any]
    arguments: tuple[Any, ...]
    work: float
    unit: str
    carries: bool = False
    on_host: bool = False
    x64: bool = False
    limit: float | None = None
    limit_by: str | None = None
    peer_of: tuple[str, ...] = ()
    against: Mapping[str, float | None] = field(default_factory=dict)
    also: Mapping[str, float] = field(default_factory=dict)
    sizes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Options:
    """What a benchmark is asked for; each has `suites(options)`, lists of cases to time side by side.

    Attributes:
        games: names for `jaxplay.make`; empty: the benchmark's own choice.
        batch_sizes: games side by side, of benchmarks of games; empty: the benchmark's own choice.
        peers: whether other libraries are measured too.
        quick: tiny sizes, to see that everything runs.
    """

    games: tuple[str, ...] = ()
    batch_sizes: tuple[int, ...] = ()
    peers: bool = False
    quick: bool = False


@dataclass(frozen=True)
class Comparison:
    """A case beside its peer: each number is the case's divided by the peer's.

    Attributes:
        rate: above 1 where the case is faster; the median over rounds.
        compile_seconds: below 1 where the case compiles sooner; None where the peer is not compiled here.
        state_bytes: below 1 where its states are smaller; None where `sizes` do not tell.
    """

    rate: float
    compile_seconds: float | None
    state_bytes: float | None


@dataclass(frozen=True)
class Result:
    """What was measured of a case; rates are in `unit` per second.

    Attributes:
        rate: median over the repeats.
        rate_min: of the slowest repeat.
        rate_max: of the fastest repeat.
        rate_iqr: between the first and the third quartile.
        compile_seconds: to trace, lower and compile, without a cache.
        repeats: how many.
        calls: of the function in each repeat.
        of_limit: `rate` as a share of the case's limit; with `limit_by`, the median over rounds.
        beside: of a peer, the cases that do the same by name, compared with it.
        times: seconds of a unit as a multiple of those of other cases, by their names; medians over rounds.
        allowed: the most that these may be, where the case says so.
        also: rates of what else was done, by unit.
    """

    name: str
    unit: str
    rate: float
    rate_min: float
    rate_max: float
    rate_iqr: float
    compile_seconds: float
    repeats: int
    calls: int
    of_limit: float | None
    sizes: Mapping[str, Any]
    beside: Mapping[str, Comparison] = field(default_factory=dict)
    times: Mapping[str, float] = field(default_factory=dict)
    allowed: Mapping[str, float | None] = field(default_factory=dict)
    also: Mapping[str, float] = field(default_factory=dict)


def measure(cases: Sequence[Case], *, repeats: int = REPEATS, seconds: float = SECONDS) -> list[Result]:
    """Time cases against each other.

    Args:
        cases: what to time.
        repeats: rounds; each times every case once.
        seconds: least duration of one timing, reached by calling several times.
    """
    with no_compilation_cache():
        compiled = [_compile(case) for case in cases]
    runs = [run for run, _ in compiled]
    calls = [
        max(1, math.ceil(seconds / _seconds(run, case, 1))) for run, case in zip(runs, cases, strict=True)
    ]
    times: list[list[float]] = [[] for _ in cases]
    for turn in range(repeats):
        for offset in range(len(cases)):
            i = (turn + offset) % len(cases)
            times[i].append(_seconds(runs[i], cases[i], calls[i]))
    seconds_of = {case.name: [t / calls[i] / case.work for t in times[i]] for i, case in enumerate(cases)}
    results = [_result(case, times[i], compiled[i][1], calls[i], seconds_of) for i, case in enumerate(cases)]
    of_name = {result.name: result for result in results}
    return [
        replace(result, beside={name: _compare(of_name[name], result, seconds_of) for name in case.peer_of})
        for case, result in zip(cases, results, strict=True)
    ]


def _compile(case: Case) -> tuple[Callable[..., Any], float]:
    if case.on_host:
        return case.run, 0.0
    began = time.perf_counter()
    with jax.enable_x64(case.x64):
        run = jax.jit(case.run, donate_argnums=0 if case.carries else ()).lower(*case.arguments).compile()
        seconds = time.perf_counter() - began
        if case.carries:
            run = _from_call_to_call(run, *case.arguments)
        jax.block_until_ready(run(*case.arguments))
    return run, seconds


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


def _of_limit(case: Case, rate: float, seconds_of: Mapping[str, Sequence[float]]) -> float | None:
    """`rate` as a share of the limit; `seconds_of` each case's unit, round by round."""
    if case.limit_by is not None:
        return _median_quotient(seconds_of[case.limit_by], seconds_of[case.name])
    return rate / case.limit if case.limit else None


def _times(case: Case, seconds_of: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Its seconds as multiples of those of the cases that it is held `against`."""
    return {name: _median_quotient(seconds_of[case.name], seconds_of[name]) for name in case.against}


def _result(
    case: Case,
    times: Sequence[float],
    compile_seconds: float,
    calls: int,
    seconds_of: Mapping[str, Sequence[float]],
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
        of_limit=_of_limit(case, rate, seconds_of),
        sizes=dict(case.sizes),
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
