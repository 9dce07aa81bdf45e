"""A game in sequence form: what each player decides, and what pairs of their sequences earn.

Values are linear in each player's realization plan (`Treeplex.plan`), so that a pass of any solver is a
gather of plans at the ends of the game, and a pass over the player's own information sets. Histories do not
occur any more: six-sided liar's dice has 294,883 of them, and 12,288 information sets for each player.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import Game
from jaxplay.solve._sums import spread
from jaxplay.solve.tree import GameTree, Infosets
from jaxplay.solve.treeplex import Treeplex

Plans = tuple[Array, ...]
"""A realization plan for each player, `(1 + S,)`."""
Policies = tuple[Array, ...]
"""A policy for each player, `(S,)`, in the order of its treeplex."""


class Ends(NamedTuple):
    """Where one player is paid, by its sequences: moves that earn something, gathered.

    A column holds sequences that are paid against the same sequences of the others.

    Attributes:
        others: for each other player its sequences, `(K, C)` int32.
        weights: `(K, m, C)` float64, payoff times the probability of chance; 0 for padding.
        place: `(1 + S,)` int32, where among `m C` each of the player's own sequences stands.
        filled: `(1 + S,)` bool, whether it stands there.
    """

    others: tuple[np.ndarray, ...]
    weights: np.ndarray
    place: np.ndarray
    filled: np.ndarray


@dataclass(frozen=True)
class Form(ABC):
    """A game as arrays, however it is told where players are paid.

    Attributes:
        tree: its information sets.
        treeplexes: the decisions of each player.
    """

    tree: Infosets
    treeplexes: tuple[Treeplex, ...]
    is_large: ClassVar[bool] = False
    """Whether its arrays are too large to be constants of a program: then operations run one by one."""

    @property
    def game(self) -> Game[Any]:
        """The game."""
        return self.tree.game

    @property
    def num_players(self) -> int:
        """P."""
        return len(self.treeplexes)

    def plans(self, policies: Policies) -> Plans:
        """The realization plan of each player's policy."""
        return tuple(t.plan(policy) for t, policy in zip(self.treeplexes, policies, strict=True))

    @abstractmethod
    def gains(self, player: int, plans: Plans) -> Array:
        """`(1 + S,)`: what each sequence of `player` earns by itself, against the plans of the others."""

    def uniform(self, dtype: Any = jnp.float32) -> Policies:
        """Everybody plays all legal actions equally likely."""
        return tuple(t.uniform(dtype) for t in self.treeplexes)

    def split(self, table: Array) -> Policies:
        """Each player's policy of a table `(I, A)` in the order of the tree's information sets."""
        return tuple(jnp.where(t.legal, table[t.infoset, t.action], 0) for t in self.treeplexes)

    def table(self, policies: Policies) -> Array:
        """`(I, A)`: the inverse of `split`; 0 where an action is illegal."""
        taken = jnp.concatenate(policies)[self._slots]
        return jnp.where(self.tree.legal, taken, 0)

    @cached_property
    def _slots(self) -> np.ndarray:
        """`(I, A)` int32: where each action stands among the policies of all players."""
        slots, start = np.zeros(self.tree.legal.shape, np.int32), 0
        for t in self.treeplexes:
            at = np.flatnonzero(t.legal)
            slots[t.infoset[at], t.action[at]] = start + at
            start += t.num_slots
        return slots


@dataclass(frozen=True)
class SequenceForm(Form):
    """A game as arrays, from its tree of histories.

    Attributes:
        tree: its histories and information sets.
        treeplexes: the decisions of each player.
        sequences: `(H, P)` int32, each player's sequence at each history.
        ends: where each player is paid.
    """

    tree: GameTree
    treeplexes: tuple[Treeplex, ...]
    sequences: np.ndarray
    ends: tuple[Ends, ...]

    def gains(self, player: int, plans: Plans) -> Array:
        """`(1 + S,)`: what each sequence of `player` earns by itself, against the plans of the others."""
        ends, reach = self.ends[player], None
        others = [plan for other, plan in enumerate(plans) if other != player]
        for plan, sequence in zip(others, ends.others, strict=True):
            reach = plan[sequence] if reach is None else reach * plan[sequence]
        dtype = plans[player].dtype
        paid = jnp.asarray(ends.weights, dtype)
        if reach is not None:
            paid = paid * reach[:, None]
        return spread(paid.sum(axis=0).reshape(-1), ends.place, ends.filled).astype(dtype)
