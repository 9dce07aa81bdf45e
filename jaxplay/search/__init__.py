"""Batched tree search, usable without the rest of the engine."""

from jaxplay.search.puct import Search, SearchOutput, puct
from jaxplay.search.tree import Tree, tree_bytes

__all__ = ["Search", "SearchOutput", "Tree", "puct", "tree_bytes"]
