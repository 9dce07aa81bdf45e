"""Kernels: how many a simulation takes on a device, how long they run, and the gaps between them.

From the profiler of JAX. On a GPU a kernel is a launch, and gaps are time that it waits for one; on a CPU it
is a step of the compiled program, and a gap is what the program needs to come to the next one.
"""

import gzip
import json
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import jax

from jaxplay import search
from jaxplay.benchmarks.records import Amount
from jaxplay.benchmarks.search import BATCH_SIZES, DEFAULT_BATCH_SIZE, linear, positions, shown
from jaxplay.benchmarks.settings import Settings, whole
from jaxplay.game import make
from jaxplay.presets import preset
from jaxplay.training import make_training


@dataclass(frozen=True, kw_only=True)
class Options(Settings):
    """What is measured.

    Attributes:
        games: Games that are searched and trained.
        simulations: Of each search.
        repeats: Profiles of each program; their median counts.
    """

    games: tuple[str, ...] = ("connect_four",)
    simulations: int = whole(32)
    repeats: int = whole(3)


class Kernels(NamedTuple):
    """What a profile shows of one call.

    Attributes:
        number: kernels.
        busy: microseconds in which one ran.
        waited: microseconds between the first and the last in which none ran.
    """

    number: int
    busy: float
    waited: float


def amounts(options: Options) -> Iterator[Amount]:
    """Of each game's searches, for a simulation of the batch, and of its training step, for a position."""
    for name in options.games:
        batch = 8 if options.quick else BATCH_SIZES.get(name, DEFAULT_BATCH_SIZE)
        number = 4 if options.quick else options.simulations
        for which, call in _searches(name, batch, number).items():
            yield from _amounts(f"{name}/{which}", call, number, options.repeats, {"batch_size": batch})
        config = preset(name, "quick" if options.quick else "cpu").training
        call, places = _step(config)
        sizes = {"positions": places}
        yield from _amounts(f"{name}/step", call, config.selfplay.num_plies, options.repeats, sizes)


def profiled(call: Callable[[], Any]) -> Kernels:
    """The kernels of one call; it was called before, so that nothing is compiled."""
    with tempfile.TemporaryDirectory() as folder:
        with jax.profiler.trace(folder, create_perfetto_trace=True):
            jax.block_until_ready(call())
        found = next(Path(folder).rglob("perfetto_trace.json.gz"))
        with gzip.open(found, "rt") as file:
            return kernels_of(json.load(file)["traceEvents"])


def kernels_of(events: Sequence[dict[str, Any]]) -> Kernels:
    """What the events of a trace come to: of devices, where there are some with kernels, else of the host.

    An event in which others lie, such as a loop, is no kernel.
    """
    places = {e["pid"]: e["args"]["name"] for e in events if e.get("name") == "process_name"}
    threads: dict[Any, list[tuple[float, float]]] = defaultdict(list)
    for event in events:
        if event.get("ph") == "X" and "hlo_op" in event.get("args", {}):
            where = event["pid"], event.get("tid")
            threads[where].append((float(event["ts"]), float(event["ts"]) + float(event.get("dur", 0))))
    device = {key: spans for key, spans in threads.items() if str(places.get(key[0])).startswith("/device")}
    leaves = [span for spans in (device or threads).values() for span in _leaves(spans)]
    return _sums(sorted(leaves))


def _leaves(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans of one thread, begin and end, in which no other lies."""
    ordered = sorted(spans, key=lambda span: (span[0], -span[1]))
    following = [*ordered[1:], (float("inf"), float("inf"))]
    return [span for span, after in zip(ordered, following, strict=True) if after[0] >= span[1]]


def _sums(spans: Sequence[tuple[float, float]]) -> Kernels:
    """Of spans in the order of their beginning."""
    busy, waited, until = 0.0, 0.0, None
    for begin, end in spans:
        if until is None:
            until = begin
        waited += max(0.0, begin - until)
        busy += max(0.0, end - max(begin, until))
        until = max(until, end)
    return Kernels(len(spans), busy, waited)


def _searches(name: str, batch: int, number: int) -> dict[str, Callable[[], Any]]:
    game = make(name)
    params, evaluate = linear(game)
    states, key = positions(game, batch), jax.random.key(2)
    runs = {
        "puct": search.puct(game, evaluate, number),
        "gumbel": search.gumbel(game, evaluate, number),
        "gumbel_parallel": search.gumbel(game, evaluate, number, parallel=True),
    }
    compiled = {which: jax.jit(shown(run)) for which, run in runs.items()}
    return {which: lambda run=run: run(params, key, states) for which, run in compiled.items()}


def _step(config: Any) -> tuple[Callable[[], Any], int]:
    """One training step from its first state, and the positions that it makes."""
    training = make_training(config)
    state, step = jax.jit(training.init)(jax.random.key(0)), jax.jit(training.step)
    return lambda: step(state), config.selfplay.num_matches * config.selfplay.num_plies


def _amounts(
    name: str, call: Callable[[], Any], units: int, repeats: int, sizes: dict[str, Any]
) -> Iterator[Amount]:
    jax.block_until_ready(call())
    found = [profiled(call) for _ in range(repeats)]
    each = "simulation" if "batch_size" in sizes else "ply"
    for what, unit, values in (
        ("kernels", f"a {each}", [one.number / units for one in found]),
        ("in kernels", f"microseconds a {each}", [one.busy / units for one in found]),
        ("between kernels", f"microseconds a {each}", [one.waited / units for one in found]),
    ):
        yield Amount(f"{name}/{what}", unit, statistics.median(values), values, sizes=sizes)
