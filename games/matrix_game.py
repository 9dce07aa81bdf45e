"""Matrix games: everybody acts at the same time and is paid by a table, once or over and over.

Rules: in every round each of P players chooses an action, in turn from player 0 (A) on but unseen by the
others until all have chosen; then everybody is paid. The table is any tensor of payoffs, or one of these:

| Name                  | Actions               | Payoffs to A and B, a row for each action of A   |
|-----------------------|-----------------------|--------------------------------------------------|
| rock_paper_scissors   | rock, paper, scissors | +1, -1 to the winner and the loser, 0 for a tie  |
| matching_pennies      | heads, tails          | +1, -1 if the pennies agree, -1, +1 if not       |
| prisoners_dilemma     | cooperate, defect     | 5, 5 and 0, 10; 10, 0 and 1, 1                   |
| stag_hunt             | stag, hare            | 2, 2 and 0, 1; 1, 0 and 1, 1                     |
| chicken               | dare, chicken         | 0, 0 and 4, 1; 1, 4 and 3, 3                     |
| battle_of_the_sexes   | bach, stravinsky      | 3, 2 and 0, 0; 0, 0 and 2, 3                     |
| coordination          | left, right           | 1, 1 and 0, 0; 0, 0 and 1, 1                     |
| team_matching_pennies | heads, tails          | two against two, see below                       |
| 111 to 466            | first, second         | the 144 ordinal games, see below                 |

In team matching pennies A and B play against C and D. A team whose pennies differ loses to one whose pennies
agree; if both agree, the first team wins if all four pennies are the same, else the second; if neither
agrees, nobody wins. The winners get +1 each, the losers -1. Teammates cannot talk: to agree and yet surprise
is the difficulty.

The ordinal games are all ways in which two players with two actions can rank the four outcomes, 4 the best,
by the numbers of Robinson and Goforth: layer, row, column. They have names too, `pd_ch` for A's ranks of the
prisoner's dilemma and B's of chicken. Row and column of a number tell these patterns, 1 to 6 in this order:

| Layer            | A's pattern            | B's pattern            |
|------------------|------------------------|------------------------|
| 1 discord        | pd, ch, ba, hr, cm, dl | pd, ch, ba, hr, cm, dl |
| 2                | nc, sh, as, co, pc, ha | pd, ch, ba, hr, cm, dl |
| 3 win-win        | nc, sh, as, co, pc, ha | nc, sh, as, co, pc, ha |
| 4                | pd, ch, ba, hr, cm, dl | nc, sh, as, co, pc, ha |

That is prisoner's dilemma, chicken, battle (leader), hero, compromise, deadlock; concord (no conflict), stag
hunt, assurance, coordination, peace, harmony. The symmetric games are 111 to 166 and 311 to 366 on the
diagonals, with the numbers of the book; a game of layer 2 is one of layer 4 with seats exchanged.

Actions (A = 3 in the usual game).

| Action     | Move                                        | Written                                     |
|------------|---------------------------------------------|---------------------------------------------|
| 0 to A - 1 | this action of the table, the first being 0 | its name; in a game of one's own its number |

With several rounds the strategies of `STRATEGIES`, such as tit for tat, are opponents at hand:
`scripted:tit_for_tat` on the command line, `scripted` in Python. They play the prisoner's dilemma, the stag
hunt, chicken, and every table of two actions that is the same for both players and in which it is better that
both do the one (they cooperate) than that both do the other (they defect). `alternate` plays the first two
actions in turn in any table.

Observation: `(P + A + M P A,)` float32, with M the number of rounds remembered: all unless told otherwise;
for a single round of two players with three actions `(11,)`.

| Entries                  | 1 where                                                                |
|--------------------------|------------------------------------------------------------------------|
| P                        | the observer has this seat                                             |
| A                        | the observer has chosen this action in this round                      |
| M rounds x P players x A | this player, the observer first, did this in a past round, last at end |

With `memory` players know the last M rounds only, which is to forget the others and the number of the round.

Rewards: the payoffs of each round, when the last player has chosen.

Source: https://en.wikipedia.org/wiki/Normal-form_game; payoffs as in OpenSpiel. Ordinal games: Robinson and
Goforth, The topology of the 2x2 games, Routledge 2005; names: Bruns, Names for games, Games 6(4), 2015.
"""

from dataclasses import dataclass
from typing import Annotated

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError, nearest, quoted
from jaxplay.games import _matrix_svg, _text
from jaxplay.games._hidden import GREATEST, LETTERS, HiddenGame, flat, one_hot, put, status
from jaxplay.games._normal_forms import NAMED, NormalForm, Payoffs, as_tuples
from jaxplay.games._ordinal import ORDINAL
from jaxplay.games._strategies import STRATEGIES, scripted
from jaxplay.struct import pytree
from jaxplay.typed import Range

__all__ = ["GAME", "NAMED", "ORDINAL", "STRATEGIES", "MatrixGame", "MatrixState", "NormalForm", "scripted"]

TABLES = NAMED | ORDINAL
SHOWN = 8
"""Number of past rounds that a picture shows."""


@pytree
class MatrixState:
    """A position: besides the fields of every state, choices now and in the past; -1 where there is none.

    Attributes:
        chosen: `(P,)` int8: the choices of this round.
        past: `(M, P)` int8: the choices of past rounds, the last round last.
        round: `()` int16: rounds that are over.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    chosen: Array
    past: Array
    round: Array


@dataclass(frozen=True)
class MatrixGame(HiddenGame):
    """A matrix game: see the module for rules, actions and observation.

    Attributes:
        table: Name of a known table, or number of an ordinal game.
        rounds: Number of rounds, 1 to 1000.
        memory: Number of rounds that players remember, M; 0 for all.
        payoffs: Table of one's own instead: nested tuples, `payoffs[a][b][i]` to player i of two.
    """

    table: str = "rock_paper_scissors"
    rounds: Annotated[int, Range(1, 1000)] = 1
    memory: Annotated[int, Range(0, 1000)] = 0
    payoffs: Payoffs = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.memory > self.rounds:
            raise UserError(f"matrix_game: memory={self.memory}; allowed: 0 to {self.rounds}")
        if self.table not in TABLES:
            near = "; allowed: 111 to 166, to 466" if self.table.isdigit() else nearest(self.table, NAMED)
            raise UserError(f"matrix_game: table={quoted(self.table)}{near}")
        if len(self.payoffs):
            object.__setattr__(self, "payoffs", _checked(self.payoffs))

    @property
    def form(self) -> NormalForm:
        """The table, with names."""
        if not self.payoffs:
            return TABLES[self.table]
        return NormalForm(self.payoffs, tuple(map(str, range(max(np.shape(self.payoffs)[:-1])))))

    @property
    def tensor(self) -> np.ndarray:
        """`(A0, A1, ..., P)` float32: the payoffs."""
        return np.array(self.form.payoffs, np.float32)

    @property
    def num_players(self) -> int:
        """Number of players, P."""
        return self.tensor.shape[-1]

    @property
    def num_actions(self) -> int:
        """Number of actions, A, of the player who has most."""
        return max(self.tensor.shape[:-1])

    @property
    def max_plies(self) -> int:
        """Number of decisions: one of everybody in every round."""
        return self.rounds * self.num_players

    @property
    def zero_sum(self) -> bool:
        """Whether every entry of the table adds up to zero."""
        return bool(np.allclose(self.tensor.sum(axis=-1), 0))

    @property
    def min_return(self) -> float:
        """The return of who gets the least payoff in every round."""
        return self.rounds * float(self.tensor.min())

    @property
    def max_return(self) -> float:
        """The return of who gets the greatest payoff in every round."""
        return self.rounds * float(self.tensor.max())

    @property
    def teams(self) -> tuple[int, ...]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The team of each player, as the table tells it."""
        return self.form.teams

    def init(self, key: Array) -> MatrixState:
        """The state before anybody has chosen in the first round."""
        chosen = jnp.full(self.num_players, -1, jnp.int8)
        past = jnp.full((self.memory or self.rounds, self.num_players), -1, jnp.int8)
        return self._state(chosen, past, jnp.int16(0), jnp.zeros(self.num_players, jnp.float32))

    def step(self, state: MatrixState, action: Array) -> MatrixState:
        """The mover chooses; the last to choose ends the round."""
        chosen = put(state.chosen, state.current_player, action)
        done = chosen[-1] >= 0
        return self._state(
            jnp.where(done, jnp.int8(-1), chosen),
            jnp.where(done, jnp.concatenate([state.past[1:], chosen[None]]), state.past),
            state.round + done.astype(jnp.int16),
            jnp.where(done, self._paid(chosen), jnp.float32(0)),
        )

    def _state(self, chosen: Array, past: Array, round_: Array, rewards: Array) -> MatrixState:
        mover, ended = (chosen >= 0).sum(), round_ == self.rounds
        sizes = jnp.array(self.tensor.shape[:-1])
        return MatrixState(
            current_player=mover,
            legal_action_mask=(jnp.arange(self.num_actions) < sizes[mover]) | ended,
            rewards=rewards,
            terminated=ended,
            chosen=chosen,
            past=past,
            round=round_,
        )

    def _paid(self, chosen: Array) -> Array:
        """`(P,)` float32: what everybody gets for these choices."""
        place = jnp.int32(0)
        for player, size in enumerate(self.tensor.shape[:-1]):
            place = place * size + chosen[player].astype(jnp.int32)
        return jnp.asarray(self.tensor.reshape(-1, self.num_players))[place]

    def observe(self, state: MatrixState, player: Array | None = None) -> Array:
        """`(P + A + M P A,)` float32: seat, own choice, past choices of all."""
        seat = self.seat(state, player)
        order = (seat + np.arange(self.num_players, dtype=np.int32)) % self.num_players
        own, past = (one_hot(x, self.num_actions) for x in (state.chosen[seat], state.past[:, order]))
        return flat(one_hot(seat, self.num_players), own, past)

    def action_to_string(self, action: int) -> str:
        """The name in the table."""
        return self.form.actions[action]

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        return _text.parse(text, self.form.actions, ", ".join(self.form.actions))

    def render(self, state: MatrixState, player: int | None = None) -> str:
        """The last choices of each player, and whose turn it is."""
        rounds = self._rounds(state, player)
        width = max(map(len, self.form.actions))
        rows = [[LETTERS[i], *(names[i].ljust(width) for names in rounds)] for i in range(self.num_players)]
        return "\n".join([*("  ".join(row).rstrip() for row in rows), *self._lines(state)])

    def render_svg(self, state: MatrixState, player: int | None = None) -> str:
        """The table, if two play, with the last outcome marked; and the last choices of each player."""
        rounds, names, shapes, top = self._rounds(state, player), self.form.actions, [], 0
        if self.num_players == 2:
            last = np.asarray(state.past[-1]).tolist()
            shapes, top = _matrix_svg.payoffs(self.tensor, names, last), len(self.tensor) + 1.3
        shapes += _matrix_svg.choices(rounds, top)
        columns = max(3, len(rounds), len(names))
        return _matrix_svg.document(top + self.num_players, columns, shapes, self._lines(state))

    def _rounds(self, state: MatrixState, player: int | None) -> list[list[str]]:
        """The last choices by name, this round's too: `?` for one that is hidden, `-` for one to come."""
        names = self.form.actions
        past = np.asarray(state.past)
        rounds = [[names[choice] for choice in choices] for choices in past[past[:, 0] >= 0][-SHOWN:]]
        now = [
            "-" if chosen < 0 else names[chosen] if player in (None, i) else "?"
            for i, chosen in enumerate(np.asarray(state.chosen))
        ]
        return rounds if state.terminated else [*rounds, now]

    def _lines(self, state: MatrixState) -> list[str]:
        """The name of the game and, with several rounds, the number of this one; whose turn it is."""
        name = "matrix game" if self.payoffs else self.table.replace("_", " ")
        number = min(int(state.round) + 1, self.rounds)
        title = name if self.rounds == 1 else f"{name}, round {number} of {self.rounds}"
        past = np.asarray(state.past)
        if state.terminated and len(past) < self.rounds:
            return [title, "the game is over"]
        paid = [self.tensor[tuple(chosen)] for chosen in past[past[:, 0] >= 0]]
        return [title, status(state, np.sum(paid, axis=0))]


def _checked(payoffs: Payoffs) -> Payoffs:
    """A table of one's own as nested tuples.

    Raises:
        UserError: it is ragged, or its last axis does not fit the number of players.
    """
    try:
        table = as_tuples(payoffs)
    except (ValueError, TypeError):
        raise UserError("matrix_game: payoffs are ragged or no numbers; allowed: a full table") from None
    if not (np.abs(table) <= GREATEST).all():
        raise UserError(f"matrix_game: payoffs={quoted(payoffs)}; allowed: up to {GREATEST:g} in size")
    shape = np.shape(table)
    if len(shape) < 2 or shape[-1] != len(shape) - 1:
        raise UserError(
            f"matrix_game: payoffs has shape {shape}; allowed: actions of each player, then players"
        )
    return table


GAME = MatrixGame
GROUP = "matrix games"
