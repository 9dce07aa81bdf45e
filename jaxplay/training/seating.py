"""Who meets whom in lanes: new opponents where a period is over, and the parameters of all who play."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Params
from jaxplay.league import League, LeagueState, Population, pairs_for_referees, sample_in_turn, take
from jaxplay.rollout import LaneState, MatchState, Periods, due, renew
from jaxplay.shards import Shards
from jaxplay.struct import replace


def first_seats(
    league: League, state: LeagueState, index: int, matches: MatchState, shards: Shards, key: Array
) -> MatchState:
    """Matches of the first step, with a leading axis of shards; see `sample_players`."""
    assert matches.lanes is not None
    every = jnp.ones_like(matches.lanes.player, bool)
    probs = league.opponents(state)
    players = sample_players(league, state, probs, index, matches.lanes, every, shards, key, key)
    player, opponent = players
    sampled = matches.lanes.sampled + player.shape[1]
    return replace(matches, lanes=replace(matches.lanes, player=player, opponent=opponent, sampled=sampled))


def next_seats(
    league: League,
    state: LeagueState,
    matches: Sequence[MatchState],
    periods: Periods,
    shards: Shards,
    start: Array,
    key: Array,
) -> list[MatchState]:
    """All matches, with new players in the lanes whose period is over; `start` is the run's key."""
    found, probs = [], league.opponents(state)
    for index, each in enumerate(matches):
        assert each.lanes is not None
        over = due(each.lanes, periods)
        keys = jax.random.fold_in(start, index), jax.random.fold_in(key, index)
        player, opponent = sample_players(league, state, probs, index, each.lanes, over, shards, *keys)
        found.append(replace(each, lanes=jax.vmap(renew)(each.lanes, player, opponent, over)))
    return found


def sample_players(
    league: League,
    state: LeagueState,
    probs: Array,
    index: int,
    lanes: LaneState,
    over: Array,
    shards: Shards,
    start: Array,
    key: Array,
) -> tuple[Array, Array]:
    """`(S, K)` players and opponents for all lanes; those that are `over` `(S, K)` use up samples.

    A learner's opponents, by its row of `probs` `(L, N)`, follow each other in turn from the random number
    of `start`; referees take the pairs that have met least, equal ones in an order by `key`.
    """
    if index >= probs.shape[0]:
        facts, num = league.standings(state), lanes.player.shape[1]
        pairs = jax.vmap(lambda k: pairs_for_referees(k, facts, num))(shards.keys(key))
        return pairs[..., 0], pairs[..., 1]
    begin = jax.vmap(lambda k: jax.random.bits(k, (), jnp.uint32))(shards.keys(start))
    number = lanes.sampled[:, None] + jnp.cumsum(over, axis=1) - over
    opponent = sample_in_turn(probs[index], begin[:, None], number.astype(jnp.int32))
    return jnp.full_like(opponent, index), opponent


def params_of(population: Population, live: Sequence[Params], index: Array) -> Params:
    """Stacked parameters of players `(K,)`: one copy for each lane, however many players there are.

    Args:
        population: the frozen players.
        live: parameters of the learners; none where no learner is anybody's opponent.
        index: `(K,)` int32, learners first.
    """
    learners = max(len(live), 1)
    frozen = take(population, jnp.maximum(index - learners, 0))

    def choose(slots: Array, *own: Array) -> Array:
        now = jnp.stack(own)[jnp.minimum(index, learners - 1)]
        return jnp.where((index < learners).reshape(-1, *[1] * (slots.ndim - 1)), now, slots)

    return jax.tree.map(choose, frozen, *live) if live else frozen
