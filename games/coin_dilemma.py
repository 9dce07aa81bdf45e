"""The coin dilemma: two players gather coins of two colours; the other pays for what one takes of its.

Rules: two players stand on a grid of 3 by 3 cells, whose edges are joined: who leaves it on one side comes
back on the other. One coin lies on it, of A's colour (a) or B's (b). In each of 10 rounds both move at the
same time, one cell up, down, left or right; they may stand on one cell. Whoever comes to the coin takes it
and gets 1 point; of the other's colour, the other loses 2. Then a new coin of either colour, as likely, falls
on a free cell. If both come to the coin at once both take it. Places and coins are dealt at random. To take
every coin is best for each alone, and brings both nothing: to leave the other's coins to it is to cooperate.

The moves of a round are made in turn, player 0 (A) first, unseen by the other until both are made.
`coin_game` is another game: its players see no colours of the others, all gain by coins that anybody likes,
and it has no dilemma.

Actions (4).

| Action | Move                                                     | Written |
|--------|----------------------------------------------------------|---------|
| 0      | to the row above, from the top row to the bottom row     | `up`    |
| 1      | to the row below                                         | `down`  |
| 2      | to the left                                              | `left`  |
| 3      | to the right                                             | `right` |

Chance outcomes (2 N = 18, with N cells): the cell where A stands at first, then B, below N; then, for each
coin, its cell, plus N if it is B's. Cells are counted along the rows from the top left. They are written
`A at b1`, `coin a at c3`.

Observation: `(2 + 4 + 4 N + M (4 N + 8),)` float32, with M the number of rounds remembered: all unless told
otherwise, so `(482,)`. The observer's own comes first, then the other's.

| Entries                | 1 where                                                              |
|------------------------|----------------------------------------------------------------------|
| 2                      | the observer has this seat                                           |
| 4                      | the observer has made this move in this round                        |
| 2 players x N          | this player stands                                                   |
| 2 colours x N          | a coin of this player's colour lies                                  |
| M rounds x (4 N + 8)   | places, coin and moves (2 players x 4) of a past round, last at end  |

With `memory` players know the last M rounds only, which is to forget the others and the number of the round.

Rewards: those of each round, when both have moved.

Source: Lerer and Peysakhovich, Maintaining cooperation in complex social dilemmas using deep reinforcement
learning, 2017, https://arxiv.org/abs/1707.01068; in the form of Foerster et al., Learning with
opponent-learning awareness, AAMAS 2018, https://arxiv.org/abs/1709.04326
"""

from dataclasses import dataclass
from typing import Annotated

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import CHANCE
from jaxplay.games import _svg, _text
from jaxplay.games._hidden import LETTERS, HiddenGame, distinct, flat, one_hot, put, status
from jaxplay.struct import pytree
from jaxplay.typed import Range

ACTIONS = ("up", "down", "left", "right")
FIELDS = 5
"""Numbers that tell a past round: both places, the coin, both moves."""
COLOURS = (_svg.RED, _svg.BLUE)
CELL = 56
"""Width of a cell in pixels."""


@pytree
class DilemmaState:
    """A position: besides the fields of every state, places, coin and past. -1 stands for what is to come.

    Attributes:
        places: `(2,)` int8: the cells where the players stand.
        coin: `()` int8: the cell of the coin, plus N if it has B's colour.
        chosen: `()` int8: A's move of this round.
        past: `(M, 5)` int8: places, coin and moves of past rounds, the last round last.
        round: `()` int16: rounds that are over.
        returns: `(2,)` float32: earned so far.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    places: Array
    coin: Array
    chosen: Array
    past: Array
    round: Array
    returns: Array


@dataclass(frozen=True)
class CoinDilemma(HiddenGame):
    """The coin dilemma: see the module for rules, actions and observation.

    Attributes:
        rounds: Number of rounds, 1 to 1000.
        size: Height and width of the grid, 2 to 7.
        memory: Number of rounds that players remember, M; 0 for all.
        penalty: What a player loses when the other takes a coin of its colour, 0 to 1000.
    """

    rounds: Annotated[int, Range(1, 1000)] = 10
    size: Annotated[int, Range(2, 7)] = 3
    memory: Annotated[int, Range(0, 1000)] = 0
    penalty: Annotated[float, Range(0, 1000)] = 2.0
    num_actions = 4
    zero_sum = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.memory > self.rounds:
            raise UserError(f"coin_dilemma: memory={self.memory}; allowed: 0 to {self.rounds}")

    @property
    def num_cells(self) -> int:
        """Number of cells, N."""
        return self.size**2

    @property
    def num_chance_outcomes(self) -> int:
        """Number of chance outcomes: a cell for each colour."""
        return 2 * self.num_cells

    @property
    def max_plies(self) -> int:
        """Number of decisions: two in every round."""
        return 2 * self.rounds

    @property
    def min_return(self) -> float:
        """The return of who takes nothing and pays for a coin in every round."""
        return -self.rounds * self.penalty

    @property
    def max_return(self) -> float:
        """The return of who takes a coin in every round and never pays."""
        return float(self.rounds)

    def init(self, key: Array) -> DilemmaState:
        """The empty grid."""
        nothing = jnp.int8(-1)
        past = jnp.full((self.memory or self.rounds, FIELDS), -1, jnp.int8)
        zero = jnp.zeros(2, jnp.float32)
        return self._state(jnp.full(2, -1, jnp.int8), nothing, nothing, past, jnp.int16(0), zero, zero)

    def fresh(self, key: Array) -> DilemmaState:
        """A game in which players stand and a coin lies, all at once."""
        uniform = jax.random.uniform(key, (4,))
        cells = distinct(uniform[:3], self.num_cells)
        coin = cells[2] + jnp.where(uniform[3] < 0.5, 0, self.num_cells)
        start = self.init(key)
        places, zero = cells[:2].astype(jnp.int8), jnp.zeros(2, jnp.float32)
        return self._state(places, coin.astype(jnp.int8), start.chosen, start.past, start.round, zero, zero)

    def step(self, state: DilemmaState, action: Array) -> DilemmaState:
        """Chance gives a place or a coin, or a player moves."""
        number, mover = action.astype(jnp.int8), state.current_player
        dealt = (state.places >= 0).sum()
        dealing = mover == CHANCE
        places = jnp.where(dealing, put(state.places, dealt, action), state.places)
        coin = jnp.where(dealing & (dealt == 2), number, state.coin)
        chosen = jnp.where(mover == 0, number, state.chosen)
        done = mover == 1
        moves = jnp.stack([state.chosen, number])
        to = self._moved(state.places, moves)
        took = done & (to == state.coin % self.num_cells)
        rewards = self._paid(took, state.coin >= self.num_cells)
        row = jnp.concatenate([state.places, state.coin[None], moves])
        return self._state(
            jnp.where(done, to, places),
            jnp.where(took.any(), jnp.int8(-1), coin),
            jnp.where(done, jnp.int8(-1), chosen),
            jnp.where(done, jnp.concatenate([state.past[1:], row[None]]), state.past),
            state.round + done.astype(jnp.int16),
            state.returns + rewards,
            rewards,
        )

    def _moved(self, places: Array, moves: Array) -> Array:
        """`(2,)` int8: where the players come to."""
        row, column = places // self.size, places % self.size
        row = row + (moves == 1).astype(jnp.int8) - (moves == 0).astype(jnp.int8)
        column = column + (moves == 3).astype(jnp.int8) - (moves == 2).astype(jnp.int8)
        return row % self.size * self.size + column % self.size

    def _paid(self, took: Array, colour: Array) -> Array:
        """`(2,)` float32: a point for a coin; its owner pays if the other took it."""
        robbed = took[::-1] & (np.arange(2) == colour.astype(jnp.int32))
        return took.astype(jnp.float32) - self.penalty * robbed.astype(jnp.float32)

    def _state(
        self,
        places: Array,
        coin: Array,
        chosen: Array,
        past: Array,
        round_: Array,
        returns: Array,
        rewards: Array,
    ) -> DilemmaState:
        ended = round_ == self.rounds
        chance = (coin < 0) & ~ended
        mover = jnp.where(chance, jnp.int32(CHANCE), (chosen >= 0).astype(jnp.int32))
        outcomes = np.arange(max(self.num_actions, self.num_chance_outcomes))
        free = self._free(places)
        return DilemmaState(
            current_player=mover,
            legal_action_mask=jnp.where(chance, free, outcomes < self.num_actions) | ended,
            rewards=rewards,
            terminated=ended,
            places=places,
            coin=coin,
            chosen=chosen,
            past=past,
            round=round_,
            returns=returns,
        )

    def _free(self, places: Array) -> Array:
        """`(2 N,)` bool: where the next player or coin may be put."""
        outcomes = np.arange(self.num_chance_outcomes, dtype=np.int8)
        empty = (places[:, None] != (outcomes % self.num_cells)[None]).all(axis=0)
        return empty & ((outcomes < self.num_cells) | (places[1] >= 0))

    def chance_probs(self, state: DilemmaState) -> Array:
        """`(2 N,)` float32: every free cell is as likely, and so are both colours."""
        free = self._free(state.places).astype(jnp.float32)
        return free / free.sum()

    def observe(self, state: DilemmaState, player: Array | None = None) -> Array:
        """`(2 + 4 + 4 N + M (4 N + 8),)` float32: the table in the module."""
        seat = self.seat(state, player)
        mine = jnp.where(seat == 0, state.chosen, jnp.int8(-1))
        now = jnp.concatenate([state.places, state.coin[None], jnp.full(2, -1, jnp.int8)])
        rounds = jnp.concatenate([state.past, now[None]])
        swapped = jnp.concatenate([rounds[:, 1::-1], self._swapped(rounds[:, 2:3]), rounds[:, :2:-1]], axis=1)
        rounds = jnp.where(seat == 0, rounds, swapped)
        places = one_hot(rounds[:, :2], self.num_cells).reshape(len(rounds), -1)
        coins = one_hot(rounds[:, 2], 2 * self.num_cells)
        moves = one_hot(rounds[:, 3:], self.num_actions).reshape(len(rounds), -1)
        own = one_hot(seat, 2), one_hot(mine, self.num_actions)
        past = jnp.concatenate([places, coins, moves], axis=1)[:-1]
        return flat(*own, places[-1], coins[-1], past)

    def _swapped(self, coins: Array) -> Array:
        """Coins as the other player sees them: its own colour first."""
        turned = jnp.where(coins < self.num_cells, coins + self.num_cells, coins - self.num_cells)
        return jnp.where(coins < 0, coins, turned)

    def action_to_string(self, action: int) -> str:
        """The name of a direction."""
        return ACTIONS[action]

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        return _text.parse(text, ACTIONS, ", ".join(ACTIONS))

    def outcome_to_string(self, state: DilemmaState, outcome: int) -> str:
        """Where a player stands or a coin falls, such as `A at b1` or `coin b at c3`."""
        colour, cell = divmod(outcome, self.num_cells)
        placed = int((np.asarray(state.places) >= 0).sum())
        thing = LETTERS[placed] if placed < 2 else f"coin {_text.LETTERS[colour]}"
        return f"{thing} at {_text.cell_name(cell, self.size)}"

    def render(self, state: DilemmaState, player: int | None = None) -> str:
        """The grid, players in capital letters, the coin in a small one; the round, moves and points."""
        cells = self._cells(state)
        width = max(map(len, cells))
        rows = [cells[i : i + self.size] for i in range(0, len(cells), self.size)]
        grid = [" ".join(cell.ljust(width) for cell in row).rstrip() for row in rows]
        return "\n".join([*grid, *self._lines(state, player)])

    def render_svg(self, state: DilemmaState, player: int | None = None) -> str:
        """The grid with players and the coin."""
        lines, edge = self._lines(state, player), self.size * CELL
        width, height = max(360, edge), edge + 24 * len(lines) + 16
        shapes, left = [_svg.rect(0, 0, width, height, _svg.PAPER, radius=8)], (width - edge) / 2
        for number, content in enumerate(self._cells(state)):
            row, column = divmod(number, self.size)
            x, y = left + (column + 0.5) * CELL, (row + 0.5) * CELL
            shapes.append(
                _svg.rect(x - CELL / 2 + 1, y - CELL / 2 + 1, CELL - 2, CELL - 2, "#e9ecef", radius=4)
            )
            for i, letter in enumerate(content.replace(".", "")):
                at = x + (i - (len(content) - 1) / 2) * 16
                fill = COLOURS["AaBb".index(letter) // 2]
                if letter.islower():
                    shapes.append(_svg.circle(at, y, 9, fill, stroke="#0003", width=2))
                else:
                    shapes.append(_svg.text(at, y, letter, size=24, fill=fill))
        shapes += _svg.texts(lines, width / 2, edge + 18, down=24, fill=_svg.INK)
        return _svg.document(width, height, *shapes)

    def _cells(self, state: DilemmaState) -> list[str]:
        """What stands and lies in each cell, such as `ABa`; `.` for nothing."""
        places, coin = np.asarray(state.places).tolist(), int(state.coin)
        cells = []
        for cell in range(self.num_cells):
            there = "".join(LETTERS[i] for i in range(2) if places[i] == cell)
            there += "".join(_text.LETTERS[i] for i in range(2) if coin == cell + i * self.num_cells)
            cells.append(there or ".")
        return cells

    def _lines(self, state: DilemmaState, player: int | None) -> list[str]:
        """The number of the round, moves as far as `player` may know them, points; whose turn it is."""
        lines = [f"round {min(int(state.round) + 1, self.rounds)} of {self.rounds}"]
        last = np.asarray(state.past[-1]).tolist()
        if last[3] >= 0:
            lines.append(f"last A {ACTIONS[last[3]]}, B {ACTIONS[last[4]]}")
        if state.chosen >= 0 and player in (None, 0):
            lines.append(f"A has chosen {ACTIONS[int(state.chosen)]}")
        points = ", ".join(f"{LETTERS[i]} {float(x):g}" for i, x in enumerate(state.returns))
        return [*lines, f"points: {points}", status(state, state.returns)]


GAME = CoinDilemma
GROUP = "social dilemmas"
