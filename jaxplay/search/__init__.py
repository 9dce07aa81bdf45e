"""Batched tree search, usable without the rest of the engine."""

from jaxplay.search.gumbel import gumbel
from jaxplay.search.output import Search, SearchOutput
from jaxplay.search.puct import puct
from jaxplay.search.render import principal_variation, render_tree, walk
from jaxplay.search.tree import Tree, tree_bytes

__all__ = [
    "Search",
    "SearchOutput",
    "Tree",
    "gumbel",
    "principal_variation",
    "puct",
    "render_tree",
    "tree_bytes",
    "walk",
]
