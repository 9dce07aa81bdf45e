"""Enumerate the histories of a game of the protocol: level by level, vectorized."""

from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from jaxplay.errors import TooLargeError, UserError
from jaxplay.game import CHANCE, Game
from jaxplay.solve._expand import Facts, children, first
from jaxplay.solve.estimate import estimate_num_histories
from jaxplay.solve.table import joined
from jaxplay.solve.tree import GameTree

MAX_HISTORIES = 3_000_000
"""The default limit of histories: six-sided liar's dice has 294,883, tic-tac-toe 549,946."""
MARGIN = 4
"""A game is refused before it is enumerated where the estimate is this many times the limit; it may err by
less."""


def game_tree(game: Game[Any], *, max_histories: int = MAX_HISTORIES) -> GameTree:
    """Enumerate a game's histories and information sets.

    Args:
        game: of any number of players, with or without chance and hidden information. Chance must be moves of
            the game, and observations must not forget (perfect recall), as those of this package do.
        max_histories: the largest number of histories to keep.

    Raises:
        TooLargeError: the game is too large.
        UserError: it is dealt by the key of `init`, or its observations forget.
    """
    _refuse_dealt_by_key(game)
    _refuse_large(game, max_histories)
    growing = _Growing(game, max_histories)
    states, facts = jax.device_get(first(game))
    zero = np.zeros(1, np.int64)
    growing.add(states, facts, zero, zero, np.ones(1))
    while True:
        parent, edge = np.nonzero(facts.legal)
        if not len(parent):
            return growing.tree()
        chance = growing.chance[-1][parent]
        drawn = (facts.player == CHANCE)[parent]
        chance = np.where(drawn, chance * _normalised(facts.probs)[parent, edge], chance)
        states, facts = children(game, states, parent, edge.astype(np.int32))
        growing.add(states, facts, parent, edge, chance)


def _normalised(probs: np.ndarray) -> np.ndarray:
    """Probabilities that add up to one as float64: thirds of float32 are off by 1e-8."""
    total = probs.astype(np.float64).sum(axis=1, keepdims=True)
    exact = np.divide(probs, total, out=np.zeros(probs.shape), where=total > 0)
    count = (probs > 0).sum(axis=1, keepdims=True)
    even = np.where(probs > 0, 1 / np.maximum(count, 1), 0.0)
    return np.where(np.abs(exact - even).max(axis=1, keepdims=True) < 1e-6, even, exact)


def _refuse_dealt_by_key(game: Game[Any]) -> None:
    one, other = (jax.device_get(jax.jit(game.init)(jax.random.key(seed))) for seed in (0, 1))
    same = [np.array_equal(a, b) for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)]
    if not all(same):
        raise UserError("init(key) deals by its key; only games whose chance is moves are enumerated")


def _refuse_large(game: Game[Any], max_histories: int) -> None:
    estimate = estimate_num_histories(game, jax.random.key(0))
    if estimate > MARGIN * max_histories:
        raise TooLargeError(
            f"this game has too many histories: about {estimate:.0e};"
            f" allowed: {max_histories} (max_histories)"
        )


@dataclass
class _Growing:
    """The levels that were found so far."""

    game: Game[Any]
    max_histories: int
    facts: list[Facts] = field(default_factory=list)
    parent: list[np.ndarray] = field(default_factory=list)
    edge: list[np.ndarray] = field(default_factory=list)
    chance: list[np.ndarray] = field(default_factory=list)
    infoset: list[np.ndarray] = field(default_factory=list)
    number: dict[int, int] = field(default_factory=dict)
    states: list[Any] = field(default_factory=list)
    hashes: list[np.ndarray] = field(default_factory=list)
    owner: list[np.ndarray] = field(default_factory=list)
    legal: list[np.ndarray] = field(default_factory=list)
    total: int = 0

    def add(
        self, states: Any, facts: Facts, parent: np.ndarray, edge: np.ndarray, chance: np.ndarray
    ) -> None:
        """Keep a level; `parent` counts within the level before."""
        size = len(facts.player)
        before = self.total - len(self.parent[-1]) if self.parent else 0
        self.total += size
        if self.total > self.max_histories:
            raise TooLargeError(f"this game has more than {self.max_histories} histories (max_histories)")
        self.facts.append(facts._replace(probs=None, seen=None))
        self.parent.append((before + parent).astype(np.int32))
        self.edge.append(edge.astype(np.int32))
        self.chance.append(chance)
        self.infoset.append(self._infosets(states, facts))

    def _infosets(self, states: Any, facts: Facts) -> np.ndarray:
        """`(n,)` int32: the numbers of a level's information sets; new ones are kept."""
        decides = np.flatnonzero((facts.player != CHANCE) & ~facts.terminated)
        hashes = joined(facts.seen[decides])
        known = len(self.number)
        if self.game.perfect_information:
            numbers = known + np.arange(len(decides))
            self.number.update((number, number) for number in numbers.tolist())
            new = decides
        else:
            unique, at, inverse = np.unique(hashes, return_index=True, return_inverse=True)
            found = [self.number.setdefault(h, len(self.number)) for h in unique.tolist()]
            numbers = np.array(found, int)[inverse]
            new = decides[at[np.array(found, int) >= known]]
        infoset = np.zeros(len(facts.player), np.int32)
        infoset[decides] = numbers
        self._check_legal(facts, decides, numbers, new, known)
        self.states.append(jax.tree.map(lambda x: x[new], states))
        self.hashes.append(joined(facts.seen[new]))
        return infoset

    def _check_legal(
        self, facts: Facts, decides: np.ndarray, numbers: np.ndarray, new: np.ndarray, known: int
    ) -> None:
        """Keep owners and legal actions of new information sets; all histories of one must agree."""
        self.owner.append(facts.player[new])
        self.legal.append(facts.legal[new, : self.game.num_actions])
        legal = np.concatenate(self.legal) if known else self.legal[-1]
        if known:
            self.legal = [legal]
        if (legal[numbers] != facts.legal[decides, : self.game.num_actions]).any():
            raise UserError("two histories look the same to the player to move, but differ in legal actions")

    def tree(self) -> GameTree:
        """The tree, once every history has been continued."""
        return GameTree(
            game=self.game,
            levels=np.cumsum([0, *map(len, self.parent)]),
            parent=np.concatenate(self.parent),
            edge=np.concatenate(self.edge),
            player=np.concatenate([facts.player for facts in self.facts]),
            terminated=np.concatenate([facts.terminated for facts in self.facts]),
            chance=np.concatenate(self.chance),
            rewards=np.concatenate([facts.rewards for facts in self.facts]).astype(np.float64),
            infoset=np.concatenate(self.infoset),
            owner=np.concatenate(self.owner),
            legal=np.concatenate(self.legal),
            states=jax.tree.map(lambda *x: np.concatenate(x), *self.states),
            hashes=np.concatenate(self.hashes),
        )
