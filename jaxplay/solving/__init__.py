"""Solving games of hidden information in a folder: algorithms by name, curves, strategies as players."""

from jaxplay.policies import legal_probs
from jaxplay.solving.algorithms import ALGORITHMS, USUAL, Algorithm, find_algorithm
from jaxplay.solving.session import (
    SolveConfig,
    Solved,
    Target,
    is_solution,
    read_config,
    read_curve,
    resume_solving,
    solve_game,
)
from jaxplay.solving.strategy import (
    STRATEGY_FILE,
    Strategy,
    load_strategy,
    read_facts,
    save_strategy,
    strategy_evaluate,
)
from jaxplay.solving.trees import cached_tree

__all__ = [
    "ALGORITHMS",
    "STRATEGY_FILE",
    "USUAL",
    "Algorithm",
    "SolveConfig",
    "Solved",
    "Strategy",
    "Target",
    "cached_tree",
    "find_algorithm",
    "is_solution",
    "legal_probs",
    "load_strategy",
    "read_config",
    "read_curve",
    "read_facts",
    "resume_solving",
    "save_strategy",
    "solve_game",
    "strategy_evaluate",
]
