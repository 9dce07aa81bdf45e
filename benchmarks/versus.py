"""Two checkouts of this project against each other: times of the same programs, interleaved.

    python benchmarks/versus.py OLD NEW [--repeats 15] [--only PART] [--json FILE]

OLD and NEW are folders of checkouts. Each runs in a process of its own, which compiles a program once and
then runs it when it is told to, by turns with the other: so a noisy machine is noisy for both. Only names
that both checkouts have are used.
"""

import argparse
import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def _step(game: str, *, learns: bool = True, league: bool = False) -> Callable[[], Any]:
    """The step of a `cpu` preset; one that does not learn is self-play and what is remembered of it."""
    import jax

    from jaxplay.presets import preset, with_league
    from jaxplay.training import compile_step, make_training

    run = preset(game, "cpu")
    run = with_league(run) if league else run
    config: Any = run.training
    positions = config.selfplay.num_matches * config.selfplay.num_plies
    least = positions if learns else config.learner.replay_positions
    config = replace(config, learner=replace(config.learner, min_positions=least))
    training = make_training(config)
    state = [jax.jit(training.init)(jax.random.key(0))]
    step = compile_step(training).lower(state[0]).compile()

    def once() -> Any:
        state[0], metrics = step(state[0])
        return metrics

    return once


def _search(kind: str, simulations: int) -> Callable[[], Any]:
    """A search of 1,024 positions of Connect Four with a linear evaluator."""
    import jax
    import jax.numpy as jnp

    from jaxplay import search
    from jaxplay.evaluator import Prediction
    from jaxplay.game import make

    game = make("connect_four")
    weights = jax.random.normal(jax.random.key(1), (84, 8)) * 0.1

    def evaluate(params: Any, key: Any, states: Any) -> Prediction:
        seen = jax.vmap(game.observe)(states).reshape(-1, 84).astype(jnp.float32) @ params
        return Prediction(seen[:, :7], jnp.tanh(seen[:, 7]))

    run = getattr(search, kind)(game, evaluate, simulations)
    states = jax.vmap(game.init)(jax.random.split(jax.random.key(0), 1024))
    program = jax.jit(run).lower(weights, jax.random.key(2), states).compile()
    return lambda: program(weights, jax.random.key(2), states).action


def _arena() -> Callable[[], Any]:
    """Games of random play against a search with playouts, compiled before they are timed."""
    import warnings

    import jax

    from jaxplay.game import make

    warnings.simplefilter("ignore")
    room = importlib.import_module("jaxplay.evaluate")  # its name in both

    game = make("connect_four")
    players = room.random_player(), room.mcts_player(game, 32)

    def once() -> Any:
        return room.arena(game, *players, num_games=256, key=jax.random.key(0), opening_plies=2)

    return once


CASES: dict[str, Callable[[], Callable[[], Any]]] = {
    "connect_four step": lambda: _step("connect_four"),
    "connect_four self-play": lambda: _step("connect_four", learns=False),
    "connect_four league step": lambda: _step("connect_four", league=True),
    "puct 32": lambda: _search("puct", 32),
    "puct 128": lambda: _search("puct", 128),
    "gumbel 32": lambda: _search("gumbel", 32),
    "gumbel 128": lambda: _search("gumbel", 128),
    "arena": _arena,
}


def work() -> None:
    """Prepare and run what the lines of standard input name; tell the seconds of each."""
    import jax

    once: Callable[[], Any] = dict
    for line in sys.stdin:
        began, name = time.perf_counter(), line.strip()
        if name:
            once = CASES[name]()
        jax.block_until_ready(once())
        _tell(json.dumps(time.perf_counter() - began))


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _start(checkout: Path) -> Any:
    # Without a cache of compiled programs, so that compilation is timed too.
    env = {k: v for k, v in os.environ.items() if k != "JAX_COMPILATION_CACHE_DIR"}
    env |= {"PYTHONPATH": str(checkout.resolve()), "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, str(Path(__file__).resolve()), "--worker"]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=env, cwd=checkout, **pipes)


def _ask(worker: Any, line: str) -> float:
    worker.stdin.write(line + "\n")
    worker.stdin.flush()
    return float(json.loads(worker.stdout.readline()))


def main() -> None:
    """Print a line for each case: medians of both, and the median of the ratios of neighbours."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("checkouts", nargs="*", type=Path, metavar="CHECKOUT")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if args.worker:
        work()
        return
    workers, rows = [_start(checkout) for checkout in args.checkouts], []
    for name in (name for name in CASES if args.only in name):
        first = [_ask(worker, name) for worker in workers]
        [_ask(worker, "") for worker in workers]
        times = [[_ask(worker, "") for worker in workers] for _ in range(args.repeats)]
        old, new = (statistics.median(each) for each in zip(*times, strict=True))
        ratio = statistics.median(after / before for before, after in times)
        rows.append({"case": name, "old": old, "new": new, "ratio": ratio, "first": first})
        _tell(
            f"{name:26} {old:9.4f} s {new:9.4f} s  ratio {ratio:.3f}"
            f"  with compilation {first[0]:.1f} s and {first[1]:.1f} s ({first[1] / first[0]:.2f})"
        )
    if args.json is not None:
        args.json.write_text("".join(json.dumps(row) + "\n" for row in rows))


if __name__ == "__main__":
    main()
