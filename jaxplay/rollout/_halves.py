"""Two sets of parameters in one rollout, in batches of fixed size and without copies of networks.

Some matches, the first ones, are the learner's with itself: it moves in all of them at each ply. The others
lie in lanes. At each ply half of a lane's places go to matches in which the learner is to move, half to those
in which its opponent is; who has waited longest goes first, and who finds no place waits. A match that waited
has a place at the next ply for certain, because at most half of a lane can be left over; so a game takes at
most twice as many plies as it has moves.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.config import SelfPlayConfig
from jaxplay.errors import UserError
from jaxplay.game import Game
from jaxplay.perspective import num_values
from jaxplay.policies import Decision, Policy
from jaxplay.rollout.dispatch import Dispatch, MatchState, Roster, Turn
from jaxplay.rollout.lanes import LaneState, Periods, first_lanes, to_matches
from jaxplay.rollout.sides import sides_of
from jaxplay.search import SearchParams
from jaxplay.struct import replace

Decide = Callable[[Roster, Array, Any, Array], Decision]
"""`Roster, key, states (M, ...), ply (M,) -> Decision`.

The learner is to move in the first states, opponents in as many at the end as half of the lanes have matches,
each in order of the lanes.
"""


def halves(
    game: Game[Any],
    decide: Decide,
    options: SelfPlayConfig,
    periods: Periods,
    *,
    num_lanes: int,
    num_matches: int,
    num_selfplay: int = 0,
    potential: bool = False,
) -> Dispatch:
    """Matches in lanes, the learner's moves in one half of the batch and its opponents' in the other.

    Args:
        game: of two sides.
        decide: `joint` or `paired`.
        options: of the plies of a call, and what lanes have not.
        periods: how long opponents stay.
        num_lanes: K.
        num_matches: M, those outside lanes included; an even number in each lane.
        num_selfplay: matches of the learner with itself, outside lanes.
        potential: record the potential of each position (`jaxplay.search.Signal`); opponents are modelled.

    Raises:
        UserError: the game has not two sides, the sizes do not fit, or an option that lanes do not have.
    """
    side = jnp.asarray(sides_of(game))
    if options.keep_nodes > 0:
        raise UserError(
            f"keep_nodes is {options.keep_nodes}; allowed in lanes: 0, as matches change their places in the"
            " batch at every ply, and kept trees would have to move with them"
        )
    in_lanes = num_matches - num_selfplay
    if in_lanes % (2 * num_lanes):
        raise UserError(f"{in_lanes} matches in {num_lanes} lanes: allowed: an even number in each lane")
    if periods.period < periods.horizon:
        raise UserError(
            f"a period of {periods.period} plies: allowed: {periods.horizon} or more, in which a game ends"
        )

    def lanes() -> LaneState:
        first = first_lanes(num_lanes, in_lanes, options.num_plies, periods)
        nothing = jnp.zeros((in_lanes, num_values(game)), jnp.float32)
        return replace(first, potential=nothing) if potential else first

    def act(roster: Roster, key: Array, matches: MatchState, memory: Any) -> Turn:
        now, episodes = matches.lanes, matches.episodes
        assert now is not None
        mine = side[episodes.state.current_player[num_selfplay:]] == now.side
        order, place = arrange(mine, now.waited, num_lanes)
        moved = _behind(num_selfplay, True, (place < in_lanes // 2) == mine)
        order, place = (_after_others(num_selfplay, each) for each in (order, place))
        placed, plies = jax.tree.map(lambda leaf: leaf[order], (episodes.state, episodes.ply))
        decision = jax.tree.map(
            lambda leaf: leaf[place] if leaf.ndim else leaf, decide(roster, key, placed, plies)
        )
        alone = to_matches(now.player == now.opponent, in_lanes)
        learns = _behind(num_selfplay, True, mine | alone)
        teaches = jnp.ones_like(learns) if decision.opponent_value is None else learns
        return Turn(decision, memory, moved, learns, teaches)

    return Dispatch(act, lanes, lambda roster, states: None, lambda memory, actions, states: memory)


def arrange(mine: Array, waited: Array, num_lanes: int) -> tuple[Array, Array]:
    """Places for all matches: `(M,)` match at each place, and `(M,)` place of each match.

    The first M / 2 places are the learner's, the others its opponents', lane by lane. Sorted with the
    learner's longest waiting first and the opponents' longest waiting last, the two halves of a lane hold
    those who move, and where one side has too few, some of the other side that do not.

    Args:
        mine: `(M,)` bool, the learner is to move.
        waited: `(M,)` int32, plies since the last move.
        num_lanes: K.
    """
    num_matches = mine.shape[0]
    each = num_matches // num_lanes
    rank = jnp.where(mine, -1 - waited, waited).reshape(num_lanes, each)
    order = jnp.argsort(rank, axis=1, stable=True) + each * jnp.arange(num_lanes)[:, None]
    match = order.reshape(num_lanes, 2, each // 2).swapaxes(0, 1).reshape(-1)
    numbers = jnp.arange(num_matches, dtype=jnp.int32)
    place = jnp.zeros_like(numbers).at[match].set(numbers, unique_indices=True)
    return match, place


def _behind(number: int, value: bool, leaf: Array) -> Array:
    """`leaf` behind so many times `value`."""
    return jnp.concatenate([jnp.full((number,), value), leaf]) if number else leaf


def _after_others(number: int, places: Array) -> Array:
    """Places behind so many others, which keep theirs."""
    return jnp.concatenate([jnp.arange(number, dtype=places.dtype), number + places]) if number else places


def joint(policy: Policy) -> Decide:
    """One policy for both sides, whose parameters are the roster (`jaxplay.rollout.by_halves`)."""

    def decide(roster: Roster, key: Array, states: Any, ply: Array) -> Decision:
        return policy.act(roster, key, states, ply, None)[0]

    return decide


def paired(
    own: Policy, theirs: Policy, *, num_own: int | None = None, models_opponent: bool = False
) -> Decide:
    """A policy for each side.

    Args:
        own: the learner's.
        theirs: the opponents', by their stacked parameters.
        num_own: how many of the states are the learner's; None: half of them.
        models_opponent: the learner's takes `SearchParams`, with the opponents' parameters and the weight of
            a signal.
    """

    def decide(roster: Roster, key: Array, states: Any, ply: Array) -> Decision:
        half = ply.shape[0] // 2 if num_own is None else num_own
        key_own, key_theirs = jax.random.split(key)
        params = roster.own
        if models_opponent:
            params = SearchParams(roster.own, roster.others, roster.signal_weight)
        first = jax.tree.map(lambda leaf: leaf[:half], states)
        second = jax.tree.map(lambda leaf: leaf[half:], states)
        mine, _ = own.act(params, key_own, first, ply[:half], None)
        other, _ = theirs.act(roster.others, key_theirs, second, ply[half:], None)
        return _joined(_whole(mine, half), _whole(other, ply.shape[0] - half))

    return decide


def _whole(decision: Decision, num: int) -> Decision:
    """With a weight for each position."""
    return decision._replace(policy_weight=jnp.broadcast_to(decision.policy_weight, (num,)))


def _joined(mine: Decision, other: Decision) -> Decision:
    """Both halves as one; of opponents' own opponents nothing is known."""
    if mine.opponent_value is not None:
        nothing = jnp.zeros_like(mine.opponent_value)
        other = other._replace(opponent_value=nothing, opponent_known=nothing.astype(bool))
    return jax.tree.map(lambda a, b: jnp.concatenate([a, b]), mine, other)
