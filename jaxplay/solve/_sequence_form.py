"""A game in sequence form: what each player decides, and what pairs of their sequences earn.

Values are linear in each player's realization plan (`Treeplex.plan`), so that a pass of any solver is a
gather of plans at the ends of the game, and a pass over the player's own information sets. Histories do not
occur any more: six-sided liar's dice has 294,883 of them, and 12,288 information sets for each player.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import Game
from jaxplay.solve._sums import Sums
from jaxplay.solve.tree import GameTree
from jaxplay.solve.treeplex import Treeplex

Plans = tuple[Array, ...]
"""A realization plan for each player."""
Policies = tuple[Array, ...]
"""A policy for each player, `(n, W)` in the order of its treeplex."""


class Ends(NamedTuple):
    """Where one player is paid: moves that earn something, gathered by its sequences.

    Attributes:
        others: for each other player its sequences, `(r, K)` int32.
        weights: `(r, K)` float64, payoff times the probability of chance; 0 for padding.
        sums: spreads the sums of rows over all sequences.
    """

    others: tuple[np.ndarray, ...]
    weights: np.ndarray
    sums: Sums


@dataclass(frozen=True)
class SequenceForm:
    """A game as arrays.

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

    def gains(self, player: int, plans: Plans) -> Array:
        """`(1 + n W,)`: what each sequence of `player` earns by itself, against the plans of the others."""
        ends = self.ends[player]
        others = [plan for other, plan in enumerate(plans) if other != player]
        dtype = plans[player].dtype
        paid = jnp.asarray(ends.weights, dtype)
        for plan, sequence in zip(others, ends.others, strict=True):
            paid = paid * plan[sequence]
        return ends.sums.spread(paid.sum(axis=1)).astype(dtype)

    def uniform(self, dtype: Any = jnp.float32) -> Policies:
        """Everybody plays all legal actions equally likely."""
        return tuple(t.uniform(dtype) for t in self.treeplexes)

    def split(self, table: Array) -> Policies:
        """Each player's policy of a table `(I, A)` in the order of the tree's information sets."""
        return tuple(
            jnp.where(t.legal, jnp.take_along_axis(table[t.infosets], t.actions, axis=1), 0)
            for t in self.treeplexes
        )

    def table(self, policies: Policies) -> Array:
        """`(I, A)`: the inverse of `split`; 0 where an action is illegal."""
        gathered = jnp.concatenate([jnp.pad(p, ((0, 0), (0, self._widest - p.shape[1]))) for p in policies])
        place, slot = self._slots
        taken = jnp.take_along_axis(gathered[place], slot, axis=1)
        return jnp.where(self.tree.legal, taken, 0)

    @cached_property
    def _widest(self) -> int:
        return max(t.width for t in self.treeplexes)

    @cached_property
    def _slots(self) -> tuple[np.ndarray, np.ndarray]:
        """For each information set its place among the policies' rows, and for each action its slot."""
        order = np.concatenate([t.infosets for t in self.treeplexes])
        slot = np.maximum(np.cumsum(self.tree.legal, axis=1) - 1, 0)
        return np.argsort(order), slot
