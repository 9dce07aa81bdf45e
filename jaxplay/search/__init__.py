"""Batched tree search, usable without the rest of the engine."""

from jaxplay.search.build import build_search, by_kind, nodes_of
from jaxplay.search.by_rule import by_rule
from jaxplay.search.gumbel import gumbel
from jaxplay.search.line import line
from jaxplay.search.memory import tree_bytes
from jaxplay.search.nodes import TreeOptions
from jaxplay.search.opponent import Opponent, SearchParams
from jaxplay.search.output import Search, SearchOutput
from jaxplay.search.policy import policy
from jaxplay.search.puct import puct
from jaxplay.search.render import principal_variation, render_tree, render_tree_svg, walk
from jaxplay.search.reuse import blank, reuse
from jaxplay.search.rules import Edges, Rule
from jaxplay.search.signal import Shaping, Signal, potential_after, residual
from jaxplay.search.think import thinker
from jaxplay.search.tree import Tree, one_tree
from jaxplay.search.uct import uct

__all__ = [
    "Edges",
    "Opponent",
    "Rule",
    "Search",
    "SearchOutput",
    "SearchParams",
    "Shaping",
    "Signal",
    "Tree",
    "TreeOptions",
    "blank",
    "build_search",
    "by_kind",
    "by_rule",
    "gumbel",
    "line",
    "nodes_of",
    "one_tree",
    "policy",
    "potential_after",
    "principal_variation",
    "puct",
    "render_tree",
    "render_tree_svg",
    "residual",
    "reuse",
    "thinker",
    "tree_bytes",
    "uct",
    "walk",
]
