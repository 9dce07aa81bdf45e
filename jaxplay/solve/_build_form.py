"""A game's sequence form, from its tree of histories; on the host, without a loop over histories."""

from itertools import pairwise
from typing import Any

import numpy as np

from jaxplay.errors import UserError
from jaxplay.game import Game
from jaxplay.solve._grow import game_tree
from jaxplay.solve._sequence_form import Ends, SequenceForm
from jaxplay.solve._sums import sums_of
from jaxplay.solve.tree import GameTree
from jaxplay.solve.treeplex import Treeplex


def sequence_form(game: Game[Any] | GameTree | SequenceForm, **limits: int) -> SequenceForm:
    """A game as arrays, from its tree of histories.

    Args:
        game: the game, or its tree, which saves the enumeration.
        limits: of `game_tree`.

    Raises:
        UserError: see `game_tree`; or a player's observation forgets what it did itself.
    """
    if isinstance(game, SequenceForm):
        return game
    tree = game if isinstance(game, GameTree) else game_tree(game, **limits)
    before = _sequences_by_action(tree)
    parents = before[tree.representative, tree.owner]
    _check_recall(tree, before, parents)
    treeplexes = tuple(_treeplex(tree, parents, player) for player in range(tree.game.num_players))
    sequences = np.stack(
        [_renumbered(tree, t, before[:, player]) for player, t in enumerate(treeplexes)], axis=1
    )
    return SequenceForm(tree, treeplexes, sequences, _ends(tree, treeplexes, sequences))


def _sequences_by_action(tree: GameTree) -> np.ndarray:
    """`(H, P)` int64: each player's last decision, as `1 + A infoset + action`; 0 before the first."""
    num_actions = tree.game.num_actions
    last = np.zeros((tree.num_histories, tree.game.num_players), np.int64)
    for level in tree.slices()[1:]:
        parent, edge = tree.parent[level], tree.edge[level]
        here = last[parent]
        row = np.flatnonzero(tree.decides[parent])
        at = parent[row]
        here[row, tree.player[at]] = 1 + num_actions * tree.infoset[at].astype(np.int64) + edge[row]
        last[level] = here
    return last


def _check_recall(tree: GameTree, before: np.ndarray, parents: np.ndarray) -> None:
    at = np.flatnonzero(tree.decides)
    if (before[at, tree.player[at]] != parents[tree.infoset[at]]).any():
        raise UserError(
            "observe forgets what the player itself did; exact tools need observations with perfect recall"
        )


def _treeplex(tree: GameTree, parents: np.ndarray, player: int) -> Treeplex:
    """The treeplex of `player`, from the decision before each information set of the tree."""
    num_actions = tree.game.num_actions
    depth = np.zeros(tree.num_infosets, np.int32)
    mine = np.flatnonzero(tree.owner == player)  # in the order of their first histories: parents come first
    for infoset in _by_rounds(parents, mine, num_actions):
        depth[infoset] = 1 + depth[(parents[infoset] - 1) // num_actions]
    infosets = mine[np.lexsort((parents[mine], depth[mine]))]
    width = int(tree.legal[infosets].sum(axis=1).max(initial=1))
    legal_slots = np.arange(width) < tree.legal[infosets].sum(axis=1)[:, None]
    actions = np.argsort(~tree.legal[infosets], axis=1, kind="stable")[:, :width].astype(np.int32)
    local = np.zeros(tree.num_infosets, np.int64)
    local[infosets] = np.arange(len(infosets))
    bounds = np.searchsorted(depth[infosets], np.arange(depth[infosets].max(initial=-1) + 2))
    levels = tuple(slice(int(a), int(b)) for a, b in pairwise(bounds))
    parent = _sequence(tree, local, width, parents[infosets])
    below = []
    for level, after in zip(levels, [*levels[1:], slice(0, 0)], strict=True):
        row = parent[after] - 1 - level.start * width
        below.append(sums_of(row, (level.stop - level.start) * width))
    roots = levels[0].stop if levels else 0
    return Treeplex(
        infosets=infosets.astype(np.int32),
        actions=actions,
        legal=legal_slots,
        levels=levels,
        parent=parent.astype(np.int32),
        below=tuple(below),
        first=sums_of(np.zeros(roots, np.int64), 1),
    )


def _by_rounds(parents: np.ndarray, mine: np.ndarray, num_actions: int) -> list[np.ndarray]:
    """Information sets after one own decision, after two, and so on."""
    rounds, reached = [], np.zeros(len(parents), bool)
    reached[mine[parents[mine] == 0]] = True
    left = mine[parents[mine] > 0]
    while len(left):
        ready = reached[(parents[left] - 1) // num_actions]
        rounds.append(left[ready])
        reached[left[ready]] = True
        left = left[~ready]
    return rounds


def _sequence(tree: GameTree, local: np.ndarray, width: int, by_action: np.ndarray) -> np.ndarray:
    """Sequences in the numbers of a treeplex, from `1 + A infoset + action`."""
    infoset, action = np.divmod(np.maximum(by_action - 1, 0), tree.game.num_actions)
    slot = (np.cumsum(tree.legal, axis=1) - 1)[infoset, action]
    return np.where(by_action > 0, 1 + width * local[infoset] + slot, 0)


def _renumbered(tree: GameTree, treeplex: Treeplex, by_action: np.ndarray) -> np.ndarray:
    local = np.zeros(tree.num_infosets, np.int64)
    local[treeplex.infosets] = np.arange(treeplex.num_infosets)
    return _sequence(tree, local, treeplex.width, by_action).astype(np.int32)


def _ends(tree: GameTree, treeplexes: tuple[Treeplex, ...], sequences: np.ndarray) -> tuple[Ends, ...]:
    """Where the players are paid; histories that differ in what chance did only are added up."""
    paid = np.flatnonzero((tree.rewards != 0).any(axis=1))
    sizes = [t.num_sequences for t in treeplexes]
    code = np.ravel_multi_index(tuple(sequences[paid].T), sizes) if _fits(sizes) else None
    if code is None:
        _, at, inverse = np.unique(sequences[paid], axis=0, return_index=True, return_inverse=True)
    else:
        _, at, inverse = np.unique(code, return_index=True, return_inverse=True)
    amount = np.zeros((len(at), len(treeplexes)))
    np.add.at(amount, inverse.reshape(-1), tree.chance[paid, None] * tree.rewards[paid])
    where = sequences[paid[at]]
    return tuple(_ends_of(player, t.num_sequences, where, amount) for player, t in enumerate(treeplexes))


def _fits(sizes: list[int]) -> bool:
    return float(np.prod(np.asarray(sizes, float))) < 2.0**62


def _ends_of(player: int, num_sequences: int, where: np.ndarray, amount: np.ndarray) -> Ends:
    sums = sums_of(where[:, player], num_sequences)
    others = [other for other in range(where.shape[1]) if other != player]
    return Ends(
        others=tuple(where[sums.items, other] for other in others),
        weights=np.where(sums.real, amount[sums.items, player], 0.0),
        sums=sums,
    )
