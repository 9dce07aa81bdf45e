"""A search tree as text, for reading and for golden files."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxplay.game import CHANCE, Game
from jaxplay.search.tree import Tree
from jaxplay.values import perspective


class TreeNode(NamedTuple):
    """A node of one element's tree, read out on the host.

    Attributes:
        number: the node's index in the tree.
        depth: 0 for the root.
        action: the edge that leads to it, in the game's notation; empty for the root.
        visits: simulations that went through the edge to it (the root: all).
        q: mean value of that edge for the player who chose it; the root: the evaluator's value.
        prior: of that edge.
        player: who moves at the node, or `CHANCE`.
        terminated: whether the game is over there.
    """

    number: int
    depth: int
    action: str
    visits: int
    q: float
    prior: float
    player: int
    terminated: bool


def walk(game: Game[Any], tree: Tree, element: int = 0, max_depth: int | None = None) -> Iterator[TreeNode]:
    """The nodes of one element's tree, depth first, most visited edges first."""
    one = jax.tree.map(lambda x: np.asarray(x[:, element]), tree)
    root = 0
    value = float((one.value[root] * _view(game, one, root)).sum())
    total = int(one.visits[root].sum())
    yield TreeNode(root, 0, "", total, value, 1.0, *_who(one, root))
    yield from _below(game, one, root, 1, max_depth)


def _below(game: Game[Any], one: Tree, node: int, depth: int, max_depth: int | None) -> Iterator[TreeNode]:
    if max_depth is not None and depth > max_depth:
        return
    view = _view(game, one, node)
    for edge in np.argsort(-one.visits[node].astype(int), kind="stable"):
        child, visits = int(one.children[node, edge]), int(one.visits[node, edge])
        if child < 0 or visits == 0:
            continue
        q = float((one.value_sum[node, edge] * view).sum()) / visits
        chance = int(one.state.current_player[node]) == CHANCE
        name = f"outcome {edge}" if chance else game.action_to_string(int(edge))
        yield TreeNode(child, depth, name, visits, q, float(one.prior[node, edge]), *_who(one, child))
        yield from _below(game, one, child, depth + 1, max_depth)


def _who(one: Tree, node: int) -> tuple[int, bool]:
    return int(one.state.current_player[node]), bool(one.state.terminated[node])


def _view(game: Game[Any], one: Tree, node: int) -> np.ndarray:
    return np.asarray(perspective(game, one.state.current_player[node]))


def render_tree(game: Game[Any], tree: Tree, element: int = 0, max_depth: int | None = None) -> str:
    """One element's tree as indented lines: action, visits, Q for who chose it, prior, who is to move."""
    lines = []
    for node in walk(game, tree, element, max_depth):
        if node.depth == 0:
            lines.append(f"root  visits {node.visits}  value {node.q:+.3f}  player {node.player}")
            continue
        status = "over" if node.terminated else "chance" if node.player == CHANCE else f"player {node.player}"
        numbers = f"n {node.visits:<4d} q {node.q:+.3f}  p {node.prior:.3f}"
        lines.append(f"{'  ' * node.depth}{node.action}  {numbers}  {status}")
    return "\n".join(lines)


def principal_variation(game: Game[Any], tree: Tree, element: int = 0) -> list[str]:
    """The most visited line of one element's tree, in the game's notation."""
    line: list[str] = []
    for node in walk(game, tree, element):
        if 0 < node.depth <= len(line):
            break
        line.extend([node.action] if node.depth else [])
    return line
