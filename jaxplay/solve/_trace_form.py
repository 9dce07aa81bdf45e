"""A game in sequence form, whose payments are told along traces of worlds rather than by histories."""

from dataclasses import dataclass
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.solve._sequence_form import Form, Plans
from jaxplay.solve._traces import Paid
from jaxplay.solve.tree import Infosets
from jaxplay.solve.treeplex import Treeplex


@dataclass(frozen=True)
class TraceForm(Form):
    """A two-player game whose players' memories are separate (`Separable`), as arrays.

    A history is a trace and a memory of each player, and its reach the product of both players' own. So what
    a player earns is a sum over traces, of sums over memories: time and memory go with the number of pairs of
    a memory and a trace, of which millions of histories share one.

    Attributes:
        tree: the information sets.
        treeplexes: the decisions of each player.
        payments: where the players are paid, with the sequences of the treeplexes.
        num_views: pairs of a memory and a trace, of both players.
        num_traces: different sequences of worlds.
    """

    is_large: ClassVar[bool] = True
    tree: Infosets
    treeplexes: tuple[Treeplex, ...]
    payments: tuple[Paid, ...]
    num_views: int
    num_traces: int

    def gains(self, player: int, plans: Plans) -> Array:
        """`(1 + S,)`: what each sequence of `player` earns by itself, against the plans of the others."""
        gains = jnp.zeros_like(plans[player])
        for paid in self.payments:
            rewards = jnp.asarray(paid.rewards[:, player], gains.dtype)
            plan = plans[1 - player]
            if paid.mover == player:
                reach = _sums(plan[paid.other], paid.along, paid.num_traces)
                gains = gains.at[paid.own].add((reach[paid.trace] * rewards)[paid.end])
            else:
                reach = _sums(plan[paid.own], paid.end, len(paid.trace))
                gains = gains.at[paid.other].add(
                    _sums(reach * rewards, paid.trace, paid.num_traces)[paid.along]
                )
        return gains


def _sums(values: Array, place: np.ndarray, num: int) -> Array:
    return jax.ops.segment_sum(values, place, num)
