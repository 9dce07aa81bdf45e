"""Where players are paid: moves that earn something, gathered by the sequences that they belong to."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from jaxplay.solve._sequence_form import Ends
from jaxplay.solve.tree import GameTree
from jaxplay.solve.treeplex import Treeplex

MOST_PADDING = 4
"""Columns share the others' sequences as long as that makes at most so many times the payments."""


def ends_of(tree: GameTree, treeplexes: tuple[Treeplex, ...], sequences: np.ndarray) -> tuple[Ends, ...]:
    """Where each player is paid; histories that differ in what chance did only are added up.

    Args:
        tree: the game.
        treeplexes: the decisions of each player.
        sequences: `(H, P)`, each player's sequence at each history.
    """
    paid = np.flatnonzero((tree.rewards != 0).any(axis=1))
    _, at, inverse = _unique(sequences[paid], [1 + t.num_slots for t in treeplexes])
    amount = np.zeros((len(at), len(treeplexes)))
    np.add.at(amount, inverse.reshape(-1), tree.chance[paid, None] * tree.rewards[paid])
    where = sequences[paid[at]]
    return tuple(_ends(player, 1 + t.num_slots, where, amount) for player, t in enumerate(treeplexes))


def _unique(where: np.ndarray, sizes: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The different rows of `where`, as `np.unique` gives them; as single numbers where these fit."""
    if float(np.prod(np.asarray(sizes, float))) < 2.0**62:
        code = np.ravel_multi_index(tuple(where.T), sizes)
        return np.unique(code, return_index=True, return_inverse=True)
    return np.unique(where, axis=0, return_index=True, return_inverse=True)


def _ends(player: int, num_sequences: int, where: np.ndarray, amount: np.ndarray) -> Ends:
    """Where one player is paid, by its `num_sequences`."""
    own, others = where[:, player], np.delete(where, player, axis=1)
    column = _columns(own, others)
    row, item = ranks(column, own), ranks(column, _numbered(others))
    depth, width, num = (int(x.max(initial=-1)) + 1 for x in (item, row, column))
    if depth * width * num > MOST_PADDING * max(len(own), 1):
        column = np.unique(own, return_inverse=True)[1].reshape(-1)
        row, item = np.zeros(len(own), int), ranks(column, np.arange(len(own)))
        depth, width, num = (int(x.max(initial=-1)) + 1 for x in (item, row, column))
    weights = np.zeros((depth, width, num))
    weights[item, row, column] = amount[:, player]
    gathered = np.zeros((others.shape[1], depth, num), np.int32)
    gathered[:, item, column] = others.T
    place, filled = np.zeros(num_sequences, np.int32), np.zeros(num_sequences, bool)
    place[own], filled[own] = row * num + column, True
    return Ends(tuple(gathered), weights, place, filled)


def _columns(own: np.ndarray, others: np.ndarray) -> np.ndarray:
    """A column for each payment, the same where own or others' sequences are: connected parts of both."""
    left, right = np.unique(own, return_inverse=True)[1].reshape(-1), _numbered(others)
    size = int(left.max(initial=-1)) + 1
    total = size + int(right.max(initial=-1)) + 1
    graph = coo_array((np.ones(len(own), bool), (left, size + right)), (total, total))
    return connected_components(graph, directed=False)[1][left]


def _numbered(others: np.ndarray) -> np.ndarray:
    """A number for each row, equal for equal rows."""
    if not others.shape[1]:
        return np.zeros(len(others), int)
    return np.unique(others, axis=0, return_inverse=True)[1].reshape(-1)


def ranks(group: np.ndarray, item: np.ndarray) -> np.ndarray:
    """Which of the different items of its group each is, from 0."""
    order = np.lexsort((item, group))
    sorted_group, sorted_item = group[order], item[order]
    new_group = np.diff(sorted_group, prepend=-1) != 0
    new_item = new_group | (np.diff(sorted_item, prepend=-1) != 0)
    count = np.cumsum(new_item)
    start = np.maximum.accumulate(np.where(new_group, count, 0))
    rank = np.zeros(len(group), int)
    rank[order] = count - start
    return rank
