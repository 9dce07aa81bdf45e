"""The donor game: to give costs the donor less than it helps the other, who meets somebody else next.

Rules: P players are donors in turn, T times each. Chance picks who of the others may receive, and, with
probability `known`, shows the donor the recipient's reputation. The donor keeps, which costs nothing, gives,
which costs it 1 and is worth 3 to the recipient, or punishes, which costs it 1 and the recipient 2. A
reputation tells what its owner did last as a donor that counts: it is good after a gift, and bad after
anything else. Everybody begins with a good one. With the norm `standing`, what is done to a recipient whose
reputation is seen to be bad does not count, unless it is a gift; with `image` everything does. No one knows
who is who: a player sees its own meetings, and what it gets, from nobody in particular.

Actions (3, without punishment 2).

| Action | Move                                         | Written  |
|--------|----------------------------------------------|----------|
| 0      | nothing                                      | `keep`   |
| 1      | pay `cost`, and the recipient gets `benefit` | `give`   |
| 2      | pay `fee`, and the recipient loses `fine`    | `punish` |

Chance outcomes (2 P = 8): the recipient, plus P if its reputation is seen, written `for C`, `for C, seen`.

Observation: `(P + R + 1 + T (2 + A) + 2 R,)` float32, with A actions and R = P T rounds, `(39,)` unless told
otherwise.

| Entries     | 1 where                                                                  |
|-------------|--------------------------------------------------------------------------|
| P           | the observer has this seat                                               |
| R + 1       | so many rounds are over                                                  |
| T x (2 + A) | as a donor: the reputation seen was bad, was good; it took this action   |
| R x 2       | for each round that is over: it got a gift, it was punished              |

Rewards: costs and benefits, when the donor has acted.

Source: Nowak and Sigmund, Evolution of indirect reciprocity by image scoring, Nature 393, 1998; that those
who do not give to the known bad hold out if `known` is above cost / benefit: Nowak, Five rules for the
evolution of cooperation, Science 314, 2006; standing: Leimar and Hammerstein, Proceedings of the Royal
Society B 268, 2001.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import CHANCE
from jaxplay.games import _text
from jaxplay.games._hidden import LETTERS, HiddenGame, flat, one_hot, status
from jaxplay.games._table import Seat, as_svg, as_text
from jaxplay.struct import pytree
from jaxplay.typed import Range

KEEP, GIVE, PUNISH = range(3)
ACTIONS = ("keep", "give", "punish")
GREATEST = 1000


@pytree
class DonorState:
    """A position: besides the fields of every state, what happened in each round. -1 is what is to come.

    Attributes:
        recipients: `(R,)` int8: who might receive, plus P if its reputation was seen.
        acts: `(R,)` int8: what the donor did.
        shown: `(R,)` int8: the reputation that was shown, 0 bad, 1 good; -1 if none was.
        good: `(P,)` bool: reputations.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    recipients: Array
    acts: Array
    shown: Array
    good: Array


@dataclass(frozen=True)
class DonorGame(HiddenGame):
    """The donor game: see the module for rules, actions and observation.

    Attributes:
        players: Number of players, P, 2 to 16.
        turns: How often everybody is the donor, T, 1 to 250.
        benefit: What a gift is worth, 0 to 1000.
        cost: What a gift costs, 0 to 1000.
        known: The probability that the donor sees the recipient's reputation, 0 to 1.
        punishment: Whether donors may punish.
        fine: What the punished lose, 0 to 1000.
        fee: What it costs to punish, 0 to 1000.
        norm: What counts for a reputation: `standing` or `image`.
    """

    players: Annotated[int, Range(2, 16)] = 4
    turns: Annotated[int, Range(1, 250)] = 2
    benefit: Annotated[float, Range(0, GREATEST)] = 3.0
    cost: Annotated[float, Range(0, GREATEST)] = 1.0
    known: Annotated[float, Range(0, 1)] = 0.5
    punishment: bool = True
    fine: Annotated[float, Range(0, GREATEST)] = 2.0
    fee: Annotated[float, Range(0, GREATEST)] = 1.0
    norm: Literal["standing", "image"] = "standing"
    zero_sum = False

    @property
    def num_players(self) -> int:
        """Number of players, P."""
        return self.players

    @property
    def num_actions(self) -> int:
        """Number of actions, A: without punishment 2."""
        return 3 if self.punishment else 2

    @property
    def num_chance_outcomes(self) -> int:
        """Number of chance outcomes: each player as a recipient, its reputation seen or not."""
        return 2 * self.players

    @property
    def max_plies(self) -> int:
        """Number of rounds, R: one decision in each."""
        return self.players * self.turns

    @property
    def costs(self) -> np.ndarray:
        """`(A,)` float32: what each action costs the donor."""
        return np.array([0, self.cost, self.fee], np.float32)[: self.num_actions]

    @property
    def gains(self) -> np.ndarray:
        """`(A,)` float32: what each action is worth to the recipient."""
        return np.array([0, self.benefit, -self.fine], np.float32)[: self.num_actions]

    @property
    def min_return(self) -> float:
        """The return of who always takes the dearest action and is always fined."""
        fined = min(float(self.gains.min()), 0.0)
        return self.turns * (-float(self.costs.max()) + (self.players - 1) * fined)

    @property
    def max_return(self) -> float:
        """The return of who keeps and is given to in all other rounds."""
        return self.turns * (self.players - 1) * float(self.gains.max())

    def init(self, key: Array) -> DonorState:
        """All reputations good, before the first meeting."""
        nothing = jnp.full(self.max_plies, -1, jnp.int8)
        good, rewards = jnp.ones(self.players, jnp.bool_), jnp.zeros(self.players, jnp.float32)
        return self._state(nothing, nothing, nothing, good, rewards)

    def step(self, state: DonorState, action: Array) -> DonorState:
        """Chance picks a recipient, or the donor acts."""
        dealing, place = state.current_player == CHANCE, (state.acts >= 0).sum()
        this_round = np.arange(self.max_plies) == place
        seats = np.arange(self.players)
        met = jnp.where(dealing, action.astype(jnp.int32), self._now(state.recipients, this_round))
        donor, recipient = seats == place % self.players, seats == met % self.players
        reputation = (recipient & state.good).any().astype(jnp.int8)
        shown = jnp.where(met >= self.players, reputation, jnp.int8(-1))
        number = action.astype(jnp.int8)
        counts = jnp.bool_(True) if self.norm == "image" else (action == GIVE) | (shown != 0)
        good = jnp.where(donor & counts & ~dealing, action == GIVE, state.good)
        cost, gain = (
            jnp.where(np.arange(self.num_actions) == action, jnp.asarray(table), jnp.float32(0)).sum()
            for table in (self.costs, self.gains)
        )
        rewards = recipient.astype(jnp.float32) * gain - donor.astype(jnp.float32) * cost
        return self._state(
            jnp.where(this_round & dealing, number, state.recipients),
            jnp.where(this_round & ~dealing, number, state.acts),
            jnp.where(this_round & dealing, shown, state.shown),
            good,
            jnp.where(dealing, jnp.float32(0), rewards),
        )

    def _now(self, rounds: Array, this_round: Array) -> Array:
        """`()` int32: the entry of this round."""
        return jnp.where(this_round, rounds, 0).astype(jnp.int32).sum()

    def _state(self, recipients: Array, acts: Array, shown: Array, good: Array, rewards: Array) -> DonorState:
        met, done = (recipients >= 0).sum(), (acts >= 0).sum()
        ended, chance = done == self.max_plies, met == done
        edges = np.arange(max(self.num_actions, self.num_chance_outcomes))
        return DonorState(
            current_player=jnp.where(chance & ~ended, CHANCE, done % self.players),
            legal_action_mask=jnp.where(chance, self._possible(done), edges < self.num_actions) | ended,
            rewards=rewards,
            terminated=ended,
            recipients=recipients,
            acts=acts,
            shown=shown,
            good=good,
        )

    def _possible(self, done: Array) -> Array:
        """`(max(A, 2 P),)` bool: who is not the donor, seen or not, unless that is certain."""
        edges = np.arange(max(self.num_actions, self.num_chance_outcomes))
        exists = (edges < 2 * self.players) & np.where(edges < self.players, self.known < 1, self.known > 0)
        return exists & (edges % self.players != done % self.players)

    def chance_probs(self, state: DonorState) -> Array:
        """`(2 P,)` float32: all others as likely, seen with probability `known`."""
        outcomes = np.arange(self.num_chance_outcomes)
        seen = np.where(outcomes < self.players, 1 - self.known, self.known) / (self.players - 1)
        return jnp.where(
            self._possible((state.acts >= 0).sum())[: outcomes.size], seen.astype(np.float32), jnp.float32(0)
        )

    def observe(self, state: DonorState, player: Array | None = None) -> Array:
        """`(P + R + 1 + T (2 + A) + 2 R,)` float32: the table in the module."""
        seat, done = self.seat(state, player), (state.acts >= 0).sum()
        mine = jnp.arange(self.players) == seat
        acts, shown = (x.reshape(self.turns, self.players) for x in (state.acts, state.shown))
        met = one_hot(shown, 2), one_hot(acts, self.num_actions)
        own = jnp.concatenate(met, axis=-1) * mine[None, :, None].astype(jnp.float32)
        to_me = (state.recipients % self.players).astype(jnp.int32) == seat
        got = [(state.acts == act) & to_me & (state.recipients >= 0) for act in (GIVE, PUNISH)]
        clock = one_hot(done, self.max_plies + 1)
        return flat(one_hot(seat, self.players), clock, own.sum(axis=1), jnp.stack(got, axis=1))

    def action_to_string(self, action: int) -> str:
        """`keep`, `give` or `punish`."""
        return ACTIONS[action]

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        names = ACTIONS[: self.num_actions]
        return _text.parse(text, names, ", ".join(names))

    def outcome_to_string(self, state: DonorState, outcome: int) -> str:
        """Who may receive, such as `for C`, or `for C, seen`."""
        seen, recipient = divmod(outcome, self.players)
        return f"for {LETTERS[recipient]}{', seen' if seen else ''}"

    def render(self, state: DonorState, player: int | None = None) -> str:
        """A line for each player: reputation, acts and what it got, as far as `player` may know."""
        return as_text(self._seats(state, player), self._lines(state, player))

    def render_svg(self, state: DonorState, player: int | None = None) -> str:
        """The players at a table with the last of what they did and got."""
        return as_svg(self._seats(state, player), self._lines(state, player))

    def _seats(self, state: DonorState, player: int | None) -> list[Seat]:
        """What lies before everybody as `player` sees it: the own rounds, and of the others nothing."""
        active = -1 if state.terminated else int(state.current_player)
        seats = []
        for i in range(self.players):
            seen = player in (None, i)
            sign = ("-", "+")[int(state.good[i])] if player is None else ""
            seats.append(Seat(sign, self._notes(state, i) if seen else [], i == active))
        return seats

    def _notes(self, state: DonorState, seat: int) -> list[str]:
        """What a player did and got in each round, such as `1: give (seen +)` or `2: gift`."""
        rounds = zip(
            *(np.asarray(x).tolist() for x in (state.recipients, state.acts, state.shown)), strict=True
        )
        notes = []
        for number, (met, act, shown) in enumerate(rounds):
            if met >= 0 and number % self.players == seat:
                seen = f" (seen {'-+'[shown]})" if shown >= 0 else ""
                notes.append(f"{number + 1}: {ACTIONS[act] if act >= 0 else '?'}{seen}")
            elif met >= 0 and met % self.players == seat and act in (GIVE, PUNISH):
                notes.append(f"{number + 1}: {'gift' if act == GIVE else 'fined'}")
        return notes

    def _lines(self, state: DonorState, player: int | None) -> list[str]:
        """The number of the round, and whose turn it is."""
        done = int((np.asarray(state.acts) >= 0).sum())
        title = f"round {min(done + 1, self.max_plies)} of {self.max_plies}"
        met = int(state.recipients[min(done, self.max_plies - 1)])
        if player is None and met >= 0 and not state.terminated:
            title += f", {LETTERS[done % self.players]} may give to {LETTERS[met % self.players]}"
        return [title, status(state, self._returns(state))]

    def _returns(self, state: DonorState) -> np.ndarray:
        """`(P,)`: what everybody has earned."""
        earned = np.zeros(self.players)
        for number, (met, act) in enumerate(
            zip(np.asarray(state.recipients), np.asarray(state.acts), strict=True)
        ):
            if act >= 0:
                earned[number % self.players] -= self.costs[act]
                earned[met % self.players] += self.gains[act]
        return earned


GAME = DonorGame
GROUP = "social dilemmas"
