"""Games that show who moved, and what play in lanes recorded of them, game by game."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import GameDefaults, scalar_value
from jaxplay.rollout import MatchState, sides_of
from jaxplay.struct import pytree


@pytree
class TalkState:
    """Position of `Talk`."""

    last: Array
    """`(2,)` int32: the last word of each player, -1 before the first."""
    ply: Array
    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array


@dataclass(frozen=True)
class Talk(GameDefaults):
    """The players say numbers in the order of `turns`; whose last is the greater one wins.

    With `short` it matters only what is said first: after less than 4, who said it has won after so many
    plies; else the other one in the end.
    """

    turns: tuple[int, ...] = (0, 1) * 3
    short: int = 0

    num_actions = 8

    @property
    def max_plies(self) -> int:
        """A word at each turn."""
        return len(self.turns)

    def init(self, key: Array | None = None) -> TalkState:
        """Nobody has said anything."""
        return self._state(jnp.full((2,), -1, jnp.int32), jnp.int32(0), jnp.array(False))

    def step(self, state: TalkState, action: Array) -> TalkState:
        """Say a number; in a game that may be short, only the first is remembered."""
        keep = (state.ply > 0) & (self.short > 0)
        said = state.last.at[state.current_player].set(action.astype(jnp.int32))
        last, ply = jnp.where(keep, state.last, said), state.ply + 1
        early = (self.short > 0) & (ply >= self.short) & (last[0] < 4)
        return self._state(last, ply, early | (ply >= len(self.turns)))

    def observe(self, state: TalkState, player: Array | None = None) -> Array:
        """`(3,)` float32."""
        return jnp.append(state.last, state.ply).astype(jnp.float32)

    def _state(self, last: Array, ply: Array, done: Array) -> TalkState:
        player = jnp.array((*self.turns, 0), jnp.int32)[ply]
        lead = jnp.sign(last[0] - last[1])
        if self.short > 0:
            lead = jnp.where(last[0] < 4, 1, -1)
        rewards = jnp.where(done, lead, 0) * jnp.array([1.0, -1.0])
        return TalkState(last, ply, player, jnp.ones(8, bool), rewards.astype(jnp.float32), done)


@pytree
class CountState:
    """Position of `Count`."""

    total: Array
    ply: Array
    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array


@dataclass(frozen=True)
class Count(GameDefaults):
    """Several players say 0 or 1 twice; a point goes to the first player and its team if the sum is odd."""

    num_players: int = 4  # pyright: ignore[reportIncompatibleMethodOverride]
    teams: tuple[int, ...] = (0, 1, 0, 1)

    num_actions = 2
    zero_sum = False

    @property
    def max_plies(self) -> int:
        """Two rounds."""
        return 2 * self.num_players

    def init(self, key: Array | None = None) -> CountState:
        """Nobody has said anything."""
        return self._state(jnp.int32(0), jnp.int32(0))

    def step(self, state: CountState, action: Array) -> CountState:
        """Say it."""
        return self._state(state.total + action.astype(jnp.int32), state.ply + 1)

    def observe(self, state: CountState, player: Array | None = None) -> Array:
        """`(2,)` float32."""
        return jnp.stack([state.total, state.ply]).astype(jnp.float32)

    def _state(self, total: Array, ply: Array) -> CountState:
        done = ply >= self.max_plies
        winners = np.array(self.teams or range(self.num_players)) == 0
        rewards = jnp.where(done & (total % 2 == 1), 1.0, 0.0) * jnp.asarray(winners, jnp.float32)
        return CountState(
            total, ply, (ply % self.num_players).astype(jnp.int32), jnp.ones(2, bool), rewards, done
        )


@pytree
class BidState:
    """Position of `Bid`."""

    bids: Array
    """`(4,)` int32: what each player said, 0 before."""
    ply: Array
    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array


@dataclass(frozen=True)
class Bid(GameDefaults):
    """Two teams of two say 0, 1 or 2 once each; the team that said more wins 1 of the other, each player."""

    num_players = 4
    teams: tuple[int, ...] = (0, 1, 1, 0)

    num_actions = 3
    max_plies = 4

    def init(self, key: Array | None = None) -> BidState:
        """Nobody has said anything."""
        return self._state(jnp.zeros((4,), jnp.int32), jnp.int32(0))

    def step(self, state: BidState, action: Array) -> BidState:
        """Say it."""
        return self._state(state.bids.at[state.ply].set(action.astype(jnp.int32)), state.ply + 1)

    def observe(self, state: BidState, player: Array | None = None) -> Array:
        """`(5,)` float32."""
        return jnp.append(state.bids, state.ply).astype(jnp.float32)

    def _state(self, bids: Array, ply: Array) -> BidState:
        done, side = ply >= 4, 1.0 - 2.0 * np.array(self.teams)
        lead = jnp.where(done, jnp.sign((bids * side).sum()), 0.0)
        player = jnp.where(done, 0, ply).astype(jnp.int32)
        return BidState(bids, ply, player, jnp.ones(3, bool), (lead * side).astype(jnp.float32), done)


class Played(NamedTuple):
    """What became of T plies of M matches; NumPy arrays `(T, M)`.

    Attributes:
        side: of the learner.
        mine: the learner is to move.
        moved: somebody did.
        ended: the game was over then.
        began: the row of the game's first ply; -1: before the record.
    """

    side: Any
    mine: Any
    moved: Any
    ended: Any
    began: Any


def read_lanes(game: Any, before: MatchState, moves: Any, after: MatchState) -> Played:
    """Who moved, from positions alone: a move changes them, and waiting does not."""
    plies, matches = moves.player.shape
    ended = moves.terminated | moves.truncated
    side, began = np.zeros((plies, matches), int), np.zeros((plies, matches), int)
    lanes: Any = before.lanes
    side[0], began[0] = lanes.side, np.where(before.episodes.ply == 0, 0, -1)
    for row in range(1, plies):
        side[row] = np.where(ended[row - 1], 1 - side[row - 1], side[row - 1])
        began[row] = np.where(ended[row - 1], row, began[row - 1])
    names = set(vars(moves.state)) - {"legal_action_mask", "rewards"}
    changed = np.zeros((plies, matches), bool)
    for name in names:
        record, last = getattr(moves.state, name), getattr(after.episodes.state, name)
        different = record != np.concatenate([record[1:], last[None]])
        changed |= different.reshape(plies, matches, -1).any(-1)
    mine = np.asarray(sides_of(game))[moves.player] == side
    return Played(side, mine, changed | ended, ended, began)


def earned_by_game(game: Any, moves: Any, played: Played, start: Any) -> dict[tuple[int, int], Any]:
    """`(2,)` what each side earned in the games that ended, by the row of the end and the match.

    `start` `(M, V)` is what they had earned before the record, as rewards are recorded.
    """
    scale = max(abs(game.min_return), abs(game.max_return))
    sides = sides_of(game)
    found, total = {}, np.array(start)
    for row in range(len(moves.player)):
        total = total + moves.rewards[row]
        for match in np.flatnonzero(played.ended[row]):
            own = total[match] * scale
            both = [own[0], -own[0]] if scalar_value(game) else [own[sides == s].mean() for s in range(2)]
            found[row, int(match)] = np.array(both)
            total[match] = 0.0
    return found
