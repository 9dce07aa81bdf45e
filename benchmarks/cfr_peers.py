"""CFR+ and exploitability of other libraries, for benchmarks: OpenSpiel in Python, C++ and JAX, and LiteEFG.

OpenSpiel comes with `pip install 'jaxplay[peers]'`. Its package lacks its CFR in JAX: `JAXPLAY_OPEN_SPIEL`
names a checkout that has it. LiteEFG is no dependency: `JAXPLAY_LITEEFG` names a Python that has it, which
is started beside this one and iterates when it is told to.
"""

import importlib.util
import os
import subprocess
import sys
import weakref
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jaxplay.errors import UserError

OPEN_SPIEL, LITEEFG = "JAXPLAY_OPEN_SPIEL", "JAXPLAY_LITEEFG"
"""Names of environment variables."""
JAX_CFR = Path("open_spiel/python/jax/cfr/jax_cfr.py")
LARGEST_FOR_JAX_CFR = 10_000
"""Histories of the largest game that OpenSpiel's CFR in JAX is asked for: it writes them into its program."""
NUM_POLICIES = 4
"""Policies whose exploitability OpenSpiel is asked for, in turn."""
CALL_SECONDS = 0.5
"""LiteEFG iterates about so long in a call, so that waking its process costs nothing."""


class Peer(NamedTuple):
    """Something to time.

    Attributes:
        name: as it is shown.
        run: does it.
        version: of the library.
        work: iterations, or policies, in one call.
    """

    name: str
    run: Callable[[], Any]
    version: str
    work: float = 1.0


MakePeer = Callable[[str], Peer | None]
"""`game as OpenSpiel calls it -> Peer`; None where it is not to be had."""


def _pyspiel() -> Any:
    try:
        return import_module("pyspiel")
    except ImportError as error:
        raise UserError("OpenSpiel is not installed: pip install 'jaxplay[peers]'") from error


def python_solver(game: str) -> Peer:
    """OpenSpiel's CFR+ in Python; a call is an iteration."""
    pyspiel = _pyspiel()
    solver = import_module("open_spiel.python.algorithms.cfr").CFRPlusSolver(pyspiel.load_game(game))
    return Peer("open_spiel_python", solver.evaluate_and_update_policy, version("open_spiel"))


def cpp_solver(game: str) -> Peer:
    """OpenSpiel's CFR+ in C++."""
    pyspiel = _pyspiel()
    solver = pyspiel.CFRPlusSolver(pyspiel.load_game(game))
    solver.evaluate_and_update_policy()
    return Peer("open_spiel_cpp", solver.evaluate_and_update_policy, version("open_spiel"))


def jax_solver(game: str) -> Peer | None:
    """OpenSpiel's CFR+ in JAX, of a checkout, in games that are not too large for it.

    Raises:
        UserError: the checkout lacks it.
    """
    checkout = os.environ.get(OPEN_SPIEL)
    if not checkout or _num_histories(game) > LARGEST_FOR_JAX_CFR:
        return None
    path = Path(checkout) / JAX_CFR
    spec = importlib.util.spec_from_file_location("open_spiel_jax_cfr", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise UserError(f"{OPEN_SPIEL} is {checkout}, which has no {JAX_CFR}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    solver = module.JaxCFR(_pyspiel().load_game(game))
    solver.step()

    def run() -> Any:
        solver.step()
        return solver.regrets

    return Peer("open_spiel_jax", run, "of a checkout")


def _num_histories(game: str) -> int:
    """Histories of a game, terminal ones too, as far as they matter here."""
    left, count = [_pyspiel().load_game(game).new_initial_state()], 0
    while left and count <= LARGEST_FOR_JAX_CFR:
        state = left.pop()
        count += 1
        left += [state.child(action) for action in state.legal_actions()]
    return count


WORKER = """
import sys, time
from importlib.metadata import version
from itertools import cycle
import LiteEFG, pyspiel
from LiteEFG.baselines import CFRplus
graph = CFRplus.graph()
environment = LiteEFG.OpenSpielEnv(pyspiel.load_game(sys.argv[1]), traverse_type="Enumerate", regenerate=True)
environment.set_graph(graph)

def iterate(count):
    began = time.perf_counter()
    for _ in range(count):
        graph.update_graph(environment)
        environment.update_strategy(graph.current_strategy())
    return time.perf_counter() - began

count = 1
while (seconds := iterate(count)) < 0.1:
    count *= 2
print("ready", version("LiteEFG"), count / seconds, flush=True)
for line in sys.stdin:
    iterate(int(line))
    print("done", flush=True)
"""
"""What LiteEFG's process runs."""


def liteefg_solver(game: str) -> Peer | None:
    """LiteEFG's CFR+, in a process of its own.

    Raises:
        UserError: the Python that is named has no LiteEFG.
    """
    python = os.environ.get(LITEEFG, sys.executable)
    probe = subprocess.run([python, "-c", "import LiteEFG"], capture_output=True, check=False)
    if probe.returncode:
        if LITEEFG in os.environ:
            raise UserError(f"{LITEEFG} is {python}, which cannot import LiteEFG")
        return None
    pipe = subprocess.PIPE
    process = subprocess.Popen([python, "-c", WORKER, game], stdin=pipe, stdout=pipe, text=True)
    _, found, rate = _answer(process, "ready").split()
    count = max(1, round(CALL_SECONDS * float(rate)))

    def run() -> None:
        assert process.stdin is not None
        process.stdin.write(f"{count}\n")
        process.stdin.flush()
        _answer(process, "done")

    weakref.finalize(run, process.kill)
    return Peer("liteefg", run, found, float(count))


def _answer(process: Any, word: str) -> str:
    """The next line of a process that begins with `word`."""
    for line in process.stdout:
        if line.startswith(word):
            return line
    raise UserError("LiteEFG's process ended; its message stands above")


def python_exploitability(game: str) -> Peer:
    """OpenSpiel's exploitability in Python, of one policy after another."""
    measure = import_module("open_spiel.python.algorithms.exploitability").exploitability
    policies = cycle(_policies(game))
    theirs = _pyspiel().load_game(game)
    name = "open_spiel_python_exploitability"
    return Peer(name, lambda: measure(theirs, next(policies)), version("open_spiel"))


def cpp_exploitability(game: str) -> Peer:
    """OpenSpiel's exploitability in C++, of one policy after another."""
    pyspiel = _pyspiel()
    theirs = pyspiel.load_game(game)
    to_cpp = import_module("open_spiel.python.policy").python_policy_to_pyspiel_policy
    policies = cycle([to_cpp(policy) for policy in _policies(game)])
    name = "open_spiel_cpp_exploitability"
    return Peer(name, lambda: pyspiel.exploitability(theirs, next(policies)), version("open_spiel"))


def _policies(game: str) -> list[Any]:
    """Some random policies of OpenSpiel."""
    tabular = import_module("open_spiel.python.policy").TabularPolicy
    rng, made = np.random.default_rng(0), []
    for _ in range(NUM_POLICIES):
        policy = tabular(_pyspiel().load_game(game))
        mask = policy.legal_actions_mask
        weights = rng.exponential(size=mask.shape) * mask
        policy.action_probability_array[:] = weights / weights.sum(axis=1, keepdims=True)
        made.append(policy)
    return made


SOLVERS: tuple[MakePeer, ...] = (python_solver, cpp_solver, jax_solver, liteefg_solver)
"""CFR+ of the peers."""
OPEN_SPIEL_POLICIES: tuple[MakePeer, ...] = (python_exploitability, cpp_exploitability)
"""Exploitability of OpenSpiel."""
