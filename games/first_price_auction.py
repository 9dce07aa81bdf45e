"""First-price auction: who bids most gets the thing, pays the bid, and has less for the things to come.

Rules: things are sold one after the other, R of them, to P players with equal budgets. What a thing is worth
to a player, 1 to V as likely, it alone is told. Then everybody bids at the same time, a whole number from 0
to V, at most what is left of its budget. The highest bid wins, by chance among equal ones; the winner pays
what it bid. Who won and for how much all are told, but not the lower bids. Money is worth as much as things,
but only within a sale: what is left of a budget at the end is worth nothing.

The bids of a sale are made in turn, player 0 (A) first, unseen by the others until all have bid.

Actions (V + 1 = 5).

| Action | Move            | Written    |
|--------|-----------------|------------|
| 0 to V | to bid so much  | `0` to `4` |

Chance outcomes (the larger of V and P = 4): what the thing is worth to a player, less 1, player 0 first;
after equal bids the winner. They are written `A 3`, `B wins`.

Observation: `(P + R (V + 2 (V + 1) + P),)` float32, with two players, V = 4 and two sales `(34,)`.

| Entries        | 1 where                                                        |
|----------------|----------------------------------------------------------------|
| P              | the observer has this seat                                     |
| R sales x V    | the thing was worth so much to the observer, from 1            |
| R x (V + 1)    | the observer bid so much                                       |
| R x (V + 1)    | the winning bid was so much                                    |
| R x P          | this player won: the observer, then in turn                    |

Rewards, to the winner of each sale: what the thing is worth to it, less its bid.

Source: https://en.wikipedia.org/wiki/First-price_sealed-bid_auction; with budgets: Wang et al., Learning to
bid in repeated first-price auctions with budgets, ICML 2023, https://arxiv.org/abs/2304.13477
"""

from dataclasses import dataclass
from typing import Annotated

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import CHANCE
from jaxplay.games import _text
from jaxplay.games._hidden import LETTERS, HiddenGame, evenly, flat, one_hot, status
from jaxplay.games._table import HIDDEN, Seat, as_svg, as_text
from jaxplay.struct import pytree
from jaxplay.typed import Range


@pytree
class AuctionState:
    """A position: besides the fields of every state, values, bids and winners; -1 is what is to come.

    Attributes:
        values: `(R, P)` int8: what each thing is worth to everybody.
        bids: `(R, P)` int8: everybody's bids.
        winners: `(R,)` int8: who won.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    values: Array
    bids: Array
    winners: Array


@dataclass(frozen=True)
class FirstPriceAuction(HiddenGame):
    """The first-price auction: see the module for rules, actions and observation.

    Attributes:
        players: Number of players, P, 2 to 10.
        sales: Number of things that are sold, R, 1 to 200.
        values: What a thing can be worth at most, V, 1 to 100.
        budget: What everybody may pay altogether, 0 to 20000.
    """

    players: Annotated[int, Range(2, 10)] = 2
    sales: Annotated[int, Range(1, 200)] = 2
    values: Annotated[int, Range(1, 100)] = 4
    budget: Annotated[int, Range(0, 20_000)] = 5
    zero_sum = False

    @property
    def num_players(self) -> int:
        """Number of players, P."""
        return self.players

    @property
    def num_actions(self) -> int:
        """Number of actions: bids from 0 to V."""
        return self.values + 1

    @property
    def num_chance_outcomes(self) -> int:
        """Number of chance outcomes: values, or players among whom a tie is broken."""
        return max(self.values, self.players)

    @property
    def max_plies(self) -> int:
        """Number of decisions: a bid of everybody in every sale."""
        return self.sales * self.players

    @property
    def min_return(self) -> float:
        """The return of who pays as much as possible for things worth 1."""
        won = range(self.sales + 1)
        return float(min(count - min(count * self.values, self.budget) for count in won))

    @property
    def max_return(self) -> float:
        """The return of who gets the best things for nothing."""
        return float(self.sales * self.values)

    def init(self, key: Array) -> AuctionState:
        """The state before the first thing is valued."""
        nothing = jnp.full((self.sales, self.players), -1, jnp.int8)
        return self._state(nothing, nothing, nothing[:, 0], jnp.zeros(self.players, jnp.float32))

    def step(self, state: AuctionState, action: Array) -> AuctionState:
        """Chance values a thing or breaks a tie, or a player bids."""
        chance, sale = state.current_player == CHANCE, (state.winners >= 0).sum()
        valued = (state.values >= 0).sum()
        dealing = chance & (valued < (sale + 1) * self.players)
        here = np.arange(self.sales) == sale
        mine = np.arange(self.players) == jnp.where(dealing, valued % self.players, state.current_player)
        cell, number = here[:, None] & mine[None], action.astype(jnp.int8)
        values = jnp.where(cell & dealing, number + jnp.int8(1), state.values)
        bids = jnp.where(cell & ~chance, number, state.bids)
        leads = self._leads(bids, here)
        bid = (bids >= 0).sum() == (sale + 1) * self.players
        only = bid & (leads.sum() == 1) & ~chance
        winner = jnp.where(chance, number, leads.argmax().astype(jnp.int8))
        sold = only | (chance & ~dealing)
        won = sold & (np.arange(self.players) == winner.astype(jnp.int32))
        gain = jnp.where(here[:, None], values - bids, jnp.int8(0)).sum(axis=0).astype(jnp.float32)
        return self._state(
            values,
            bids,
            jnp.where(here & sold, winner, state.winners),
            jnp.where(won, gain, jnp.float32(0)),
        )

    def _leads(self, bids: Array, here: Array) -> Array:
        """`(P,)` bool: who bid most in the sale that is marked, `(R,)` bool."""
        now = jnp.where(here[:, None], bids, jnp.int8(-1)).max(axis=0)
        return now == now.max()

    def _left(self, bids: Array, winners: Array) -> Array:
        """`(P,)` int32: what is left of the budgets."""
        won = winners[:, None] == np.arange(self.players, dtype=np.int8)[None]
        return self.budget - jnp.where(won, bids, jnp.int8(0)).astype(jnp.int32).sum(axis=0)

    def _state(self, values: Array, bids: Array, winners: Array, rewards: Array) -> AuctionState:
        sale, valued, bid = (winners >= 0).sum(), (values >= 0).sum(), (bids >= 0).sum()
        ended, due = sale == self.sales, (sale + 1) * self.players
        dealing, breaking = valued < due, bid == due
        edges = np.arange(max(self.num_actions, self.num_chance_outcomes))
        mover = bid % self.players
        left = jnp.where(np.arange(self.players) == mover, self._left(bids, winners), 0).sum()
        bidding = (edges < self.num_actions) & (edges <= left)
        outcomes = self._outcomes(dealing, bids, sale, edges.size)
        return AuctionState(
            current_player=jnp.where((dealing | breaking) & ~ended, CHANCE, mover),
            legal_action_mask=jnp.where(dealing | breaking, outcomes, bidding) | ended,
            rewards=rewards,
            terminated=ended,
            values=values,
            bids=bids,
            winners=winners,
        )

    def _outcomes(self, dealing: Array, bids: Array, sale: Array, size: int) -> Array:
        """`(size,)` bool: the values there are, or who shares the highest bid."""
        leads = self._leads(bids, np.arange(self.sales) == sale)
        ties = jnp.concatenate([leads, jnp.zeros(size - self.players, jnp.bool_)])
        return jnp.where(dealing, np.arange(size) < self.values, ties)

    def chance_probs(self, state: AuctionState) -> Array:
        """`(O,)` float32: all values, or all who share the highest bid, are as likely."""
        sale = (state.winners >= 0).sum()
        dealing = (state.values >= 0).sum() < (sale + 1) * self.players
        return evenly(self._outcomes(dealing, state.bids, sale, self.num_chance_outcomes))

    def observe(self, state: AuctionState, player: Array | None = None) -> Array:
        """`(P + R (V + 2 (V + 1) + P),)` float32: the table in the module."""
        seat = self.seat(state, player)
        mine = np.arange(self.players) == seat
        value, bid = (jnp.where(mine[None], x, jnp.int8(-1)).max(axis=1) for x in (state.values, state.bids))
        over = state.winners >= 0
        price = jnp.where(over, state.bids.max(axis=1), jnp.int8(-1))
        turn = (state.winners.astype(jnp.int32) - seat + self.players) % self.players
        winner = one_hot(jnp.where(over, turn, -1), self.players)
        amounts = one_hot(value - jnp.int8(1), self.values), one_hot(bid, self.num_actions)
        return flat(one_hot(seat, self.players), *amounts, one_hot(price, self.num_actions), winner)

    def action_to_string(self, action: int) -> str:
        """The bid."""
        return str(int(action))

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`."""
        return _text.parse(text, map(str, range(self.num_actions)), f"a bid from 0 to {self.values}")

    def outcome_to_string(self, state: AuctionState, outcome: int) -> str:
        """What a thing is worth to whom, such as `A 3`; or who wins, such as `B wins`."""
        sale, valued = int((state.winners >= 0).sum()), int((state.values >= 0).sum())
        if valued < (sale + 1) * self.players:
            return f"{LETTERS[valued % self.players]} {outcome + 1}"
        return f"{LETTERS[outcome]} wins"

    def render(self, state: AuctionState, player: int | None = None) -> str:
        """A line for each player: what the thing is worth to it, bids and money; sales; whose turn it is."""
        return as_text(self._seats(state, player), self._lines(state, player))

    def render_svg(self, state: AuctionState, player: int | None = None) -> str:
        """The players with what the thing is worth to them, as far as `player` may know."""
        return as_svg(self._seats(state, player), self._lines(state, player))

    def _seats(self, state: AuctionState, player: int | None) -> list[Seat]:
        """What lies before everybody: the own value and bid of this sale, and everybody's money."""
        sale = min(int((state.winners >= 0).sum()), self.sales - 1)
        left = np.asarray(self._left(state.bids, state.winners))
        active, seats = -1 if state.terminated else int(state.current_player), []
        for i in range(self.players):
            value, bid, seen = int(state.values[sale, i]), int(state.bids[sale, i]), player in (None, i)
            notes = [f"{left[i]} left", *([f"bids {bid}"] if bid >= 0 and seen else [])]
            name = "" if value < 0 and seen else str(value) if seen else HIDDEN
            seats.append(Seat(name, notes, i == active))
        return seats

    def _lines(self, state: AuctionState, player: int | None) -> list[str]:
        """The sales that are over, with the own values and bids, and whose turn it is."""
        bids, values, winners = (np.asarray(x) for x in (state.bids, state.values, state.winners))
        lines = []
        for sale in range(int((winners >= 0).sum())):
            told = f"sale {sale + 1}: {LETTERS[winners[sale]]} for {bids[sale].max()}"
            mine = "" if player is None else f", worth {values[sale, player]}, bid {bids[sale, player]}"
            lines.append(told + mine)
        return [*lines, status(state, self._returns(values, bids, winners))]

    def _returns(self, values: np.ndarray, bids: np.ndarray, winners: np.ndarray) -> np.ndarray:
        """`(P,)`: what everybody has earned."""
        earned = np.zeros(self.players)
        for sale, winner in enumerate(winners[winners >= 0]):
            earned[winner] += values[sale, winner] - bids[sale, winner]
        return earned


GAME = FirstPriceAuction
GROUP = "bargaining and cooperation"
