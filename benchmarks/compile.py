"""What compilation takes: processor seconds of a game's training step, traced, lowered and compiled anew.

Processor seconds, since a compiler uses several cores by turns and other load changes the clock. `step` is
what a run of the preset compiles first. The budget of a game of fewer than 100 actions is 20.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax

from jaxplay.benchmarks.harness import no_compilation_cache
from jaxplay.benchmarks.records import Amount
from jaxplay.benchmarks.settings import Settings, whole
from jaxplay.presets import preset
from jaxplay.training import compile_step, make_training

GAMES = ("tic_tac_toe", "connect_four", "pig", "kuhn_poker", "othello", "twenty_forty_eight", "chess")
BUDGET, FEW_ACTIONS = 20.0, 100


@dataclass(frozen=True, kw_only=True)
class Options(Settings):
    """What is measured.

    Attributes:
        games: Games whose steps are compiled, each with its preset.
        repeats: Compilations of each.
    """

    games: tuple[str, ...] = GAMES
    repeats: int = whole(1)


def amounts(options: Options) -> Iterator[Amount]:
    """Seconds of each game's step, in parts and together."""
    for name in options.games[:1] if options.quick else options.games:
        config = preset(name, "quick" if options.quick else "cpu").training
        runs = [_parts(config) for _ in range(options.repeats)]
        sizes = {"lines": runs[0].pop("lines")} | {part: runs[0][part] for part in ("trace", "compile")}
        totals = [run["trace"] + run["compile"] for run in runs]
        few = preset_actions(config) < FEW_ACTIONS
        yield Amount(
            f"{name}/step",
            "processor second",
            statistics.median(totals),
            totals,
            allowed=BUDGET if few else None,
            of_limit=statistics.median(totals) / BUDGET if few else None,
            sizes=sizes,
        )


def preset_actions(config: Any) -> int:
    """Actions of a training's game."""
    from jaxplay.training import make_game

    return make_game(config).num_actions


def _parts(config: Any) -> dict[str, Any]:
    """Processor seconds of tracing (with lowering) and compiling, and the program's lines of text."""
    training = make_training(config)
    state = jax.eval_shape(training.init, jax.random.key(0))
    trace, lowered = _timed(lambda: compile_step(training).lower(state))
    with no_compilation_cache():
        seconds, compiled = _timed(lowered.compile)
    return {"trace": trace, "compile": seconds, "lines": (compiled.as_text() or "").count("\n")}


def _timed(run: Callable[[], Any]) -> tuple[float, Any]:
    began = time.process_time()
    found = run()
    return time.process_time() - began, found
