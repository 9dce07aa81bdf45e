"""Exact answers in games small enough to enumerate."""

from jaxplay.solve._exact import Solution, solve
from jaxplay.solve._histories import Ply, histories, num_histories
from jaxplay.solve._oracle import Exact, Oracle, exact, oracle, solver_act
from jaxplay.solve._reachable import reachable
from jaxplay.solve.compiled import AskPolicy, Gaps, compiled_exploitability, compiled_policy
from jaxplay.solve.graph import Graph
from jaxplay.solve.lines import Lines, every_line
from jaxplay.solve.mixture import Tree, mixture_exploitability, tree_of
from jaxplay.solve.response import Exploitability, best_response, exploitability, policy_values

__all__ = [
    "AskPolicy",
    "Exact",
    "Exploitability",
    "Gaps",
    "Graph",
    "Lines",
    "Oracle",
    "Ply",
    "Solution",
    "Tree",
    "best_response",
    "compiled_exploitability",
    "compiled_policy",
    "every_line",
    "exact",
    "exploitability",
    "histories",
    "mixture_exploitability",
    "num_histories",
    "oracle",
    "policy_values",
    "reachable",
    "solve",
    "solver_act",
    "tree_of",
]
