"""A game as a tree of every history, grouped into information sets: games of hidden information as arrays."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from jaxplay.game import CHANCE, Game


@dataclass(frozen=True)
class Infosets:
    """The I information sets of a game: histories between which the player to move cannot tell.

    Attributes:
        game: the game.
        owner: `(I,)` int32, whose information set it is.
        legal: `(I, A)` bool, the actions that may be played.
        states: a position of each, NumPy leaves `(I, ...)`: what policies are asked about.
    """

    game: Game[Any]
    owner: np.ndarray
    legal: np.ndarray
    states: Any

    @property
    def num_infosets(self) -> int:
        """I, those of all players."""
        return len(self.owner)


@dataclass(frozen=True)
class GameTree(Infosets):
    """H histories in order of their length, and the I information sets of the players.

    An information set holds the histories between which the player to move cannot tell: their observations
    are equal. In a game of perfect information each history is one of its own.

    Attributes:
        levels: `(D + 1,)` int64: the histories of d moves, chance outcomes included, are those from
            `levels[d]` to before `levels[d + 1]`.
        parent: `(H,)` int32, the history that was continued; 0 for the first, which continues none.
        edge: `(H,)` int32, the move (or chance outcome) that continued it; 0 for the first.
        player: `(H,)` int32, who moves; of no meaning where `terminated`.
        terminated: `(H,)` bool.
        chance: `(H,)` float64, the probability that chance makes all its moves of the history.
        rewards: `(H, P)` float64, what its last move earned.
        infoset: `(H,)` int32, the number of the mover's information set; of no meaning elsewhere than where
            `decides`.
        hashes: `(I,)` uint64, of what the owner observes; all different where information is hidden.
    """

    levels: np.ndarray
    parent: np.ndarray
    edge: np.ndarray
    player: np.ndarray
    terminated: np.ndarray
    chance: np.ndarray
    rewards: np.ndarray
    infoset: np.ndarray
    hashes: np.ndarray

    @property
    def num_histories(self) -> int:
        """H, complete games included."""
        return len(self.parent)

    @cached_property
    def decides(self) -> np.ndarray:
        """`(H,)` bool: a player is to move."""
        return (self.player != CHANCE) & ~self.terminated

    @cached_property
    def representative(self) -> np.ndarray:
        """`(I,)` int64: the first history of each information set."""
        place = np.flatnonzero(self.decides)
        first = np.full(self.num_infosets, self.num_histories)
        np.minimum.at(first, self.infoset[place], place)
        return first

    def slices(self) -> list[slice]:
        """The histories of each length, shortest first."""
        return [slice(int(a), int(b)) for a, b in zip(self.levels, self.levels[1:], strict=False)]
