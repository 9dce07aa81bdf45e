"""Batched tree search, usable without the rest of the engine."""

from jaxplay.search import rules
from jaxplay.search._build import Purpose, build_search, by_kind, nodes_of
from jaxplay.search._gumbel import gumbel
from jaxplay.search._opponent import Opponent, SearchParams
from jaxplay.search._output import Search, SearchOutput
from jaxplay.search._policy import policy
from jaxplay.search._proofs import root_proof
from jaxplay.search._puct import puct
from jaxplay.search._render import render_tree, render_tree_svg, walk
from jaxplay.search._reuse import empty_tree, reuse
from jaxplay.search._signal import Shaping, Signal, potential_after, shaped_target
from jaxplay.search._simulator import TreeOptions
from jaxplay.search._thinker import thinker
from jaxplay.search._tree import Tree, one_tree
from jaxplay.search._tree_search import tree_search
from jaxplay.search._tree_size import tree_bytes
from jaxplay.search._uct import uct
from jaxplay.search._variation import principal_line, principal_variation, variations
from jaxplay.search.rules import Edges, Rule

line = principal_line
"""The name of `principal_line` in older programs."""

__all__ = [
    "Edges",
    "Opponent",
    "Purpose",
    "Rule",
    "Search",
    "SearchOutput",
    "SearchParams",
    "Shaping",
    "Signal",
    "Tree",
    "TreeOptions",
    "build_search",
    "by_kind",
    "empty_tree",
    "gumbel",
    "line",
    "nodes_of",
    "one_tree",
    "policy",
    "potential_after",
    "principal_line",
    "principal_variation",
    "puct",
    "render_tree",
    "render_tree_svg",
    "reuse",
    "root_proof",
    "rules",
    "shaped_target",
    "thinker",
    "tree_bytes",
    "tree_search",
    "uct",
    "variations",
    "walk",
]
