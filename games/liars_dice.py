"""Liar's dice: bid on the dice of both players, of which you see yours, or call the liar.

Rules: both players roll dice that only they see, one each unless told otherwise. They bid in turn, player 0
(A) first: a number of dice of one face, among those of both. A bid must be higher than the last, in number
or, at the same number, in face. The highest face is wild: it counts as any. Instead of bidding a player may
call the other a liar: all dice are shown, and the caller loses if the bid is met, else the bidder. With one
die of six sides each, perfect play loses 0.027 for player 0.

Actions (2 x dice x sides + 1 = 13), as in OpenSpiel.

| Action                          | Move                    | Written               |
|---------------------------------|-------------------------|-----------------------|
| sides (n - 1) + f - 1 (0 to 11) | to bid n dice of face f | `1x1` (0), `2x6` (11) |
| 2 x dice x sides (12)           | to call the liar        | `liar`                |

Chance outcomes (sides = 6): the face that a die shows, less 1; player 0 rolls first. They are written `1` to
`6`.

Observation: `(2 + sides + 2 x dice x sides + 1,)` float32, `(21,)` unless told otherwise.

| Entries               | Value                                      |
|-----------------------|--------------------------------------------|
| 2                     | 1 where the observer has this seat         |
| sides                 | the observer's dice of this face / dice    |
| 2 x dice x sides + 1  | 1 where this bid, or the call, was made    |

Rewards: +1 to the winner and -1 to the loser, at the call.

Source: https://en.wikipedia.org/wiki/Liar%27s_dice; with one die, as in Lanctot, Monte Carlo sampling and
regret minimization for equilibrium computation and decision-making in large extensive form games, 2013.
"""

from dataclasses import dataclass
from typing import Annotated

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import CHANCE
from jaxplay.games import _svg, _text
from jaxplay.games._hidden import LETTERS, HiddenGame, flat, one_hot, put, status
from jaxplay.struct import pytree
from jaxplay.typed import Range

DIE = 44
"""Pixels: a die."""
PIPS = {"1": "e", "2": "ai", "3": "aei", "4": "acgi", "5": "acegi", "6": "acdfgi"}
"""Where the pips of a face are: letters along the rows of a 3 by 3 grid."""


@pytree
class DiceState:
    """A position: besides the fields of every state, dice and bids.

    Attributes:
        dice: `(2, sides)` int8: how many dice of each player show each face.
        bids: `(2 x dice x sides + 1,)` bool: the bids that were made, and the call.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    dice: Array
    bids: Array


@dataclass(frozen=True)
class LiarsDice(HiddenGame):
    """Liar's dice: see the module for rules, actions and observation.

    Attributes:
        dice: Number of dice of each player, 1 to 20.
        sides: Number of faces of a die, 2 to 20.
    """

    dice: Annotated[int, Range(1, 20)] = 1
    sides: Annotated[int, Range(2, 20)] = 6
    has_draws = False

    @property
    def num_bids(self) -> int:
        """Number of bids: of every number of dice and every face."""
        return 2 * self.dice * self.sides

    @property
    def num_actions(self) -> int:
        """Number of actions: the bids, and the call."""
        return self.num_bids + 1

    @property
    def num_chance_outcomes(self) -> int:
        """Number of chance outcomes: the faces of a die."""
        return self.sides

    @property
    def max_plies(self) -> int:
        """Number of decisions where every bid is made."""
        return self.num_actions

    def init(self, key: Array) -> DiceState:
        """The state before a die is rolled."""
        return self._state(jnp.zeros((2, self.sides), jnp.int8), jnp.zeros(self.num_actions, jnp.bool_))

    def step(self, state: DiceState, action: Array) -> DiceState:
        """Chance rolls a die, or a player bids or calls."""
        rolling = state.current_player == CHANCE
        roller = (state.dice[0].sum() == self.dice).astype(jnp.int32)
        shown = (np.arange(2) == roller)[:, None] & (np.arange(self.sides) == action)[None]
        return self._state(
            state.dice + (rolling & shown).astype(jnp.int8),
            jnp.where(rolling, state.bids, put(state.bids, action, True)),
        )

    def _state(self, dice: Array, bids: Array) -> DiceState:
        rolling, ended = dice.sum() < 2 * self.dice, bids[-1]
        every = np.arange(self.num_actions)
        last = self._last(bids)
        allowed = (every > last) & ((every < self.num_bids) | (last >= 0))
        player = bids.sum() % 2
        return DiceState(
            current_player=jnp.where(rolling, CHANCE, player),
            legal_action_mask=jnp.where(rolling, every < self.sides, allowed) | ended,
            rewards=jnp.where(ended, self._returns(dice, bids), jnp.float32(0)),
            terminated=ended,
            dice=dice,
            bids=bids,
        )

    def _last(self, bids: Array) -> Array:
        """`()` int32: the last bid, -1 before the first."""
        return jnp.where(bids[:-1], np.arange(self.num_bids, dtype=np.int32), -1).max()

    def _met(self, dice: Array, bids: Array) -> Array:
        """`()` bool: there are as many dice as the last bid says, the wild ones included."""
        number, face = self._last(bids) // self.sides + 1, self._last(bids) % self.sides
        faces = np.arange(self.sides)
        counts = (faces == face) | (faces == self.sides - 1)
        return jnp.where(counts, dice.sum(axis=0), 0).sum() >= number

    def _returns(self, dice: Array, bids: Array) -> Array:
        """`(2,)` float32: the bidder wins if the bid is met, else the caller."""
        bidder = bids.sum() % 2  # as many moves as bids and the call
        winner = jnp.where(self._met(dice, bids), bidder, 1 - bidder)
        return 2 * one_hot(winner, 2) - 1

    def chance_probs(self, state: DiceState) -> Array:
        """`(sides,)` float32: a fair die."""
        return jnp.full(self.sides, 1 / self.sides, jnp.float32)

    def observe(self, state: DiceState, player: Array | None = None) -> Array:
        """`(2 + sides + 2 x dice x sides + 1,)` float32: seat, own dice, all bids."""
        seat = self.seat(state, player)
        return flat(one_hot(seat, 2), state.dice[seat].astype(jnp.float32) / self.dice, state.bids)

    def action_to_string(self, action: int) -> str:
        """Number and face, such as `2x6`, or `liar`."""
        number, face = divmod(int(action), self.sides)
        return "liar" if action == self.num_bids else f"{number + 1}x{face + 1}"

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        names = list(map(self.action_to_string, range(self.num_actions)))
        return _text.parse(text, names, f"1x1 to {names[-2]}, and liar")

    def outcome_to_string(self, state: DiceState, outcome: int) -> str:
        """The face that the die shows."""
        return str(outcome + 1)

    def render(self, state: DiceState, player: int | None = None) -> str:
        """The dice of each player, the bids, and whose turn it is."""
        rows = [f"{LETTERS[i]}  {' '.join(dice) or '-'}" for i, dice in enumerate(self._shown(state, player))]
        return "\n".join([*rows, *self._lines(state)])

    def render_svg(self, state: DiceState, player: int | None = None) -> str:
        """The dice of each player, those that are hidden without pips, and the bids."""
        width, shapes = max(300, 70 + (DIE + 10) * self.dice), []
        for i, faces in enumerate(self._shown(state, player)):
            y, active = 40 + 64 * i, i == state.current_player and not state.terminated
            shapes.append(_svg.circle(32, y, 15, _svg.YELLOW if active else _svg.PAPER))
            shapes.append(_svg.text(32, y, LETTERS[i], size=16, fill=_svg.INK))
            shapes += [_die(86 + (DIE + 10) * k, y, face) for k, face in enumerate(faces)]
        for row, line in enumerate(self._lines(state)):
            shapes.append(_svg.text(width / 2, 150 + 22 * row, line, fill=_svg.PAPER))
        return _svg.document(width, 200, _svg.rect(0, 0, width, 200, "#7a4b3a", radius=16), *shapes)

    def _lines(self, state: DiceState) -> list[str]:
        bids = [self.action_to_string(bid) for bid in np.flatnonzero(state.bids)[-8:]]
        called = status(state, self._returns(state.dice, state.bids))
        return [f"last bids: {' '.join(bids) or '-'}", called]

    def _shown(self, state: DiceState, player: int | None) -> list[list[str]]:
        """The faces that `player` sees of everybody's dice, `?` for hidden ones; at the end all."""
        hands = []
        for i, counts in enumerate(np.asarray(state.dice)):
            faces = np.repeat(np.arange(1, self.sides + 1), counts)
            seen = state.terminated or player in (None, i)
            hands.append([str(face) if seen else "?" for face in faces])
        return hands


def _die(x: float, y: float, face: str) -> str:
    """A die centred on `(x, y)`: pips to six, a number above."""
    hidden = face == "?"
    body = _svg.rect(x - DIE / 2, y - DIE / 2, DIE, DIE, "#c9a36d" if hidden else _svg.PAPER, radius=8)
    if face not in PIPS:
        return body + _svg.text(x, y, face, size=20, fill=_svg.INK)
    cells = ["abcdefghi".index(letter) for letter in PIPS[face]]
    pips = (_svg.circle(x + 12 * (i % 3 - 1), y + 12 * (i // 3 - 1), 4, _svg.INK) for i in cells)
    return body + "".join(pips)


GAME = LiarsDice
GROUP = "cards and bluff"
