"""Lanes: matches of a learner against others, in batches of fixed size and without copies of networks.

M matches lie in K lanes of M / K. All matches of a lane have the same two players: a learner, and an
opponent that stays for a period. At each ply half of a lane's places go to matches in which the learner is
to move, half to those in which its opponent is; who has waited longest goes first, and who finds no place
waits. A match that waited has a place at the next ply for certain, because at most half of a lane can be
left over; so a game takes at most twice as many plies as it has moves.

The learner's seat changes with every game of a match. Where the opponent is the learner itself, both seats
are its own.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.errors import UserError
from jaxplay.evaluator import Params
from jaxplay.game import Game
from jaxplay.perspective import num_values
from jaxplay.rollout import Trajectory
from jaxplay.search import potential_after
from jaxplay.selfplay.draw import ALPHAZERO_TEMPERATURE, Temperature, draw_actions
from jaxplay.selfplay.match import Match, advance, first_match, prepare, restart, select
from jaxplay.selfplay.record import Found, record
from jaxplay.selfplay.sides import Find, side_returns, sides_of
from jaxplay.struct import pytree, replace

NEVER = 2**30
"""Plies: older than any period."""


@pytree
class Lanes:
    """M matches in K lanes; those of lane k are the k-th M / K.

    Attributes:
        match: leaves `(M, ...)`.
        side: `(M,)` int32, 0 or 1: where the learner sits.
        waited: `(M,)` int32, plies since the last move.
        earned: `(M, V)` float32, rewards of the game so far, fixed frame.
        counts: `(M,)` bool: the game began so early in its lane's period that it ends there for certain.
        player: `(K,)` int32, who sits on the learner's side.
        opponent: `(K,)` int32, who sits on the other one.
        age: `(K,)` int32, plies since the period began.
        drawn: `()` int32, how many opponents were drawn.
        potential: `(M, V)` float32, Phi of the position for the learner (`jaxplay.search.Signal`), fixed
            frame; None where nobody learns differences to it.
    """

    match: Match
    side: Array
    waited: Array
    earned: Array
    counts: Array
    player: Array
    opponent: Array
    age: Array
    drawn: Array
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


class Thoughts(NamedTuple):
    """What modelled opponents thought of the moves that were made; leaves `(T, M)`.

    Attributes:
        value: float32, of the position that they faced then, for themselves, scaled.
        replied: bool, whether they were to move there; nothing is known elsewhere.
    """

    value: Array
    replied: Array


class Played(NamedTuple):
    """What a call of play came to.

    Attributes:
        lanes: afterwards.
        moves: leaves `(T, M)`. Those of weight 0 are the opponents', or repeat a position that waited.
        totals: sums for `jaxplay.selfplay.summary`, and how many `places` there were.
        results: of games that count.
        thoughts: None where opponents are not modelled.
    """

    lanes: Lanes
    moves: Trajectory
    totals: dict[str, Array]
    results: Results
    thoughts: Thoughts | None


class LanePlay(NamedTuple):
    """Play in lanes.

    Attributes:
        init: `key, player (K,), opponent (K,) -> Lanes`.
        play: `params of the learner, of the opponents (stacked, (K, ...)), Lanes, key -> Played`.
        num_lanes: K.
    """

    init: Callable[[Array, Array, Array], Lanes]
    play: Callable[[Params, Params, Lanes, Array], Played]
    num_lanes: int


class Rules(NamedTuple):
    """The arguments of `lane_play`."""

    game: Game[Any]
    find: Find
    num_lanes: int
    num_matches: int
    temperature: Temperature
    max_opening_plies: int
    period: int
    horizon: int
    endings: bool
    potential: bool


class Ply(NamedTuple):
    """What came of one ply. Leaves are of M matches, or sums over them."""

    moves: Trajectory
    moved: Array
    depth: Array
    results: Results
    thoughts: Thoughts | None


def lane_play(
    game: Game[Any],
    find: Find,
    *,
    num_lanes: int,
    num_matches: int,
    num_plies: int,
    period: int,
    horizon: int = 0,
    temperature: Temperature = ALPHAZERO_TEMPERATURE,
    max_opening_plies: int = 0,
    endings: bool = False,
    potential: bool = False,
) -> LanePlay:
    """Play of `num_matches` games at a time, `num_plies` plies at a call.

    Args:
        game: of two sides.
        find: how moves are found, see `jaxplay.selfplay.sides`.
        num_lanes: K.
        num_matches: M, an even number in each lane.
        num_plies: T.
        period: plies that an opponent stays, see `due`.
        horizon: plies in which a game ends for certain; 0: twice `game.max_plies`. With less, long games
            count less often than short ones.
        temperature: see `jaxplay.selfplay.selfplay`, as the next two.
        max_opening_plies: see there.
        endings: see there.
        potential: record the potential of each position (`jaxplay.search.Signal`); opponents are modelled.

    Raises:
        UserError: the game has not two sides, or the sizes do not fit.
    """
    sides_of(game)
    if num_matches % (2 * num_lanes):
        raise UserError(f"{num_matches} matches in {num_lanes} lanes: allowed: an even number in each lane")
    horizon = horizon or 2 * game.max_plies
    if period < horizon:
        raise UserError(f"a period of {period} plies: allowed: {horizon} or more, in which a game ends")
    rules = Rules(
        game,
        find,
        num_lanes,
        num_matches,
        temperature,
        max_opening_plies,
        period,
        horizon,
        endings,
        potential,
    )

    def init(key: Array, player: Array, opponent: Array) -> Lanes:
        zero = jnp.zeros((num_matches,), jnp.int32)
        return Lanes(
            match=first_match(game, num_matches, max_opening_plies, key),
            side=jnp.arange(num_matches, dtype=jnp.int32) % 2,
            waited=zero,
            earned=jnp.zeros((num_matches, num_values(game)), jnp.float32),
            counts=_counting(rules, _stagger(rules, num_plies)),
            player=player.astype(jnp.int32),
            opponent=opponent.astype(jnp.int32),
            age=_stagger(rules, num_plies),
            drawn=jnp.int32(0),
            potential=jnp.zeros((num_matches, num_values(game)), jnp.float32) if potential else None,
        )

    def play(params: Params, others: Params, lanes: Lanes, key: Array) -> Played:
        keys = jax.random.split(key, num_plies)
        lanes, plies = jax.lax.scan(lambda one, k: _ply(rules, params, others, one, k), lanes, keys)
        results = jax.tree.map(lambda x: x.sum(0), plies.results)
        return Played(lanes, plies.moves, _totals(plies), results, plies.thoughts)

    return LanePlay(init, play, num_lanes)


def due(lanes: Lanes, period: int) -> Array:
    """`(K,)` bool: lanes whose period is over."""
    return lanes.age >= period


def renew(lanes: Lanes, player: Array, opponent: Array, over: Array) -> Lanes:
    """Begin a period with other players `(K,)` where it is `over` `(K,)`; games under way do not count."""
    each = over.shape[0]
    kept = jnp.repeat(~over, lanes.counts.shape[0] // each, total_repeat_length=lanes.counts.shape[0])
    return replace(
        lanes,
        player=jnp.where(over, player, lanes.player).astype(jnp.int32),
        opponent=jnp.where(over, opponent, lanes.opponent).astype(jnp.int32),
        age=jnp.where(over, 0, lanes.age),
        counts=lanes.counts & kept,
        drawn=lanes.drawn + over.sum(dtype=jnp.int32),
    )


def expire(lanes: Lanes, changed: Array) -> Lanes:
    """End the periods of lanes one of whose players, `changed` `(N,)` bool, is another one now."""
    over = changed[lanes.player] | changed[lanes.opponent]
    return replace(lanes, age=jnp.where(over, NEVER, lanes.age))


def _stagger(rules: Rules, num_plies: int) -> Array:
    """`(K,)`: ages at the start, so that the periods of the lanes end in rotation."""
    calls, lanes = max(rules.period // num_plies, 1), rules.num_lanes
    return jnp.array([lane * calls // lanes * num_plies for lane in range(lanes)], jnp.int32)


def _counting(rules: Rules, age: Array) -> Array:
    """`(M,)` bool: whether games that begin now, at `age` `(K,)` of their lanes, will count."""
    return _to_matches(rules, age + rules.horizon <= rules.period)


def _to_matches(rules: Rules, lanes: Array) -> Array:
    """`(K,)` to `(M,)`."""
    return jnp.repeat(lanes, rules.num_matches // rules.num_lanes, total_repeat_length=rules.num_matches)


def _arrange(rules: Rules, mine: Array, waited: Array) -> tuple[Array, Array]:
    """Places for all matches: `(M,)` match at each place, and `(M,)` place of each match.

    The first M / 2 places are the learner's, the others its opponents', lane by lane. Sorted with the
    learner's longest waiting first and the opponents' longest waiting last, the two halves of a lane hold
    those who move, and where one side has too few, some of the other side that do not.
    """
    lanes, each = rules.num_lanes, rules.num_matches // rules.num_lanes
    rank = jnp.where(mine, -1 - waited, waited).reshape(lanes, each)
    order = jnp.argsort(rank, axis=1, stable=True) + each * jnp.arange(lanes)[:, None]
    match = order.reshape(lanes, 2, each // 2).swapaxes(0, 1).reshape(-1)
    numbers = jnp.arange(rules.num_matches, dtype=jnp.int32)
    place = jnp.zeros_like(numbers).at[match].set(numbers, unique_indices=True)
    return match, place


def _ply(rules: Rules, params: Params, others: Params, lanes: Lanes, key: Array) -> tuple[Lanes, Ply]:
    """One ply of every match that finds a place."""
    game, match = rules.game, lanes.match
    key_search, key_draw, key_chance, key_open, key_begin = jax.random.split(key, 5)
    mine = jnp.asarray(sides_of(game))[match.state.current_player] == lanes.side
    order, place = _arrange(rules, mine, lanes.waited)
    moved = (place < rules.num_matches // 2) == mine
    placed = jax.tree.map(lambda leaf: leaf[order], match.state)
    found = jax.tree.map(lambda leaf: leaf[place], rules.find(params, others, key_search, placed))
    action, log_prob = draw_actions(rules.temperature, found, match.ply, key_draw)
    after = advance(game, match.state, action, key_chance)
    moves = _record(rules, lanes, found, action, log_prob, after, moved, mine)
    thoughts = _thoughts(game, found, action, match.state, after, moved)
    depth = jnp.where(moved, found.depth, 0.0).sum()
    match = replace(match, state=select(moved, after, match.state), ply=match.ply + moved)
    if rules.max_opening_plies > 0:
        match = prepare(game, match, key_open)
    ended = moves.terminated | moves.truncated
    match = restart(game, match, ended, rules.max_opening_plies, key_begin)
    earned = lanes.earned + moves.rewards
    results = _results(rules, lanes, earned, ended)
    lanes = replace(lanes, age=lanes.age + 1)
    begins = _counting(rules, lanes.age)
    lanes = _follow_potential(rules, lanes, thoughts, moves.player, mine, ended)
    lanes = replace(
        lanes,
        match=match,
        side=jnp.where(ended, 1 - lanes.side, lanes.side),
        waited=jnp.where(moved, 0, lanes.waited + 1),
        earned=jnp.where(ended[:, None], 0.0, earned),
        counts=jnp.where(ended, begins, lanes.counts),
    )
    return lanes, Ply(moves, moved, depth, results, thoughts)


def _record(
    rules: Rules,
    lanes: Lanes,
    found: Found,
    action: Array,
    log_prob: Array,
    after: Any,
    moved: Array,
    mine: Array,
) -> Trajectory:
    """Trajectory of one ply; nothing happens in matches that wait, and what opponents play is not learned.

    What their positions come to is, as searches value them too; but not where they model the opponents, which
    leaves them positions of their own only.
    """
    moves = record(rules.game, lanes.match, found, action, log_prob, after, rules.endings)
    self_play = _to_matches(rules, lanes.player == lanes.opponent)
    weight = (moved & (mine | self_play)).astype(jnp.float32)
    return replace(
        moves,
        rewards=jnp.where(moved[:, None], moves.rewards, 0.0),
        terminated=moves.terminated & moved,
        truncated=moves.truncated & moved,
        policy_weight=weight,
        value_weight=moved.astype(jnp.float32) if found.opponent_value is None else weight,
        potential=lanes.potential,
    )


def _thoughts(
    game: Game[Any], found: Found, action: Array, before: Any, after: Any, moved: Array
) -> Thoughts | None:
    """What the opponents thought of the moves; where chance is between a move and the reply, nothing."""
    if found.opponent_value is None or found.opponent_known is None:
        return None
    value = jnp.take_along_axis(found.opponent_value, action[:, None], axis=-1)[:, 0]
    # A draw with a temperature may make a move that the search did not visit: nobody was asked there.
    known = jnp.take_along_axis(found.opponent_known, action[:, None], axis=-1)[:, 0]
    replied = moved & known & (after.current_player != before.current_player) & ~after.terminated
    return Thoughts(value, replied & (game.num_chance_outcomes == 0))


def _follow_potential(
    rules: Rules, lanes: Lanes, thoughts: Thoughts | None, player: Array, mine: Array, ended: Array
) -> Lanes:
    """The potential behind the moves of the learners; 0 where a game begins."""
    if lanes.potential is None:
        return lanes
    assert thoughts is not None
    replied = thoughts.replied & mine
    after = potential_after(rules.game, lanes.potential, thoughts.value, replied, player)
    return replace(lanes, potential=jnp.where(ended[:, None], 0.0, after))


def _results(rules: Rules, lanes: Lanes, earned: Array, ended: Array) -> Results:
    """Of the games that `ended` `(M,)` with `earned` `(M, V)` in all."""
    returns = side_returns(rules.game, earned)
    own = jnp.where(lanes.side == 0, returns[:, 0], returns[:, 1])
    other = jnp.where(lanes.side == 0, returns[:, 1], returns[:, 0])
    seat = jax.nn.one_hot(lanes.side, 2) * (ended & lanes.counts)[:, None]

    def total(facts: Array) -> Array:
        each = facts[:, None] * seat.reshape(*seat.shape, *[1] * (facts.ndim - 1))
        return each.reshape(rules.num_lanes, -1, 2, *facts.shape[1:]).sum(1)

    def of(points: Array, others: Array) -> Array:
        return total(jnp.stack([(points > others).astype(jnp.float32), points], axis=-1))

    return Results(total(jnp.ones_like(own)), of(own, other), of(other, own))


def _totals(plies: Ply) -> dict[str, Array]:
    """Sums over one call, as `jaxplay.selfplay.summary` wants them, and the places that there were."""
    moves = plies.moves
    return {
        "games": (moves.terminated | moves.truncated).sum().astype(jnp.float32),
        "positions": plies.moved.sum().astype(jnp.float32),
        "truncated": moves.truncated.sum().astype(jnp.float32),
        "first_player_rewards": moves.rewards[..., 0].sum(),
        "search_depth": plies.depth.sum(),
        "learned": (moves.policy_weight > 0.0).sum().astype(jnp.float32),
        "places": jnp.float32(plies.moved.size),
    }
