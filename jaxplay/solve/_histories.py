"""Every history of a game: its positions, told apart by the moves that led there.

Each move of a player that sampled its policy before the game tells the others which policy that may be. So
against mixtures a position does not say all that is known, and the history does.
"""

from dataclasses import dataclass

import numpy as np

from jaxplay.errors import UserError
from jaxplay.solve.graph import Graph

MAX_HISTORIES = 2_000_000
"""The default limit of histories: tic-tac-toe has 549,946, Hex on 3 x 3 cells 548,650."""


@dataclass(frozen=True)
class Ply:
    """The n histories of one length, in the order of the histories that they continue.

    Attributes:
        state: `(n,)` int32, the positions that they lead to.
        parent: `(n,)` int32, the histories that they continue, by their places in the ply before.
        edge: `(n,)` int32, the moves (or chance outcomes) that continue those.
    """

    state: np.ndarray
    parent: np.ndarray
    edge: np.ndarray


def histories(graph: Graph, *, max_histories: int = MAX_HISTORIES) -> list[Ply]:
    """All histories, shortest first; the first ply is the beginning of the game alone.

    Args:
        graph: the positions of the game.
        max_histories: the largest number of histories to keep.

    Raises:
        UserError: there are more, or positions repeat within the game.
    """
    total = num_histories(graph)
    if total > max_histories:
        raise UserError(f"this game has {total} histories; allowed: {max_histories} (max_histories)")
    zero = np.zeros(1, np.int32)
    plies = [Ply(zero, zero, zero)]
    while True:
        before = plies[-1].state
        parent, edge = np.nonzero(graph.child[before] >= 0)
        if not len(parent):
            return plies
        state = graph.child[before[parent], edge]
        plies.append(Ply(state, parent.astype(np.int32), edge.astype(np.int32)))


def num_histories(graph: Graph) -> int:
    """The number of histories, the empty one and complete games included (exact below 2**53).

    Raises:
        UserError: positions repeat within the game.
    """
    below = np.ones(graph.num_states)
    for level in graph.levels[1:]:
        child = graph.child[level]
        below[level] += np.where(child >= 0, below[child], 0).sum(axis=1)
    return int(below[0])
