"""Exact answers in games small enough to enumerate."""

from jaxplay.solve.exact import Solution, solve
from jaxplay.solve.graph import Graph
from jaxplay.solve.lines import Lines, every_line
from jaxplay.solve.oracle import Exact, Oracle, exact, oracle, solver_act
from jaxplay.solve.reachable import reachable
from jaxplay.solve.response import Exploitability, best_response, exploitability, policy_values

__all__ = [
    "Exact",
    "Exploitability",
    "Graph",
    "Lines",
    "Oracle",
    "Solution",
    "best_response",
    "every_line",
    "exact",
    "exploitability",
    "oracle",
    "policy_values",
    "reachable",
    "solve",
    "solver_act",
]
