"""A player's treeplex from a tree of histories: who comes after whom, and blocks of equal widths."""

import numpy as np

from jaxplay.solve._sums import sums_of
from jaxplay.solve.tree import Infosets
from jaxplay.solve.treeplex import Block, Level, Treeplex

WIDTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
"""Widths of blocks in large levels."""
SMALL = 4096
"""A level of fewer slots is one block: another operation costs more than empty slots."""


def build_treeplex(tree: Infosets, parents: np.ndarray, player: int) -> Treeplex:
    """The treeplex of `player`.

    Args:
        tree: the game.
        parents: `(I,)` int64, the owner's decision before each information set, as `1 + A infoset + action`;
            0 where it is its first.
        player: whose it is.
    """
    num_actions = tree.game.num_actions
    slot_of = np.zeros(1 + tree.legal.size, np.int64)
    infosets, levels, start = [], [], 0
    for members in _by_rounds(parents, np.flatnonzero(tree.owner == player), num_actions):
        order, blocks = _blocks(tree, members, slot_of[parents[members]], start)
        slots = slice(start, blocks[-1].slots.stop)
        for block, own in zip(blocks, _parts(order, blocks), strict=True):
            infoset, action, legal = _slots(tree, own, block)
            at = np.flatnonzero(legal)
            slot_of[1 + infoset[at] * num_actions + action[at]] = block.slots.start + at
        infosets.append(order)
        levels.append((blocks, slots, slot_of[parents[order]]))
        start = slots.stop
    return _assembled(tree, infosets, levels)


_Rough = tuple[tuple[Block, ...], slice, np.ndarray]
"""A level's blocks, slots, and the slot before each of its information sets."""


def _blocks(
    tree: Infosets, members: np.ndarray, before: np.ndarray, start: int
) -> tuple[np.ndarray, tuple[Block, ...]]:
    """The information sets of a level by widths, then by what comes before them; and their blocks."""
    count = tree.legal[members].sum(axis=1)
    width = np.full(len(members), count.max())
    if count.max() * len(members) >= SMALL:
        width = np.minimum(np.array([*WIDTHS, count.max()])[np.searchsorted(WIDTHS, count)], count.max())
    order = np.lexsort((before, width))
    blocks = []
    for value, num in zip(*np.unique(width, return_counts=True), strict=True):
        blocks.append(Block(slice(start, start + int(value * num)), int(num), int(value)))
        start = blocks[-1].slots.stop
    return members[order], tuple(blocks)


def _parts(order: np.ndarray, blocks: tuple[Block, ...]) -> list[np.ndarray]:
    """The information sets of each block."""
    return np.split(order, np.cumsum([block.num for block in blocks])[:-1])


def _slots(tree: Infosets, own: np.ndarray, block: Block) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each slot of a block its information set, its action and whether it holds one, `(w n,)` each."""
    action = np.argsort(~tree.legal[own], axis=1, kind="stable")[:, : block.width]
    legal = np.arange(block.width)[:, None] < tree.legal[own].sum(axis=1)
    infoset = np.broadcast_to(own, block.shape)
    return infoset.reshape(-1), action.T.reshape(-1), legal.reshape(-1)


def _assembled(tree: Infosets, infosets: list[np.ndarray], rough: list[_Rough]) -> Treeplex:
    """The treeplex of its levels."""
    levels, slots, first = [], [], 0
    followers = np.zeros(rough[-1][1].stop if rough else 0, np.int32)
    for number, (order, (blocks, span, before)) in enumerate(zip(infosets, rough, strict=True)):
        size = span.stop - span.start
        after = rough[number + 1][2] - span.start if number + 1 < len(rough) else np.zeros(0, np.int64)
        followers[span] = np.bincount(after, minlength=size)
        parent = before - rough[number - 1][1].start if number else np.zeros(len(order), np.int64)
        levels.append(
            Level(
                blocks=blocks,
                infosets=slice(first, first + len(order)),
                slots=span,
                parent=parent.astype(np.int32),
                below=sums_of(after, size),
            )
        )
        slots += [_slots(tree, own, block) for block, own in zip(blocks, _parts(order, blocks), strict=True)]
        first += len(order)
    infoset, action, legal = (
        (np.concatenate(part) for part in zip(*slots, strict=True)) if slots else (np.zeros(0, int),) * 3
    )
    return Treeplex(
        infosets=np.concatenate(infosets).astype(np.int32) if infosets else np.zeros(0, np.int32),
        infoset=infoset.astype(np.int32),
        action=action.astype(np.int32),
        legal=legal.astype(bool),
        levels=tuple(levels),
        first=sums_of(np.zeros(len(infosets[0]) if infosets else 0, np.int64), 1),
        followers=followers,
    )


def _by_rounds(parents: np.ndarray, mine: np.ndarray, num_actions: int) -> list[np.ndarray]:
    """Information sets before any own decision, after one, after two, and so on."""
    begin = mine[parents[mine] == 0]
    rounds, reached = [begin] if len(begin) else [], np.zeros(len(parents), bool)
    reached[begin] = True
    left = mine[parents[mine] > 0]
    while len(left):
        ready = reached[(parents[left] - 1) // num_actions]
        rounds.append(left[ready])
        reached[left[ready]] = True
        left = left[~ready]
    return rounds
