"""Lanes: matches of a learner against others, in groups that share one opponent for a period.

M matches lie in K lanes of M / K. All matches of a lane have the same two players: a learner, and an
opponent that stays for a period. The learner's seat changes with every game of a match. Where the opponent
is the learner itself, both seats are its own. Matches that a learner plays with itself outside lanes come
before the M of which this file speaks, and have nothing here.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.game import Game
from jaxplay.rollout.sides import side_returns
from jaxplay.struct import pytree, replace

NEVER = 2**30
"""Plies: older than any period."""


class Periods(NamedTuple):
    """How long opponents stay, in plies.

    Attributes:
        period: that a lane keeps its opponent.
        horizon: in which a game that begins ends for certain, at most a period. A game that begins later than
            this before the end of its lane's period does not count, because only short games of its kind
            would end in time.
    """

    period: int
    horizon: int


@pytree
class LaneState:
    """Who meets whom in M matches of K lanes; those of lane k are the k-th M / K.

    Attributes:
        side: `(M,)` int32, 0 or 1: where the learner sits.
        waited: `(M,)` int32, plies since the last move.
        counts: `(M,)` bool: the game began so early in its lane's period that it ends there for certain.
        player: `(K,)` int32, who sits on the learner's side.
        opponent: `(K,)` int32, who sits on the other one.
        age: `(K,)` int32, plies since the period began.
        sampled: `()` int32, how many opponents were sampled.
        potential: `(M, V)` float32, Phi of the position for the learner (`jaxplay.search.Signal`), fixed
            frame; None where nobody learns differences to it.
    """

    side: Array
    waited: Array
    counts: Array
    player: Array
    opponent: Array
    age: Array
    sampled: Array
    potential: Array | None = None


class Results(NamedTuple):
    """Games that count, by lane and by the seat of the learner; float32.

    Attributes:
        games: `(K, 2)`, that ended.
        own: `(K, 2, 2)`: wins of the learner, who earned more, and sums of what it earned.
        other: the same of its opponent.
    """

    games: Array
    own: Array
    other: Array


def first_lanes(num_lanes: int, num_matches: int, num_plies: int, periods: Periods) -> LaneState:
    """Lanes in which player 0 meets itself; their periods end in rotation.

    Args:
        num_lanes: K.
        num_matches: M.
        num_plies: of one call of the rollout, between two of which opponents may change.
        periods: how long opponents stay.
    """
    calls = max(periods.period // num_plies, 1)
    age = jnp.array([lane * calls // num_lanes * num_plies for lane in range(num_lanes)], jnp.int32)
    nobody, zero = jnp.zeros((num_lanes,), jnp.int32), jnp.zeros((num_matches,), jnp.int32)
    side = jnp.arange(num_matches, dtype=jnp.int32) % 2
    counts = to_matches(age + periods.horizon <= periods.period, num_matches)
    return LaneState(side, zero, counts, nobody, nobody, age, jnp.int32(0))


def to_matches(lanes: Array, num_matches: int) -> Array:
    """`(K,)` to `(M,)`."""
    return jnp.repeat(lanes, num_matches // lanes.shape[0], total_repeat_length=num_matches)


def due(lanes: LaneState, periods: Periods) -> Array:
    """`(K,)` bool: lanes whose period is over."""
    return lanes.age >= periods.period


def renew(lanes: LaneState, player: Array, opponent: Array, over: Array) -> LaneState:
    """Begin a period with other players `(K,)` where it is `over` `(K,)`; games under way do not count."""
    return replace(
        lanes,
        player=jnp.where(over, player, lanes.player).astype(jnp.int32),
        opponent=jnp.where(over, opponent, lanes.opponent).astype(jnp.int32),
        age=jnp.where(over, 0, lanes.age),
        counts=lanes.counts & to_matches(~over, lanes.counts.shape[0]),
        sampled=lanes.sampled + over.sum(dtype=jnp.int32),
    )


def expire(lanes: LaneState, changed: Array) -> LaneState:
    """End the periods of lanes one of whose players, `changed` `(N,)` bool, is another one now."""
    over = changed[lanes.player] | changed[lanes.opponent]
    return replace(lanes, age=jnp.where(over, NEVER, lanes.age))


def after_ply(lanes: LaneState, periods: Periods, moved: Array, ended: Array) -> LaneState:
    """The lanes after a ply in which matches `moved` and games `ended`, `(M,)` bool each."""
    age = lanes.age + 1
    begins = to_matches(age + periods.horizon <= periods.period, ended.shape[0])
    return replace(
        lanes,
        side=jnp.where(ended, 1 - lanes.side, lanes.side),
        waited=jnp.where(moved, 0, lanes.waited + 1),
        counts=jnp.where(ended, begins, lanes.counts),
        age=age,
    )


def lane_results(game: Game[Any], lanes: LaneState, returns: Array, ended: Array) -> Results:
    """Of the games that `ended` `(M,)` with `returns` `(M, V)` in all, fixed frame."""
    by_side = side_returns(game, returns)
    own = jnp.where(lanes.side == 0, by_side[:, 0], by_side[:, 1])
    other = jnp.where(lanes.side == 0, by_side[:, 1], by_side[:, 0])
    seat = jax.nn.one_hot(lanes.side, 2) * (ended & lanes.counts)[:, None]

    def total(facts: Array) -> Array:
        each = facts[:, None] * seat.reshape(*seat.shape, *[1] * (facts.ndim - 1))
        return each.reshape(lanes.player.shape[0], -1, 2, *facts.shape[1:]).sum(1)

    def of(points: Array, others: Array) -> Array:
        return total(jnp.stack([(points > others).astype(jnp.float32), points], axis=-1))

    return Results(total(jnp.ones_like(own)), of(own, other), of(other, own))
