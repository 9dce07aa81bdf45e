"""Tiny Hanabi: two players who see one card each must understand each other by one move.

Rules: every player is dealt one of C cards, each as likely as the others and independent of what the others
have. The players then choose one of A actions in turn, player 0 (A) first, and hear the choices before
theirs. The payoff depends on all cards and all actions, and everybody earns it. In the usual game two players
have two cards and three actions; 8 is safe, and 10 is for those who make of the first action a signal.

Actions (A = 3), as in OpenSpiel.

| Action     | Move                                             | Written       |
|------------|--------------------------------------------------|---------------|
| 0 to A - 1 | one of A signs, which mean nothing by themselves | `a`, `b`, `c` |

Chance outcomes (C = 2): the card dealt, to player 0 first, written from `1`.

Observation: `(P + C + P x A,)` float32, `(10,)` in the usual game.

| Entries        | 1 where                                    |
|----------------|--------------------------------------------|
| P              | the observer has this seat                 |
| C              | the observer has this card                 |
| P players x A  | this player has chosen this action         |

Rewards: the payoff to everybody, after the last action.

Source: Foerster et al., Bayesian action decoder for deep multi-agent reinforcement learning, ICML 2019,
https://arxiv.org/abs/1811.01458
"""

from dataclasses import dataclass
from typing import Annotated

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import CHANCE
from jaxplay.games import _text
from jaxplay.games._hidden import HiddenGame, flat, numbers, one_hot, put, status
from jaxplay.games._table import HIDDEN, Seat, as_svg, as_text
from jaxplay.struct import pytree
from jaxplay.typed import Range

USUAL = "10;0;0;4;8;4;10;0;0;0;0;10;4;8;4;0;0;10;0;0;10;4;8;4;0;0;0;10;0;0;4;8;4;10;0;0"


@pytree
class HanabiState:
    """A position: besides the fields of every state, cards and actions. Both are -1 where they are to come.

    Attributes:
        cards: `(P,)` int8: everybody's card.
        actions: `(P,)` int8: everybody's choice.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    cards: Array
    actions: Array


@dataclass(frozen=True)
class TinyHanabi(HiddenGame):
    """Tiny Hanabi: see the module for rules, actions and observation.

    Attributes:
        players: Number of players, P, 2 to 5.
        cards: Number of cards, C, 1 to 10.
        actions: Number of actions, A, 1 to 10.
        payoff: Payoffs with `;` between them, as OpenSpiel has them: for the cards of all players, and
            for each of these the actions of all players, the last one's changing fastest.
    """

    players: Annotated[int, Range(2, 5)] = 2
    cards: Annotated[int, Range(1, 10)] = 2
    actions: Annotated[int, Range(1, 10)] = 3
    payoff: str = USUAL
    zero_sum = False

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.payoffs

    @property
    def payoffs(self) -> np.ndarray:
        """`(C^P A^P,)` float32: the payoffs in their order."""
        count = (self.cards * self.actions) ** self.players
        return numbers("tiny_hanabi", "payoff", self.payoff, count)

    @property
    def num_players(self) -> int:
        """Number of players, P."""
        return self.players

    @property
    def num_actions(self) -> int:
        """Number of actions, A."""
        return self.actions

    @property
    def num_chance_outcomes(self) -> int:
        """Number of chance outcomes, C: the cards."""
        return self.cards

    @property
    def max_plies(self) -> int:
        """Number of decisions: one for each player."""
        return self.players

    @property
    def min_return(self) -> float:
        """The least payoff of the table."""
        return float(self.payoffs.min())

    @property
    def max_return(self) -> float:
        """The greatest payoff of the table."""
        return float(self.payoffs.max())

    @property
    def teams(self) -> tuple[int, ...]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """One team of all players."""
        return (0,) * self.players

    def init(self, key: Array) -> HanabiState:
        """The state before a card is dealt."""
        nothing = jnp.full(self.players, -1, jnp.int8)
        return self._state(nothing, nothing)

    def step(self, state: HanabiState, action: Array) -> HanabiState:
        """Chance deals a card, or a player chooses an action."""
        dealing = state.current_player == CHANCE
        return self._state(
            jnp.where(dealing, put(state.cards, (state.cards >= 0).sum(), action), state.cards),
            jnp.where(dealing, state.actions, put(state.actions, state.current_player, action)),
        )

    def _state(self, cards: Array, actions: Array) -> HanabiState:
        dealing, ended = cards[-1] < 0, actions[-1] >= 0
        edges = np.arange(max(self.cards, self.actions))
        mask = jnp.where(dealing, edges < self.cards, edges < self.actions)
        return HanabiState(
            current_player=jnp.where(dealing, CHANCE, (actions[:-1] >= 0).sum()),
            legal_action_mask=mask | ended,
            rewards=jnp.where(ended, self._earned(cards, actions), jnp.float32(0)),
            terminated=ended,
            cards=cards,
            actions=actions,
        )

    def _earned(self, cards: Array, actions: Array) -> Array:
        """`(P,)` float32: the payoff, to everybody."""
        place = jnp.int32(0)
        for size, chosen in ((self.cards, cards), (self.actions, actions)):
            for i in range(self.players):
                place = place * size + chosen[i].astype(jnp.int32)
        return jnp.broadcast_to(jnp.asarray(self.payoffs)[place], self.players)

    def chance_probs(self, state: HanabiState) -> Array:
        """`(C,)` float32: every card is as likely."""
        return jnp.full(self.cards, 1 / self.cards, jnp.float32)

    def observe(self, state: HanabiState, player: Array | None = None) -> Array:
        """`(P + C + P x A,)` float32: seat, own card, the actions of all."""
        seat = self.seat(state, player)
        own = one_hot(state.cards[seat], self.cards)
        return flat(one_hot(seat, self.players), own, one_hot(state.actions, self.actions))

    def action_to_string(self, action: int) -> str:
        """The action's letter."""
        return _text.LETTERS[action]

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        names = _text.LETTERS[: self.actions]
        return _text.parse(text, names, ", ".join(names))

    def outcome_to_string(self, state: HanabiState, outcome: int) -> str:
        """The card that is dealt, from 1."""
        return str(outcome + 1)

    def render(self, state: HanabiState, player: int | None = None) -> str:
        """A line for each player: card, from 1, and action; then whose turn it is."""
        return as_text(self._seats(state, player), [self._status(state)])

    def render_svg(self, state: HanabiState, player: int | None = None) -> str:
        """The table, with the card that `player` may see."""
        return as_svg(self._seats(state, player), [self._status(state)])

    def _status(self, state: HanabiState) -> str:
        return status(state, self._earned(state.cards, state.actions))

    def _seats(self, state: HanabiState, player: int | None) -> list[Seat]:
        """What lies before everybody as `player` sees it; at the end all is shown."""
        active = -1 if state.terminated else int(state.current_player)
        seats = []
        for i, (card, action) in enumerate(
            zip(np.asarray(state.cards), np.asarray(state.actions), strict=True)
        ):
            seen = card < 0 or state.terminated or player in (None, i)
            name = str(card + 1) if card >= 0 else ""
            notes = [f"plays {self.action_to_string(action)}"] if action >= 0 else []
            seats.append(Seat(name if seen else HIDDEN, notes, i == active))
        return seats


GAME = TinyHanabi
GROUP = "bargaining and cooperation"
