"""Leduc hold'em: one card each, a public card and two rounds of bets.

Rules: P players, a deck of P + 1 ranks in two suits (two players: jack, queen, king of spades and hearts).
Everybody antes one chip and is dealt one card. Two rounds of betting follow, before the second of which a
public card is turned up. In each, the players take turns from player 0 (A) on: they fold, call (which is to
check where there is nothing to pay) or raise, by 2 chips in the first round and 4 in the second, and at most
twice a round. A round is over when all who are still in have answered the last raise. Who pairs the public
card wins all chips, else who has the highest rank; equal hands share. If all others fold, the last player
wins. With two players perfect play loses 0.0856 chips for player 0.

Actions (3), as in OpenSpiel.

| Action | Move                                     | Written |
|--------|------------------------------------------|---------|
| 0      | to fold, where there is something to pay | `fold`  |
| 1      | to pay what is missing, or to check      | `call`  |
| 2      | to raise                                 | `raise` |

Chance outcomes (2 (P + 1) = 6): the card dealt, to player 0 first, the public one last; rank is outcome // 2,
spades are even. They are written `J♠`, `J♥`, ..., `K♥`.

Observation: `(P + 4 (P + 1) + 6 (3P - 2),)` float32, for two players `(38,)`.

| Entries         | 1 where                                                               |
|-----------------|-----------------------------------------------------------------------|
| P               | the observer has this seat                                            |
| 2 (P + 1)       | the observer has this card                                            |
| 2 (P + 1)       | this is the public card                                               |
| 2 (3P - 2) x 3  | decision i of the round was to fold, call, raise; first round, second |

Rewards: the chips won or lost, at the end: at worst -13, at best 13 (P - 1).

Source: Southey et al., Bayes' bluff: opponent modelling in poker, UAI 2005, https://arxiv.org/abs/1207.1411;
the rules for more than two players are OpenSpiel's.
"""

from dataclasses import dataclass
from typing import Annotated

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import CHANCE
from jaxplay.games import _text
from jaxplay.games._hidden import HiddenGame, evenly, flat, one_hot, put, status
from jaxplay.games._table import HIDDEN, RANKS, Seat, as_svg, as_text, chips
from jaxplay.struct import pytree
from jaxplay.typed import Range

FOLD, CALL, RAISE = 0, 1, 2
ACTIONS = {"fold": FOLD, "call": CALL, "raise": RAISE}
RAISES = np.int8(4), np.int8(2)
"""Chips that a raise adds in the second round, and in the first."""
MAX_RAISES = 2
"""Number of raises in a round, at most."""
MOST_CHIPS = 1 + MAX_RAISES * 2 + MAX_RAISES * 4
"""Number of chips that a player can pay."""
SUITS = "♠♥"


@pytree
class LeducState:
    """A position: besides the fields of every state, cards, chips and decisions.

    Attributes:
        cards: `(P + 1,)` int8: everybody's card and the public one, -1 before it is dealt.
        paid: `(P,)` int8: chips in the pot.
        folded: `(P,)` bool: who is out.
        pending: `()` int8: players who have yet to answer before the round is over.
        moves: `(2, 3P - 2)` int8: the decisions of each round, -1 for those to come.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    cards: Array
    paid: Array
    folded: Array
    pending: Array
    moves: Array


@dataclass(frozen=True)
class LeducPoker(HiddenGame):
    """Leduc hold'em: see the module for rules, actions and observation.

    Attributes:
        players: Number of players, P, 2 to 12.
    """

    players: Annotated[int, Range(2, len(RANKS) - 1)] = 2
    num_actions = 3
    min_return = -float(MOST_CHIPS)

    @property
    def num_players(self) -> int:
        """Number of players, P."""
        return self.players

    @property
    def num_chance_outcomes(self) -> int:
        """Number of chance outcomes: the cards of the deck, in two suits."""
        return 2 * (self.players + 1)

    @property
    def round_plies(self) -> int:
        """Decisions in a round: all but one call, that one raises, the next to last raises again."""
        return 3 * self.players - 2

    @property
    def max_plies(self) -> int:
        """Number of decisions of two rounds."""
        return 2 * self.round_plies

    @property
    def max_return(self) -> float:
        """The return of who wins where everybody paid all they could."""
        return float(MOST_CHIPS * (self.players - 1))

    def init(self, key: Array) -> LeducState:
        """The state before a card is dealt, the antes paid."""
        return self._state(
            cards=jnp.full(self.players + 1, -1, jnp.int8),
            paid=jnp.ones(self.players, jnp.int8),
            folded=jnp.zeros(self.players, jnp.bool_),
            pending=jnp.int8(self.players),
            moves=jnp.full((2, self.round_plies), -1, jnp.int8),
            player=jnp.int32(0),
        )

    def step(self, state: LeducState, action: Array) -> LeducState:
        """Chance deals a card, or a player folds, calls or raises."""
        dealing, second = state.current_player == CHANCE, _second(state.cards)
        mine = np.arange(self.players) == state.current_player  # nobody's, if a card is dealt
        raised = action == RAISE
        stake = state.paid.max() + jnp.where(raised, jnp.where(second, *RAISES), 0)
        folded = state.folded | (mine & (action == FOLD))
        others = (~folded).sum(dtype=jnp.int8) - jnp.int8(1)
        ply = (_this_round(state.moves, second) >= 0).sum()
        now = (
            ~dealing
            & (np.arange(2) == second.astype(jnp.int32))[:, None]
            & (np.arange(self.round_plies) == ply)[None]
        )
        return self._state(
            cards=put(state.cards, jnp.where(dealing, (state.cards >= 0).sum(), self.players + 1), action),
            paid=jnp.where(mine & (action != FOLD), stake, state.paid),
            folded=folded,
            pending=jnp.where(dealing, others + 1, jnp.where(raised, others, state.pending - 1)),
            moves=jnp.where(now, action.astype(jnp.int8), state.moves),
            player=_next_in(folded, jnp.where(dealing, 0, state.current_player + 1)),
        )

    def _state(
        self, cards: Array, paid: Array, folded: Array, pending: Array, moves: Array, player: Array
    ) -> LeducState:
        second, answered = _second(cards), pending == 0
        ended = ((~folded).sum() == 1) | (second & answered)
        dealing = ~ended & ((cards[-2] < 0) | answered)
        raises = (_this_round(moves, second) == RAISE).sum()
        decisions = jnp.stack([paid[player] < paid.max(), jnp.bool_(True), raises < MAX_RAISES])
        decisions = jnp.pad(decisions, (0, self.num_chance_outcomes - 3))
        return LeducState(
            current_player=jnp.where(dealing, CHANCE, player),
            legal_action_mask=jnp.where(dealing, self._deck(cards), decisions) | ended,
            rewards=jnp.where(ended, self._returns(cards, paid, folded), jnp.float32(0)),
            terminated=ended,
            cards=cards,
            paid=paid,
            folded=folded,
            pending=pending,
            moves=moves,
        )

    def _deck(self, cards: Array) -> Array:
        """`(2 (P + 1),)` bool: the cards that are not dealt."""
        return ~(cards[:, None] == np.arange(self.num_chance_outcomes, dtype=np.int8)[None]).any(axis=0)

    def _returns(self, cards: Array, paid: Array, folded: Array) -> Array:
        """`(P,)` float32: equal shares of the pot to the best hands, less what everybody paid."""
        ranks = cards // 2
        strength = ranks[:-1] + jnp.where(ranks[:-1] == ranks[-1], jnp.int8(self.players + 1), jnp.int8(0))
        strength = jnp.where(folded, jnp.int8(-1), strength)
        best = (strength == strength.max()).astype(jnp.float32)
        chips = paid.astype(jnp.float32)
        return best / best.sum() * chips.sum() - chips

    def chance_probs(self, state: LeducState) -> Array:
        """`(2 (P + 1),)` float32: every card left is as likely."""
        return evenly(self._deck(state.cards))

    def observe(self, state: LeducState, player: Array | None = None) -> Array:
        """`(P + 4 (P + 1) + 6 (3P - 2),)` float32: seat, own card, public card, decisions of all."""
        seat, deck = self.seat(state, player), self.num_chance_outcomes
        cards = one_hot(state.cards[seat], deck), one_hot(state.cards[-1], deck)
        return flat(one_hot(seat, self.players), *cards, one_hot(state.moves, 3))

    def action_to_string(self, action: int) -> str:
        """`fold`, `call` or `raise`."""
        return list(ACTIONS)[action]

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        return _text.parse(text, ACTIONS, ", ".join(ACTIONS))

    def outcome_to_string(self, state: LeducState, outcome: int) -> str:
        """The card that is dealt, such as `K♠`."""
        return self._name(outcome)

    def render(self, state: LeducState, player: int | None = None) -> str:
        """A line for each player, the table, the decisions of each round, and whose turn it is."""
        table = f"table: {self._name(state.cards[-1]) or '-'}"
        return as_text(self._seats(state, player), [table, *self._lines(state)])

    def render_svg(self, state: LeducState, player: int | None = None) -> str:
        """The table, with the cards that `player` may see."""
        return as_svg(self._seats(state, player), self._lines(state), self._name(state.cards[-1]))

    def _lines(self, state: LeducState) -> list[str]:
        lines = [status(state, self._returns(state.cards, state.paid, state.folded))]
        for number, moves in reversed(list(enumerate(np.asarray(state.moves), 1))):
            taken = [self.action_to_string(move) for move in moves if move >= 0]
            lines[:0] = [f"round {number}: {' '.join(taken)}"] * bool(taken)
        return lines

    def _name(self, card: Array | int) -> str:
        """Rank and suit, empty for no card."""
        ranks = RANKS[-(self.players + 1) :]
        return ranks[card // 2] + SUITS[card % 2] if card >= 0 else ""

    def _seats(self, state: LeducState, player: int | None) -> list[Seat]:
        """What lies before everybody as `player` sees it; who is in at a showdown turns up the card."""
        folded, active = np.asarray(state.folded), -1 if state.terminated else int(state.current_player)
        showdown = bool(state.terminated) and (~folded).sum() > 1
        seats = []
        for i, card in enumerate(state.cards[:-1]):
            seen = player is None or i == player or (showdown and not folded[i])
            notes = [chips(int(state.paid[i])), *["folded"] * bool(folded[i])]
            seats.append(Seat(self._name(card) if seen or card < 0 else HIDDEN, notes, i == active))
        return seats


def _second(cards: Array) -> Array:
    """`()` bool: the public card is on the table."""
    return cards[-1] >= 0


def _this_round(moves: Array, second: Array) -> Array:
    """`(3P - 2,)` int8: the decisions of the round that is played."""
    return jnp.where(second, moves[1], moves[0])


def _next_in(folded: Array, start: Array) -> Array:
    """`()` int32: the first player from `start` on, round the table, who has not folded."""
    order = (start + np.arange(len(folded), dtype=np.int32)) % len(folded)
    return order[jnp.argmax(~folded[order])]


GAME = LeducPoker
GROUP = "cards and bluff"
