"""The congestion game: everybody picks a resource, and those who pick the same share it.

Rules: there are K resources (arms), each worth a number of points. In every round each of P players picks
one, in turn from player 0 (A) on but unseen by the others until all have picked. A resource with room for no
more than so many pays each of them its worth; if more have picked it, they share that of all its places
evenly. It has one place unless told otherwise, so that n players get an n-th each. Then all are told how many
picked each resource. A pick of everybody from which nobody gains by going elsewhere always exists: picking in
turn what pays best leads there.

Actions (K = 4).

| Action     | Move                   | Written      |
|------------|------------------------|--------------|
| 0 to K - 1 | to pick this resource  | `a` to `d`   |

Observation: `(P + K + 2 M K,)` float32, with M rounds, for three players and two rounds `(23,)`.

| Entries      | Value                                                       |
|--------------|-------------------------------------------------------------|
| P            | 1 where the observer has this seat                          |
| K            | 1 where the observer has picked this resource in this round |
| M rounds x K | 1 where the observer picked this in a past round            |
| M rounds x K | how many picked this in a past round / P                    |

Rewards: those of each round, when the last player has picked.

Source: Rosenthal, A class of games possessing pure-strategy Nash equilibria, International Journal of Game
Theory 2, 1973; shared arms: Xu et al., Competing for shareable arms in multi-player multi-armed bandits, ICML
2023, https://arxiv.org/abs/2305.19158
"""

from dataclasses import dataclass
from typing import Annotated

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.games import _text
from jaxplay.games._hidden import HiddenGame, flat, numbers, one_hot, put, status
from jaxplay.games._table import Seat, as_svg, as_text
from jaxplay.struct import pytree
from jaxplay.typed import Range

MOST = 26
"""Resources at most: their names are letters."""


@pytree
class CongestionState:
    """A position: besides the fields of every state, picks; -1 is what is to come.

    Attributes:
        picks: `(M, P)` int8: what everybody picked in each round.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    picks: Array


@dataclass(frozen=True)
class CongestionGame(HiddenGame):
    """The congestion game: see the module for rules, actions and observation.

    Attributes:
        players: Number of players, P, 2 to 20.
        worth: What a place of each resource is worth, numbers with `;` between them.
        places: How many find a place at each resource, 1 to 20.
        rounds: Number of rounds, M, 1 to 1000.
    """

    players: Annotated[int, Range(2, 20)] = 3
    worth: str = "10;6;4;2"
    places: Annotated[int, Range(1, 20)] = 1
    rounds: Annotated[int, Range(1, 1000)] = 2
    zero_sum = False

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.worths
        if not 2 <= self.num_actions <= MOST:
            raise UserError(f"congestion_game: {self.num_actions} resources; allowed: 2 to {MOST}")

    @property
    def worths(self) -> np.ndarray:
        """`(K,)` float32: what a place of each resource is worth."""
        return numbers("congestion_game", "worth", self.worth, self.num_actions)

    @property
    def shares(self) -> np.ndarray:
        """`(K, P + 1)` float32: what each of n players gets who pick a resource, n from 0."""
        count = np.maximum(np.arange(self.players + 1), 1)
        return (self.worths[:, None] * np.minimum(count, self.places) / count).astype(np.float32)

    @property
    def num_players(self) -> int:
        """Number of players, P."""
        return self.players

    @property
    def num_actions(self) -> int:
        """Number of resources, K."""
        return self.worth.count(";") + 1

    @property
    def max_plies(self) -> int:
        """Number of decisions: one of everybody in every round."""
        return self.rounds * self.players

    @property
    def min_return(self) -> float:
        """The return of who gets the least share in every round."""
        return self.rounds * float(self.shares[:, 1:].min())

    @property
    def max_return(self) -> float:
        """The return of who gets the greatest share in every round."""
        return self.rounds * float(self.shares[:, 1:].max())

    def init(self, key: Array) -> CongestionState:
        """The state before anybody has picked."""
        return self._state(jnp.full((self.rounds, self.players), -1, jnp.int8))

    def step(self, state: CongestionState, action: Array) -> CongestionState:
        """The mover picks; the last to pick ends the round."""
        number = (state.picks >= 0).sum()
        return self._state(put(state.picks.reshape(-1), number, action).reshape(state.picks.shape))

    def _state(self, picks: Array) -> CongestionState:
        number = (picks >= 0).sum()
        ended, mover = number == self.max_plies, number % self.players
        return CongestionState(
            current_player=mover,
            legal_action_mask=jnp.ones(self.num_actions, jnp.bool_),
            rewards=jnp.where((mover == 0) & (number > 0), self._paid(picks, number), jnp.float32(0)),
            terminated=ended,
            picks=picks,
        )

    def _paid(self, picks: Array, number: Array) -> Array:
        """`(P,)` float32: what everybody gets for the last round that is over."""
        last = np.arange(self.rounds) == number // self.players - 1
        chosen = one_hot(picks, self.num_actions) * last[:, None, None].astype(np.float32)
        chosen = chosen.sum(axis=0)
        paid = jnp.asarray(self.worths) * self._share(chosen.sum(axis=0))
        return (chosen * paid[None]).sum(axis=1)

    def _share(self, count: Array) -> Array:
        """`(K,)` float32: the part of a place that everybody gets where so many share."""
        return jnp.minimum(count, float(self.places)) / jnp.maximum(count, 1)

    def observe(self, state: CongestionState, player: Array | None = None) -> Array:
        """`(P + K + 2 M K,)` float32: the table in the module."""
        seat, done = self.seat(state, player), (state.picks >= 0).all(axis=1)
        picks = one_hot(state.picks, self.num_actions)
        mine = (picks * one_hot(seat, self.players)[None, :, None]).sum(axis=1)
        over = done[:, None].astype(jnp.float32)
        now = (mine * (1 - over)).sum(axis=0)
        return flat(one_hot(seat, self.players), now, mine * over, picks.mean(axis=1) * over)

    def action_to_string(self, action: int) -> str:
        """The letter of the resource."""
        return _text.LETTERS[action]

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        names = _text.LETTERS[: self.num_actions]
        return _text.parse(text, names, ", ".join(names))

    def render(self, state: CongestionState, player: int | None = None) -> str:
        """A line for each player: its last pick; then how many picked each resource before, and the turn."""
        return as_text(self._seats(state, player), self._lines(state))

    def render_svg(self, state: CongestionState, player: int | None = None) -> str:
        """The players at a table with their last picks."""
        return as_svg(self._seats(state, player), self._lines(state))

    def _seats(self, state: CongestionState, player: int | None) -> list[Seat]:
        """This round's picks, hidden but for `player`'s own; at the end all of the last round."""
        picks = np.asarray(state.picks)
        this_round = min(int((picks >= 0).sum()) // self.players, self.rounds - 1)
        active, seats = -1 if state.terminated else int(state.current_player), []
        for i in range(self.players):
            pick = picks[this_round, i]
            seen = state.terminated or player in (None, i)
            before = " ".join(_text.LETTERS[p] for p in picks[:this_round, i]) if player in (None, i) else ""
            name = "" if pick < 0 or (player is not None and not seen) else _text.LETTERS[pick]
            seats.append(Seat(name, [before] if before else [], i == active))
        return seats

    def _lines(self, state: CongestionState) -> list[str]:
        """Worths, counts of the rounds that are over, and whose turn it is."""
        picks, named = np.asarray(state.picks), [_text.LETTERS[k] for k in range(self.num_actions)]
        lines = [", ".join(f"{name} {worth:g}" for name, worth in zip(named, self.worths, strict=True))]
        for row, round_ in enumerate(picks[(picks >= 0).all(axis=1)], 1):
            counts = np.bincount(round_, minlength=self.num_actions)
            told = " ".join(f"{name}{count}" for name, count in zip(named, counts, strict=True))
            lines.append(f"round {row}: {told}")
        return [*lines, status(state, self._returns(picks))]

    def _returns(self, picks: np.ndarray) -> np.ndarray:
        """`(P,)`: what everybody has earned in the rounds that are over."""
        earned = np.zeros(self.players)
        for round_ in picks[(picks >= 0).all(axis=1)]:
            counts = np.bincount(round_, minlength=self.num_actions)
            earned += self.shares[round_, counts[round_]]
        return earned


GAME = CongestionGame
GROUP = "social dilemmas"
