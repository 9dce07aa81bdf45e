"""What is timed, and what was measured of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jaxplay.benchmarks.limits import Flops


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
        limit_by: name of a case timed beside it that does only what none can leave out, such as network and
            rules without a tree: its rate is the most that is possible.
        flops: of the matrix products of one call; None: counted, where no loop of unknown length has any.
        traffic: bytes that one call must read and write at least; None: nobody knows.
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
    limit_by: str | None = None
    flops: Flops | None = None
    traffic: float | None = None
    peer_of: tuple[str, ...] = ()
    against: Mapping[str, float | None] = field(default_factory=dict)
    also: Mapping[str, float] = field(default_factory=dict)
    sizes: Mapping[str, Any] = field(default_factory=dict)


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
        rates: of each repeat, in the order of time.
        of_limit: of `limits` that of `alone`, else the greatest; None without any.
        limits: the share of each limit that is reached: `alone`, of the case that it is limited by, the
            median over rounds; `matmul`, of this machine's rate of matrix products; `memory`, of its traffic.
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
    rates: Sequence[float] = ()
    limits: Mapping[str, float] = field(default_factory=dict)
    beside: Mapping[str, Comparison] = field(default_factory=dict)
    times: Mapping[str, float] = field(default_factory=dict)
    allowed: Mapping[str, float | None] = field(default_factory=dict)
    also: Mapping[str, float] = field(default_factory=dict)
