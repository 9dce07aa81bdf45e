"""A game's sequence form, from its tree of histories; on the host, without a loop over histories."""

from typing import Any

import numpy as np

from jaxplay.errors import UserError
from jaxplay.game import Game
from jaxplay.solve._build_treeplex import build_treeplex
from jaxplay.solve._ends import ends_of
from jaxplay.solve._grow import game_tree
from jaxplay.solve._sequence_form import SequenceForm
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
    treeplexes = tuple(build_treeplex(tree, parents, player) for player in range(tree.game.num_players))
    sequences = np.stack([_renumbered(tree, t, before[:, p]) for p, t in enumerate(treeplexes)], axis=1)
    return SequenceForm(tree, treeplexes, sequences, ends_of(tree, treeplexes, sequences))


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


def _renumbered(tree: GameTree, treeplex: Treeplex, by_action: np.ndarray) -> np.ndarray:
    """`(H,)` int32: sequences in the numbers of a treeplex, from `1 + A infoset + action`."""
    number = np.zeros(1 + tree.legal.size, np.int32)
    at = np.flatnonzero(treeplex.legal)
    number[1 + treeplex.infoset[at] * tree.game.num_actions + treeplex.action[at]] = 1 + at
    return number[by_action]
