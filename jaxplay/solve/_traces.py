"""Enumerate what each player may know along every trace of a game, level by level.

A **trace** is a sequence of worlds. A player's memory goes with the trace and with its own moves, whatever
the other remembers: a history is a trace with one memory of each player, and any two memories that occur
along one trace occur together. So the pairs of a memory and a trace, the **views** of a player, tell
everything, though histories are products of them: dark Hex of 3 by 3 has 2e10 histories and 2e8 views.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxplay.errors import TooLargeError, UserError
from jaxplay.game import Game
from jaxplay.solve._views import (
    Memories,
    Side,
    Views,
    attempts,
    both,
    joined,
    numbered,
    prolonged,
    recalled,
    stepped,
)
from jaxplay.solve._worlds import Worlds

MOST_KEYS = 2**31
"""Sequences, and what may follow on them, are counted in int32."""


class Paid(NamedTuple):
    """Moves that earn something, from the traces of one length.

    Attributes:
        mover: who makes them.
        rewards: `(E, 2)` float64, what each of E ends of traces earns.
        trace: `(E,)` int32, the trace that each ends.
        num_traces: of that length.
        own: `(n,)` int32, sequences of the mover.
        end: `(n,)` int32, the end that each leads to.
        other: `(k,)` int32, sequences of the other player.
        along: `(k,)` int32, the trace that each goes with.
    """

    mover: int
    rewards: np.ndarray
    trace: np.ndarray
    num_traces: int
    own: np.ndarray
    end: np.ndarray
    other: np.ndarray
    along: np.ndarray


@dataclass
class Enumeration:
    """What was found so far.

    Attributes:
        game: a `Separable` game.
        worlds: its worlds.
        max_views: the largest number of views of both players, ends of the game included.
        owner: whose each information set is, in parts.
        legal: its actions, in parts.
        parent: its owner's sequence before it, in parts.
        states: a position of it, in parts.
        paid: moves that earn something, for each length of traces that has some.
        num_infosets: so far.
        num_views: so far.
        num_traces: so far.
    """

    game: Game[Any]
    worlds: Worlds
    max_views: int
    owner: list[np.ndarray] = field(default_factory=list)
    legal: list[np.ndarray] = field(default_factory=list)
    parent: list[np.ndarray] = field(default_factory=list)
    states: list[Any] = field(default_factory=list)
    paid: list[Paid] = field(default_factory=list)
    num_infosets: int = 0
    num_views: int = 2
    num_traces: int = 1

    def run(self) -> None:
        """Enumerate everything."""
        world, none = np.zeros(1, np.int32), np.zeros(1, np.int32)
        first = jax.tree.map(lambda x: x[:1], self.worlds.states)
        sides = [Side(Views(none, none), Memories(none, first)) for _ in range(2)]
        while len(world):
            mover = self._mover(world)
            world, sides[mover], sides[1 - mover] = self._level(mover, world, *sides[:: 1 - 2 * mover])

    def _mover(self, world: np.ndarray) -> int:
        """Who moves after the traces of one length.

        Raises:
            UserError: not everywhere the same player.
        """
        movers = np.unique(self.worlds.player[world])
        if len(movers) > 1:
            raise UserError(f"{self.game}: who moves does not follow from the number of effective moves")
        return int(movers[0])

    def _level(self, mover: int, world: np.ndarray, own: Side, other: Side) -> tuple[np.ndarray, Side, Side]:
        """The traces that are one world longer, and what both players may know along them."""
        num_actions = self.game.num_actions
        own, paid, reached = self._turn(mover, world, own)
        effects = reached.reshape(-1, num_actions)
        self.num_traces += int(reached.sum())
        self._count(int(effects.sum(axis=1)[other.views.trace].sum()))
        self._pay(mover, world, paid, other)
        after = self.worlds.after[world].reshape(-1)
        lasts = reached & ~self.worlds.terminated[after]
        child = np.where(lasts, np.cumsum(lasts) - 1, -1).astype(np.int32)
        own = own._replace(views=own.views._replace(trace=child[own.views.trace]))
        return after[lasts], own, prolonged(other, child.reshape(-1, num_actions))

    def _turn(self, mover: int, world: np.ndarray, own: Side) -> tuple[Side, Views, np.ndarray]:
        """All that the mover may do until its move has an effect.

        Returns:
            What it knows then, with `A trace + effect` for a trace; the moves that earn something, with
            sequences for memories; and `(T A,)` bool, the effects that moves may have.
        """
        reached, ways, paid = np.zeros(len(world) * self.game.num_actions, bool), [], []
        while len(own.views.memory):
            states, first = self._infosets(mover, world, own), self.num_infosets
            self.num_infosets += len(own.memories.sequence)
            self._count(int(self.legal[-1].sum(axis=1)[own.views.memory].sum()))
            tried = attempts(self.worlds, world, own.views, self.legal[-1])
            reached |= tried.reached
            sequence = tried.paid.memory + np.int32(1 + first * self.game.num_actions)
            paid.append(tried.paid._replace(memory=sequence))
            ways.append(self._led(mover, world, states, first, tried.goes, self.game.num_actions))
            own = self._led(mover, world, states, first, tried.stays, 1)
        return both(ways), joined(paid), reached

    def _infosets(self, mover: int, world: np.ndarray, own: Side) -> Any:
        """`(m, ...)`: a position of each of the mover's memories: information sets, which are kept."""
        _, place, _ = numbered(own.views.memory, len(own.memories.sequence))
        at = jax.tree.map(lambda x: x[world[own.views.trace[place]]], self.worlds.states)
        states = recalled(self.game, at, own.memories.states, mover)
        self.owner.append(np.full(len(place), mover, np.int32))
        self.legal.append(states.legal_action_mask[:, : self.game.num_actions])
        self.parent.append(own.memories.sequence)
        self.states.append(states)
        return states

    def _led(self, mover: int, world: np.ndarray, states: Any, first: int, views: Views, per: int) -> Side:
        """What the mover knows after its moves.

        Args:
            mover: who moved.
            world: `(T,)`, where the traces had come to.
            states: `(m, ...)`, a position of each memory before.
            first: the number of the first of these information sets.
            views: after the moves, with keys of `attempts` for memories.
            per: what traces are counted in: `A` where it is `A trace + effect`, else 1.
        """
        size, told = self.game.num_actions, self.worlds.num_told
        num_keys = len(states.terminated) * size * told
        if num_keys >= MOST_KEYS or (first + len(states.terminated)) * size >= MOST_KEYS:
            raise TooLargeError(f"{self.game} has more information sets than int32 counts")
        key, place, memory = numbered(views.memory, num_keys)
        before, action = np.divmod(key // told, size)
        sequence = (1 + (first + before) * size + action).astype(np.int32)
        known = jax.tree.map(lambda x: x[before], states)
        if len(key):
            at = jax.tree.map(lambda x: x[world[views.trace[place] // per]], self.worlds.states)
            known = stepped(self.game, at, known, mover, action.astype(np.int32))
        return Side(Views(memory, views.trace), Memories(sequence, known))

    def _pay(self, mover: int, world: np.ndarray, own: Views, other: Side) -> None:
        """Keep the moves that earn something."""
        size = self.game.num_actions
        ends, _, end = numbered(own.trace, len(world) * size)
        if not len(ends):
            return
        trace, action = np.divmod(ends, size)
        there = np.zeros(len(world), bool)
        there[trace] = True
        concerned = there[other.views.trace]
        self.paid.append(
            Paid(
                mover=mover,
                rewards=self.worlds.rewards[world[trace], action],
                trace=trace.astype(np.int32),
                num_traces=len(world),
                own=own.memory,
                end=end,
                other=other.memories.sequence[other.views.memory[concerned]],
                along=other.views.trace[concerned],
            )
        )

    def _count(self, views: int) -> None:
        """Count views that are about to be found.

        Raises:
            TooLargeError: they are too many.
        """
        self.num_views += views
        if self.num_views > self.max_views:
            raise TooLargeError(f"{self.game} has more than {self.max_views} views (max_views)")
