"""Batched tree search, usable without the rest of the engine."""

from jaxplay.search.gumbel import gumbel
from jaxplay.search.output import Search, SearchOutput
from jaxplay.search.puct import puct
from jaxplay.search.tree import Tree, tree_bytes

__all__ = ["Search", "SearchOutput", "Tree", "gumbel", "puct", "tree_bytes"]
