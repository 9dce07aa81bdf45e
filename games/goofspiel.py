"""Goofspiel: everybody bids a card for each prize at the same time.

Rules: each of P players holds a hand of cards numbered 1 to K; a third suit of the same numbers, the prizes,
is turned up one by one, in random order unless told otherwise. For each prize everybody bids a card at the
same time, which is then gone. The highest bid wins the prize; if two or more share it, nobody does. The last
prize falls to the last cards left, without a decision. Who has won the most points, the numbers on the
prizes, wins the game.

The bids of a round are made in turn, player 0 (A) first, unseen by the others until all have bid. With
`hidden=True` they stay unseen for good: the players are only told who won.

Actions (K = 13), as in OpenSpiel.

| Action     | Move                                   | Written     |
|------------|----------------------------------------|-------------|
| 0 to K - 1 | to bid the card of this number and one | `1` to `13` |

Chance outcomes (K = 13, none unless in random order): the prize that is turned up, less 1, written `prize 1`.

Observation: `(P + K (K + P K + P),)` float32, for two players and 13 cards `(535,)`.

| Entries                   | 1 where                                                                       |
|---------------------------|-------------------------------------------------------------------------------|
| P                         | the observer has this seat                                                    |
| K rounds x K              | this prize was turned up                                                      |
| P players x K rounds x K  | this card was bid, of bids that the observer has seen: its own, then in turn  |
| K rounds x P              | this player won the prize: the observer, then in turn                         |

Rewards, at the end: with W players on the most points, 1 / W to each of them and -1 / (P - W) to each other,
which is +1 and -1 for two; 0 if all are even.

Source: https://en.wikipedia.org/wiki/Goofspiel; Ross, Goofspiel: the game of pure strategy, Journal of
Applied Probability 8, 1971; with hidden bids: Lisy, Lanctot and Bowling, Online Monte Carlo counterfactual
regret minimization for search in imperfect information games, AAMAS 2015.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import CHANCE
from jaxplay.games import _svg, _text
from jaxplay.games._hidden import LETTERS, HiddenGame, evenly, flat, one_hot, status
from jaxplay.games._table import FELT, HIDDEN, card
from jaxplay.struct import pytree
from jaxplay.typed import Range

ORDERS = ("random", "descending", "ascending")


@pytree
class GoofspielState:
    """A position: besides the fields of every state, prizes and bids. Both are -1 where they are to come.

    Attributes:
        prizes: `(K,)` int8: the prize of each round, less 1.
        bids: `(K, P)` int8: the card that each player bid in each round, less 1.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    prizes: Array
    bids: Array


@dataclass(frozen=True)
class Goofspiel(HiddenGame):
    """Goofspiel: see the module for rules, actions and observation.

    Attributes:
        cards: Number of cards of each player and of prizes, K, 2 to 100.
        order: Order of the prizes: `random`, `descending` or `ascending`.
        hidden: Whether bids are never shown.
        players: Number of players, P, 2 to 10.
    """

    cards: Annotated[int, Range(2, 100)] = 13
    order: Literal["random", "descending", "ascending"] = "random"
    hidden: bool = False
    players: Annotated[int, Range(2, 10)] = 2

    @property
    def num_players(self) -> int:
        """Number of players, P."""
        return self.players

    @property
    def num_actions(self) -> int:
        """Number of actions, K: one for each card."""
        return self.cards

    @property
    def num_chance_outcomes(self) -> int:
        """Number of chance outcomes: the prizes, where their order is random."""
        return self.cards if self.order == "random" else 0

    @property
    def max_plies(self) -> int:
        """Number of decisions: everybody's in every round but the last."""
        return (self.cards - 1) * self.players

    def init(self, key: Array) -> GoofspielState:
        """Full hands; the first prize, unless chance turns it up."""
        return self._state(
            jnp.full(self.cards, -1, jnp.int8), jnp.full((self.cards, self.players), -1, jnp.int8)
        )

    def step(self, state: GoofspielState, action: Array) -> GoofspielState:
        """Chance turns up a prize, or a player bids."""
        this_round = np.arange(self.cards) == (state.bids >= 0).sum() // self.players
        mine = np.arange(self.players) == state.current_player
        number = action.astype(jnp.int8)
        return self._state(
            jnp.where(this_round & (state.current_player == CHANCE), number, state.prizes),
            jnp.where(this_round[:, None] & mine[None], number, state.bids),
        )

    def _state(self, prizes: Array, bids: Array) -> GoofspielState:
        count = (bids >= 0).sum()
        this_round, mover = count // self.players, count % self.players
        ended = this_round == self.cards - 1
        prizes, bids = self._turned(prizes, this_round), jnp.where(ended, _with_last(bids), bids)
        chance = (prizes >= 0).sum() == this_round
        suit = jnp.where(chance, prizes, bids[:, mover])
        return GoofspielState(
            current_player=jnp.where(chance, CHANCE, mover),
            legal_action_mask=(suit[:, None] != np.arange(self.cards, dtype=np.int8)[None]).all(axis=0)
            | ended,
            rewards=jnp.where(ended, self._returns(prizes, bids), jnp.float32(0)),
            terminated=ended,
            prizes=prizes,
            bids=bids,
        )

    def _turned(self, prizes: Array, this_round: Array) -> Array:
        """`(K,)` int8: the prizes up to this round, those that do not need chance turned up."""
        rounds = np.arange(self.cards, dtype=np.int8)
        if self.order == "random":
            return jnp.where(this_round == self.cards - 1, _with_last(prizes), prizes)
        fixed = rounds if self.order == "ascending" else rounds[::-1]
        return jnp.where(rounds <= this_round.astype(jnp.int8), fixed, jnp.int8(-1))

    def _won(self, bids: Array) -> Array:
        """`(K, P)` bool: who won each prize that everybody has bid for."""
        highest = bids == bids.max(axis=1, keepdims=True)
        return highest & ((highest.sum(axis=1) == 1) & (bids >= 0).all(axis=1))[:, None]

    def _points(self, prizes: Array, bids: Array) -> Array:
        """`(P,)` int32: the numbers on the prizes that each player has won."""
        return jnp.where(self._won(bids), prizes[:, None].astype(jnp.int32) + 1, 0).sum(axis=0)

    def _returns(self, prizes: Array, bids: Array) -> Array:
        """`(P,)` float32: one point shared by the leaders, paid by the others."""
        points = self._points(prizes, bids)
        leads = (points == points.max()).astype(jnp.float32)
        shares = leads / leads.sum() - (1 - leads) / jnp.maximum(self.players - leads.sum(), 1)
        return jnp.where(leads.all(), jnp.float32(0), shares)

    def chance_probs(self, state: GoofspielState) -> Array:
        """`(K,)` float32: every prize left is as likely; empty if their order is fixed."""
        outcomes = np.arange(self.num_chance_outcomes, dtype=np.int8)
        return evenly((state.prizes[:, None] != outcomes[None]).all(axis=0))

    def observe(self, state: GoofspielState, player: Array | None = None) -> Array:
        """`(P + K (K + P K + P),)` float32: seat, prizes, bids that were seen, winners."""
        seat = self.seat(state, player)
        order = (seat + np.arange(self.players, dtype=np.int32)) % self.players
        bids, won = state.bids[:, order].T, self._won(state.bids)[:, order]
        shown = (state.bids >= 0).all(axis=1) & (not self.hidden)
        seen = (np.arange(self.players) == 0)[:, None] | shown[None]
        bids = jnp.where(seen, bids, jnp.int8(-1))
        prizes, bids = one_hot(state.prizes, self.cards), one_hot(bids, self.cards)
        return flat(one_hot(seat, self.players), prizes, bids, won)

    def action_to_string(self, action: int) -> str:
        """The number on the card."""
        return str(int(action) + 1)

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`."""
        names = map(self.action_to_string, range(self.cards))
        return _text.parse(text, names, f"1 to {self.cards}")

    def outcome_to_string(self, state: GoofspielState, outcome: int) -> str:
        """The prize that is turned up, such as `prize 3`."""
        return f"prize {outcome + 1}"

    def render(self, state: GoofspielState, player: int | None = None) -> str:
        """A column for each round: the prize and the bids that `player` has seen; then hands and points."""
        table = [("prize", self._names(state.prizes)), *self._rows(state, player)]
        width = len(str(self.cards))
        lines = [
            f"{title:5}  {' '.join((name or '.').rjust(width) for name in names)}" for title, names in table
        ]
        return "\n".join([*lines, *self._lines(state, player)])

    def render_svg(self, state: GoofspielState, player: int | None = None) -> str:
        """The prizes above the bids for them, hidden ones face down."""
        step, left, lines = 46, 100, self._lines(state, player)
        rows = [("prize", self._names(state.prizes)), *self._rows(state, player)]
        width, height = left + step * self.cards, 16 + 66 * len(rows) + 22 * len(lines)
        shapes = [_svg.rect(0, 0, width, height, FELT, radius=16)]
        for row, (title, names) in enumerate(rows):
            y = 42 + 66 * row
            shapes.append(_svg.text(40, y, title, size=18, fill=_svg.PAPER))
            shapes += [card(left + step * i, y, name, scale=0.7) for i, name in enumerate(names)]
        for row, line in enumerate(lines):
            shapes.append(_svg.text(width / 2, 20 + 66 * len(rows) + 22 * row, line, fill=_svg.PAPER))
        return _svg.document(width, height, *shapes)

    def _names(self, numbers: Array | np.ndarray) -> list[str]:
        """Cards by name; empty for those to come."""
        return [str(number + 1) if number >= 0 else "" for number in np.asarray(numbers, int)]

    def _rows(self, state: GoofspielState, player: int | None) -> list[tuple[str, list[str]]]:
        """Everybody's bids as `player` sees them: `?` where one is made but not shown."""
        done, rows = np.all(np.asarray(state.bids) >= 0, axis=1), []
        for i in range(self.players):
            names = self._names(state.bids[:, i])
            seen = [(d and not self.hidden) or state.terminated or player in (None, i) for d in done]
            rows.append(
                (LETTERS[i], [n if n == "" or ok else HIDDEN for n, ok in zip(names, seen, strict=True)])
            )
        return rows

    def _lines(self, state: GoofspielState, player: int | None) -> list[str]:
        """The hands that `player` knows, points, and whose turn it is."""
        every, hands = self._names(np.arange(self.cards)), []
        for i, (letter, bids) in enumerate(self._rows(state, player)):
            if not state.terminated and (not self.hidden or player in (None, i)):
                hands.append(f"{letter} holds {' '.join(name for name in every if name not in bids)}")
        points = np.asarray(self._points(state.prizes, state.bids))
        told = ", ".join(f"{LETTERS[i]} {points[i]}" for i in range(self.players))
        return [*hands, f"points: {told}", status(state, self._returns(state.prizes, state.bids))]


def _with_last(numbers: Array) -> Array:
    """Numbers `(K, ...)`, of which one below K is missing, with that in the place of -1."""
    size = numbers.shape[0]
    played = jnp.where(numbers >= 0, numbers, 0).astype(jnp.int32).sum(axis=0)
    return jnp.where(numbers >= 0, numbers, (size * (size - 1) // 2 - played).astype(jnp.int8))


GAME = Goofspiel
GROUP = "cards and bluff"
