"""A search tree as text, for reading and for golden files, and as a picture."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

import numpy as np

from jaxplay.game import CHANCE, Game
from jaxplay.perspective import perspective
from jaxplay.search._tree import Tree
from jaxplay.search._variation import edge_name, read_out


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
    """The visited nodes of one element's tree, depth first.

    Of the edges of a node, the one that the search plays comes first (`principal_variation`), then the most
    visited.
    """
    one, to_play = read_out(game, tree, element)
    root = 0
    value = float((one.value[root] * _view(game, one, root)).sum())
    total = int(one.visits[root].sum())
    yield TreeNode(root, 0, "", total, value, 1.0, *_who(one, root))
    yield from _below(game, one, to_play, root, 1, max_depth)


def _below(
    game: Game[Any], one: Tree, to_play: np.ndarray, node: int, depth: int, max_depth: int | None
) -> Iterator[TreeNode]:
    if max_depth is not None and depth > max_depth:
        return
    view, order = _view(game, one, node), np.argsort(-one.visits[node].astype(int), kind="stable")
    for edge in sorted(order, key=lambda edge: edge != to_play[node]):
        child, visits = int(one.children[node, edge]), int(one.visits[node, edge])
        if child < 0 or visits == 0:
            continue
        q = float((one.value_sum[node, edge] * view).sum()) / visits
        name = edge_name(game, one, node, int(edge))
        yield TreeNode(child, depth, name, visits, q, float(one.prior[node, edge]), *_who(one, child))
        yield from _below(game, one, to_play, child, depth + 1, max_depth)


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
        numbers = f"n {node.visits:<4d} q {node.q:+.3f}  p {node.prior:.3f}"
        lines.append(f"{'  ' * node.depth}{node.action}  {numbers}  {_status(node)}")
    return "\n".join(lines)


def render_tree_svg(
    game: Game[Any], tree: Tree, element: int = 0, *, max_depth: int = 4, max_nodes: int = 60
) -> str:
    """One element's tree as an SVG document, the most visited nodes of it.

    A line is as wide as its edge is visited often, and a node is green where its edge is good for who
    chose it, red where it is bad. Numbers are visits; hovering over a node shows Q and prior. The leftmost
    edge of a node is the one that is played.

    Args:
        game: that was searched.
        tree: from `SearchOutput.tree`.
        element: of the batch.
        max_depth: the greatest depth of a node that is shown.
        max_nodes: the most nodes that are shown.
    """
    nodes = list(walk(game, tree, element, max_depth))
    least = sorted((node.visits for node in nodes), reverse=True)[:max_nodes][-1]
    shown = [node for node in nodes if node.visits >= least][:max_nodes]
    placed = _place(shown)
    width = (max(x for x, _ in placed) + 1) * SPACING
    height = (max(node.depth for node in shown) + 1) * LEVEL
    parts = [_svg_node(node, *placed[i]) for i, node in enumerate(shown)]
    lines = [
        _svg_edge(node, placed[i], placed[_above(shown, i)]) for i, node in enumerate(shown) if node.depth
    ]
    style = 'font-family="sans-serif" font-size="11" text-anchor="middle"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" {style}>'
    return "\n".join([head, *lines, *parts, "</svg>"])


SPACING, LEVEL = 48, 84
"""Pixels between leaves, and between depths."""


def _above(nodes: list[TreeNode], index: int) -> int:
    """The parent of a node in a list in depth-first order."""
    return next(i for i in range(index - 1, -1, -1) if nodes[i].depth == nodes[index].depth - 1)


def _place(nodes: list[TreeNode]) -> list[tuple[float, float]]:
    """Column and depth of each node: leaves in order, others amid what is below them."""
    below: list[list[int]] = [[] for _ in nodes]
    for index in range(1, len(nodes)):
        below[_above(nodes, index)].append(index)
    column, places = 0, [(0.0, 0.0)] * len(nodes)
    for index in reversed(range(len(nodes))):
        if below[index]:
            middle = (places[below[index][0]][0] + places[below[index][-1]][0]) / 2
        else:
            middle, column = float(-column), column + 1
        places[index] = (middle, float(nodes[index].depth))
    return [(x + column - 1, y) for x, y in places]


def _position(place: tuple[float, float]) -> tuple[float, float]:
    return (place[0] + 0.5) * SPACING, (place[1] + 0.5) * LEVEL


def _svg_edge(node: TreeNode, place: tuple[float, float], above: tuple[float, float]) -> str:
    (x, y), (x0, y0) = _position(place), _position(above)
    width = 1.0 + float(np.log2(1 + node.visits))
    line = f'<line x1="{x0:g}" y1="{y0:g}" x2="{x:g}" y2="{y:g}" stroke="#bbb" stroke-width="{width:.1f}"/>'
    middle = f'x="{(x + x0) / 2:g}" y="{(y + y0) / 2 + 4:g}"'
    halo = 'stroke="#fff" stroke-width="3" paint-order="stroke"'
    return f"{line}<text {middle} {halo}>{escape(node.action)}</text>"


def _svg_node(node: TreeNode, column: float, depth: float) -> str:
    x, y = _position((column, depth))
    share = 0.5 + 0.5 * max(-1.0, min(1.0, node.q))
    fill = f"hsl({120 * share:.0f} 55% 72%)" if node.depth else "#ddd"
    title = f"<title>q {node.q:+.3f}, prior {node.prior:.3f}, {_status(node)}</title>"
    shape = f'<circle cx="{x:g}" cy="{y:g}" r="15" fill="{fill}" stroke="#555"/>'
    if node.terminated or node.player == CHANCE:
        shape = f'<rect x="{x - 14:g}" y="{y - 14:g}" width="28" height="28" fill="{fill}" stroke="#555"/>'
    return f'<g>{title}{shape}<text x="{x:g}" y="{y + 4:g}">{node.visits}</text></g>'


def _status(node: TreeNode) -> str:
    return "over" if node.terminated else "chance" if node.player == CHANCE else f"player {node.player}"
