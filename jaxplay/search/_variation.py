"""The line of play that a search expects, as numbers and in words."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import CHANCE, Game
from jaxplay.search._edges import edge_to_play
from jaxplay.search._output import SearchOutput
from jaxplay.search._tree import Tree, one_tree


def principal_line(game: Game[Any], found: SearchOutput | Tree, length: int) -> Array:
    """`(B, length)` int32: the principal variations of trees, -1 behind their ends.

    Each begins with the action of the search, and goes on with the most visited edge of each node. An entry
    is what `game.step` takes next, so that a line can be played: at a chance node it is the outcome visited
    most. With a modelled opponent its replies are left out, as they are no edges of the tree.

    Args:
        game: that was searched.
        found: of a search that has a tree, or its tree.
        length: entries of each line.

    Raises:
        UserError: there is no tree.
    """
    tree = tree_of(found)
    owner = jnp.arange(tree.parent.shape[1])

    def follow(node: Array, _: None) -> tuple[Array, Array]:
        there = jnp.maximum(node, 0)
        edge = jnp.where(node < 0, -1, edge_to_play(game, tree, there, owner))
        taken = jnp.maximum(edge, 0)
        entry = taken if tree.labels is None else tree.labels[there, owner, taken].astype(jnp.int32)
        child = tree.children[there, owner, taken].astype(jnp.int32)
        return jnp.where(edge < 0, -1, child), jnp.where(edge < 0, -1, entry)

    return jax.lax.scan(follow, jnp.zeros(owner.shape, jnp.int32), None, length=length)[1].T


def principal_variation(game: Game[Any], found: SearchOutput | Tree, element: int = 0) -> list[str]:
    """The principal variation of one element's tree, in the game's notation, until it ends.

    It is that of `principal_line`. Raises as that does.
    """
    one, to_play = read_out(game, tree_of(found), element)
    names: list[str] = []
    node = 0
    while node >= 0 and to_play[node] >= 0 and not one.state.terminated[node]:
        names.append(edge_name(game, one, node, int(to_play[node])))
        node = int(one.children[node, to_play[node]])
    return names


def variations(game: Game[Any], found: SearchOutput | Tree, element: int = 0) -> dict[int, list[str]]:
    """The line that one element's tree expects behind each action that was visited, as names from that on.

    Raises like `principal_line`.
    """
    one, to_play = read_out(game, tree_of(found), element)
    lines: dict[int, list[str]] = {}
    for edge in np.flatnonzero(one.children[0] >= 0).tolist():
        action = edge if one.labels is None else int(one.labels[0, edge])
        names, node = [edge_name(game, one, 0, edge)], int(one.children[0, edge])
        while node >= 0 and to_play[node] >= 0 and not one.state.terminated[node]:
            names.append(edge_name(game, one, node, int(to_play[node])))
            node = int(one.children[node, to_play[node]])
        lines[action] = names
    return lines


def tree_of(found: SearchOutput | Tree) -> Tree:
    """The tree of a search's output, or the tree itself.

    Raises:
        UserError: there is none.
    """
    tree = found if isinstance(found, Tree) else found.tree
    if tree is None:
        raise UserError("the search has no tree; allowed: the output of a search that has one")
    return tree


def read_out(game: Game[Any], tree: Tree, element: int) -> tuple[Tree, np.ndarray]:
    """One element's tree on the host, and the edge that is played from each node, `(C,)`, or -1."""
    return jax.tree.map(np.asarray, (one_tree(tree, element), _all_to_play(game, tree, jnp.int32(element))))


@partial(jax.jit, static_argnums=0)
def _all_to_play(game: Game[Any], tree: Tree, element: Array) -> Array:
    nodes = jnp.arange(tree.parent.shape[0])
    return edge_to_play(game, tree, nodes, jnp.full(nodes.shape, element))


def edge_name(game: Game[Any], one: Tree, node: int, edge: int) -> str:
    """An edge of one element's tree in the game's notation, as who moves at the node calls it."""
    state = jax.tree.map(lambda leaf: leaf[node], one.state)
    action = int(edge if one.labels is None else one.labels[node, edge])
    chance = int(state.current_player) == CHANCE
    return (game.outcome_to_string if chance else game.move_to_string)(state, action)
