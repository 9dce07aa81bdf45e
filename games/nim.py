"""Nim: take objects from piles, and take the last one.

Rules: the players take objects from piles of 1, 3, 5 and 7 in turn, player 0 first: as many as one likes, at
least one, all from one pile. Whoever takes the last object wins; in misère play, an option, loses. Other
piles are options. With perfect play the mover loses where the exclusive or of the pile sizes is 0, as at the
beginning here, and nowhere else; in misère play too, unless no pile has more than one object: then the mover
loses where the number of piles is odd.

Actions (28), as in OpenSpiel: `(count - 1) * piles + pile`. They are written as letter and number: `d3`
(action 11) takes three from the last of four piles.

| Part  | Meaning                              | Written    |
|-------|--------------------------------------|------------|
| pile  | from which objects are taken, 0 to 3 | `a` to `d` |
| count | how many are taken, 1 to 7           | `1` to `7` |

Observation: `(4, 7)` float32.

| Row          | Value                                      |
|--------------|--------------------------------------------|
| pile, 0 to 3 | as many ones as it has objects, then zeros |

Rewards: +1 to the winner and -1 to the loser at the last move.

Source: Charles L. Bouton, Nim, a Game with a Complete Mathematical Theory, Annals of Mathematics 3, 1901
"""

import itertools
from dataclasses import dataclass
from typing import Annotated

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import GameDefaults
from jaxplay.games import _svg, _text
from jaxplay.struct import pytree, replace
from jaxplay.typed import Range

MAX_PILES = len(_text.LETTERS)
MAX_SIZE = int(np.iinfo(np.int8).max)
PILES = f"sizes 1 to {MAX_SIZE}, such as 3-4-5"
MAX_SYMMETRIES = 24

PLAYERS = np.arange(2, dtype=np.int32)
MATCH_GAP, MATCH_HEIGHT = 28, 72
"""Pixels from match to match and from row to row."""


@pytree
class NimState:
    """A position: besides the fields of every state, the piles.

    Attributes:
        piles: `(piles,)` int8: how many objects are left in each.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    piles: Array


@dataclass(frozen=True)
class Nim(GameDefaults):
    """Take the last object: see the module for rules, actions and observation.

    Attributes:
        piles: Sizes of the piles, 1 to 127 each; on a command line such as `3-4-5`.
        misere: Whether taking the last object loses.
    """

    piles: Annotated[tuple[Annotated[int, Range(1, MAX_SIZE)], ...], PILES] = (1, 3, 5, 7)
    misere: bool = False
    has_draws = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= len(self.piles) <= MAX_PILES:
            raise UserError(f"nim: {len(self.piles)} piles; allowed: 1 to {MAX_PILES}")

    @property
    def most(self) -> int:
        """Objects of the greatest pile at the beginning."""
        return max(self.piles)

    @property
    def sizes(self) -> np.ndarray:
        """`(piles,)` int8: what the game begins with."""
        return np.array(self.piles, np.int8)

    @property
    def num_actions(self) -> int:
        """Number of actions, A: every count up to the greatest pile, for each pile."""
        return self.most * len(self.sizes)

    @property
    def max_plies(self) -> int:
        """Number of decisions where one object is taken at a time."""
        return sum(self.piles)

    def init(self, key: Array) -> NimState:
        """All piles as they begin, player 0 to move."""
        return self._position(jnp.int32(0), jnp.asarray(self.sizes))

    def step(self, state: NimState, action: Array) -> NimState:
        """Take objects from a pile; the turn passes, also when the game ends."""
        count, pile = action // len(self.sizes) + 1, action % len(self.sizes)
        taken = jnp.where(np.arange(len(self.sizes), dtype=np.int32) == pile, count.astype(jnp.int8), 0)
        return self._position(1 - state.current_player, state.piles - taken.astype(jnp.int8))

    def _position(self, player: Array, piles: Array) -> NimState:
        """The state in which `player` is to move, or the opponent has taken the last object."""
        counts = jnp.asarray(np.arange(1, self.most + 1, dtype=np.int32).astype(np.int8))
        legal = (counts[:, None] <= piles[None]).reshape(-1)
        ended = ~piles.any()
        sign = jnp.float32(1 if self.misere else -1)
        return NimState(
            current_player=player,
            legal_action_mask=legal | ended,
            rewards=jnp.where(ended, jnp.where(player == PLAYERS, sign, -sign), jnp.float32(0)),
            terminated=ended,
            piles=piles,
        )

    def observe(self, state: NimState, player: Array | None = None) -> Array:
        """`(piles, greatest pile)` float32: ones for the objects left. Both players see the same."""
        places = jnp.arange(self.most, dtype=jnp.int8)
        return (places[None] < state.piles[:, None]).astype(jnp.float32)

    @property
    def num_symmetries(self) -> int:
        """Orders of the piles; of more than 4 piles, the orders of the last 4."""
        return len(self._orders)

    @property
    def _orders(self) -> np.ndarray:
        """`(num_symmetries, piles)` int32: where each pile goes."""
        orders = itertools.permutations(range(len(self.sizes)))
        return np.array(list(itertools.islice(orders, MAX_SYMMETRIES)), np.int32)

    @property
    def action_permutation(self) -> np.ndarray:
        """`(num_symmetries, A)` int32: the same count from the pile in its new place."""
        counts = np.arange(self.most, dtype=np.int32) * len(self.sizes)
        return (counts[None, :, None] + self._orders[:, None]).reshape(self.num_symmetries, -1)

    def symmetry(self, state: NimState, index: Array) -> NimState:
        """The state with its piles in another order."""
        piles = state.piles[jnp.asarray(np.argsort(self._orders, axis=1))[index]]
        return replace(self._position(state.current_player, piles), rewards=state.rewards)

    def action_to_string(self, action: int) -> str:
        """The letter of the pile and how many objects to take."""
        count, pile = divmod(int(action), len(self.sizes))
        return f"{_text.LETTERS[pile]}{count + 1}"

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        allowed = f"a pile a to {_text.LETTERS[len(self.sizes) - 1]} and how many to take, such as a1"
        return _text.parse(text, map(self.action_to_string, range(self.num_actions)), allowed)

    def render(self, state: NimState, player: int | None = None) -> str:
        """A line for each pile, and whose turn it is."""
        lines = [
            f"{_text.LETTERS[pile]} {'|' * size}".rstrip() for pile, size in enumerate(state.piles.tolist())
        ]
        return "\n".join([*lines, self._status(state)])

    def _status(self, state: NimState) -> str:
        player = int(state.current_player)
        if not state.terminated:
            return f"player {player} to move"
        return f"player {player if self.misere else 1 - player} wins"

    def render_svg(self, state: NimState, player: int | None = None) -> str:
        """Rows of matches; those that are taken leave their shadows."""
        edge, width = 36, self.most * MATCH_GAP
        height = len(self.sizes) * MATCH_HEIGHT
        shapes = [_svg.rect(0, 0, width + 2 * edge, height, _svg.PAPER)]
        shapes += _svg.texts(_text.LETTERS[: len(self.sizes)], edge / 2, MATCH_HEIGHT / 2, down=MATCH_HEIGHT)
        for pile, left in enumerate(state.piles.tolist()):
            for place in range(max(int(self.sizes[pile]), left)):
                x, y = edge + (place + 0.5) * MATCH_GAP, pile * MATCH_HEIGHT
                shapes.append(_match(x, y, taken=place >= left))
        return _svg.document(width + 2 * edge, height, *shapes)


def _match(x: float, y: float, *, taken: bool) -> str:
    """A match that stands in the row that begins at `y`."""
    top, bottom = y + 0.25 * MATCH_HEIGHT, y + 0.85 * MATCH_HEIGHT
    if taken:
        return _svg.line(x, top, x, bottom, "#e6e6e0", width=4)
    stick = _svg.line(x, top, x, bottom, "#d9b779", width=5)
    return stick + _svg.circle(x, top, 5, _svg.RED)


GAME = Nim
GROUP = "puzzles and mathematical games"
