"""Exact answers in games small enough to enumerate."""

from jaxplay.solve import behaviour, regrets
from jaxplay.solve._build_form import sequence_form
from jaxplay.solve._build_traces import Size, form_of, size_by_traces, trace_form
from jaxplay.solve._cfr import cfr, cfr_plus, discounted_cfr, linear_cfr, predictive_cfr_plus
from jaxplay.solve._decision_search import DecisionSearch, decision_search
from jaxplay.solve._exact import Solution, solve
from jaxplay.solve._fictitious_play import fictitious_play
from jaxplay.solve._grow import game_tree
from jaxplay.solve._histories import Ply, histories, num_histories
from jaxplay.solve._mmd import mmd, regularized_gap
from jaxplay.solve._oracle import Exact, Oracle, exact, oracle, solver_act
from jaxplay.solve._psro import by_nash, by_replicator, by_uniform, psro
from jaxplay.solve._reachable import reachable
from jaxplay.solve._sequence_form import Form, SequenceForm
from jaxplay.solve._simplex import simplex
from jaxplay.solve._trace_form import TraceForm
from jaxplay.solve._worlds import Separable
from jaxplay.solve.behaviour import AskPolicy, Gaps
from jaxplay.solve.compiled import compiled_exploitability, compiled_policy
from jaxplay.solve.graph import Graph
from jaxplay.solve.lines import Lines, every_line
from jaxplay.solve.mixture import Tree, mixture_exploitability, tree_of
from jaxplay.solve.response import Exploitability, arrays_of, best_response, exploitability, policy_values
from jaxplay.solve.solver import Solver, SolverState
from jaxplay.solve.tree import GameTree
from jaxplay.solve.treeplex import Treeplex

__all__ = [
    "AskPolicy",
    "DecisionSearch",
    "Exact",
    "Exploitability",
    "Form",
    "GameTree",
    "Gaps",
    "Graph",
    "Lines",
    "Oracle",
    "Ply",
    "Separable",
    "SequenceForm",
    "Size",
    "Solution",
    "Solver",
    "SolverState",
    "TraceForm",
    "Tree",
    "Treeplex",
    "arrays_of",
    "behaviour",
    "best_response",
    "by_nash",
    "by_replicator",
    "by_uniform",
    "cfr",
    "cfr_plus",
    "compiled_exploitability",
    "compiled_policy",
    "decision_search",
    "discounted_cfr",
    "every_line",
    "exact",
    "exploitability",
    "fictitious_play",
    "form_of",
    "game_tree",
    "histories",
    "linear_cfr",
    "mixture_exploitability",
    "mmd",
    "num_histories",
    "oracle",
    "policy_values",
    "predictive_cfr_plus",
    "psro",
    "reachable",
    "regrets",
    "regularized_gap",
    "sequence_form",
    "simplex",
    "size_by_traces",
    "solve",
    "solver_act",
    "trace_form",
    "tree_of",
]
