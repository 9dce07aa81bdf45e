"""Kuhn poker: one card each, one bet; the smallest poker game.

Rules: P players, a deck of P + 1 cards of different rank (two players: jack, queen, king). Everybody antes
one chip and is dealt one card. Then each in turn passes or bets one chip, player 0 (A) first. Once somebody
has bet, every other player has one more turn, after the bettor and in order: bet, which is to call, or pass,
which is to fold. The highest card among those who bet wins all chips; if nobody did, the highest card of all.
With two players perfect play loses 1/18 of a chip for player 0, who may bluff with the jack up to a third of
the time.

Actions (2), as in OpenSpiel.

| Action | Move                                    | Written |
|--------|-----------------------------------------|---------|
| 0      | to pass; once somebody has bet, to fold | `pass`  |
| 1      | to bet; once somebody has bet, to call  | `bet`   |

Chance outcomes (P + 1 = 3): the card dealt, to player 0 first; the lowest rank is 0. They are written `J`,
`Q`, `K`.

Observation: `(P + (P + 1) + 2 (2P - 1),)` float32, for two players `(11,)`, as in OpenSpiel.

| Entries      | 1 where                                                    |
|--------------|------------------------------------------------------------|
| P            | the observer has this seat                                 |
| P + 1        | the observer has this card                                 |
| 2P - 1 pairs | decision number i was a pass (first) or a bet (second)     |

Rewards: the chips won or lost, at the end: at worst -2, at best 2 (P - 1).

Source: Harold W. Kuhn, A simplified two-person poker, Contributions to the Theory of Games 1, 1950; for more
players: Abou Risk and Szafron, Using counterfactual regret minimization to create competitive multiplayer
poker agents, AAMAS 2010.
"""

from dataclasses import dataclass
from typing import Annotated

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import CHANCE
from jaxplay.games import _text
from jaxplay.games._hidden import HiddenGame, evenly, first, flat, one_hot, put, status
from jaxplay.games._table import HIDDEN, RANKS, Seat, as_svg, as_text, chips
from jaxplay.struct import pytree
from jaxplay.typed import Range

PASS, BET = 0, 1
ACTIONS = {"pass": PASS, "bet": BET}


@pytree
class KuhnState:
    """A position: besides the fields of every state, cards and decisions.

    Attributes:
        cards: `(P,)` int8: everybody's card, -1 before it is dealt.
        bets: `(2P - 1,)` bool: whether each decision was to bet; those to come are False.
        plies: `()` int8: decisions taken.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    cards: Array
    bets: Array
    plies: Array


@dataclass(frozen=True)
class KuhnPoker(HiddenGame):
    """Kuhn poker: see the module for rules, actions and observation.

    Attributes:
        players: Number of players, P, 2 to 12.
    """

    players: Annotated[int, Range(2, len(RANKS) - 1)] = 2
    num_actions = 2
    min_return = -2.0

    @property
    def num_players(self) -> int:
        """Number of players, P."""
        return self.players

    @property
    def num_chance_outcomes(self) -> int:
        """Number of chance outcomes: the cards of the deck."""
        return self.players + 1

    @property
    def max_plies(self) -> int:
        """Number of decisions where the last player bets first, and all others answer."""
        return 2 * self.players - 1

    @property
    def max_return(self) -> float:
        """The return of who wins where everybody else called."""
        return 2.0 * (self.players - 1)

    def init(self, key: Array) -> KuhnState:
        """The state before a card is dealt."""
        nothing = jnp.full(self.players, -1, jnp.int8)
        return self._state(nothing, jnp.zeros(self.max_plies, jnp.bool_), jnp.int8(0))

    def step(self, state: KuhnState, action: Array) -> KuhnState:
        """Chance deals a card, or a player passes or bets."""
        dealing = state.current_player == CHANCE
        dealt = put(state.cards, (state.cards >= 0).sum(dtype=jnp.int32), action)
        decided = put(state.bets, state.plies, action == BET)
        return self._state(
            jnp.where(dealing, dealt, state.cards),
            jnp.where(dealing, state.bets, decided),
            state.plies + (~dealing).astype(jnp.int8),
        )

    def _state(self, cards: Array, bets: Array, plies: Array) -> KuhnState:
        count = plies.astype(jnp.int32)
        ended = count == self.players + jnp.where(bets.any(), jnp.argmax(bets), 0)
        dealing = cards[-1] < 0
        deck = self._deck(cards)
        mask = jnp.where(dealing, deck, np.arange(self.players + 1) < 2)
        return KuhnState(
            current_player=jnp.where(dealing, CHANCE, count % self.players),
            legal_action_mask=mask | ended,
            rewards=jnp.where(ended, self._returns(cards, bets), jnp.float32(0)),
            terminated=ended,
            cards=cards,
            bets=bets,
            plies=plies,
        )

    def _deck(self, cards: Array) -> Array:
        """`(P + 1,)` bool: the cards that are not dealt."""
        return ~(cards[:, None] == np.arange(self.players + 1, dtype=np.int8)[None]).any(axis=0)

    def _bettors(self, bets: Array) -> Array:
        """`(P,)` bool: who has bet, first or in answer."""
        return jnp.append(bets, False).reshape(2, self.players).any(axis=0)

    def _contenders(self, bets: Array) -> Array:
        """`(P,)` bool: whose cards are compared."""
        bettors = self._bettors(bets)
        return bettors | ~bettors.any()

    def _returns(self, cards: Array, bets: Array) -> Array:
        """`(P,)` float32: the pot to the highest contender, less what everybody paid."""
        paid = 1 + self._bettors(bets).astype(jnp.float32)
        winner = jnp.argmax(jnp.where(self._contenders(bets), cards, -1))
        return one_hot(winner, self.players) * paid.sum() - paid

    def chance_probs(self, state: KuhnState) -> Array:
        """`(P + 1,)` float32: every card left is as likely."""
        return evenly(self._deck(state.cards))

    def observe(self, state: KuhnState, player: Array | None = None) -> Array:
        """`(P + (P + 1) + 2 (2P - 1),)` float32: seat, own card, decisions of all."""
        seat = self.seat(state, player)
        taken = first(self.max_plies, state.plies)
        moves = jnp.stack([taken & ~state.bets, taken & state.bets], axis=1)
        return flat(one_hot(seat, self.players), one_hot(state.cards[seat], self.players + 1), moves)

    def action_to_string(self, action: int) -> str:
        """`pass` or `bet`."""
        return list(ACTIONS)[action]

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        return _text.parse(text, ACTIONS, ", ".join(ACTIONS))

    def outcome_to_string(self, state: KuhnState, outcome: int) -> str:
        """The rank of the card that is dealt."""
        return self._ranks[outcome]

    def render(self, state: KuhnState, player: int | None = None) -> str:
        """A line for each player: card, chips and decisions; then whose turn it is."""
        return as_text(self._seats(state, player), [self._status(state)])

    def render_svg(self, state: KuhnState, player: int | None = None) -> str:
        """The table, with the cards that `player` may see."""
        return as_svg(self._seats(state, player), [self._status(state)])

    def _status(self, state: KuhnState) -> str:
        return status(state, self._returns(state.cards, state.bets))

    def _seats(self, state: KuhnState, player: int | None) -> list[Seat]:
        paid = 1 + np.asarray(self._bettors(state.bets))
        moves = [list(ACTIONS)[bet] for bet in np.asarray(state.bets, int)[: int(state.plies)]]
        active = -1 if state.terminated else int(state.current_player)
        return [
            Seat(card, [chips(paid[i]), *moves[i :: self.players]], i == active)
            for i, card in enumerate(self._shown(state, player))
        ]

    @property
    def _ranks(self) -> str:
        """Names of the cards."""
        return RANKS[-(self.players + 1) :]

    def _shown(self, state: KuhnState, player: int | None) -> list[str]:
        """Everybody's card as `player` sees it; at a showdown of two or more, theirs are seen by all."""
        contenders = np.asarray(self._contenders(state.bets))
        showdown = bool(state.terminated) and contenders.sum() > 1
        names = self._ranks
        seen = [player is None or i == player or (showdown and contenders[i]) for i in range(self.players)]
        cards = [names[card] if card >= 0 else "" for card in np.asarray(state.cards)]
        return [name if ok or not name else HIDDEN for name, ok in zip(cards, seen, strict=True)]


GAME = KuhnPoker
GROUP = "cards and bluff"
