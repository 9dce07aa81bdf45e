"""A league as one step: all learners play and learn, games are counted, players are frozen and start anew."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.config import LeagueConfig, TrainingConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import Params
from jaxplay.game import Game
from jaxplay.league import (
    Changes,
    League,
    LeagueState,
    Payoff,
    Population,
    make_league,
    pairs_for_referees,
    sample_in_turn,
    take,
    tally_lanes,
)
from jaxplay.learners import Learner, LearnerState, hoped_for
from jaxplay.rollout import Trajectory
from jaxplay.selfplay import LanePlay, Lanes, Played, due, expire, renew, sides_of, summary
from jaxplay.shards import Shards
from jaxplay.struct import replace
from jaxplay.training.members import (
    Member,
    matchmakers_of_members,
    members,
    minimax_of_member,
    own_params,
    period_of,
    play_of_member,
    play_of_referees,
    program_key,
    role_of_member,
)
from jaxplay.training.parts import make_game, make_learner, make_network
from jaxplay.training.state import Metrics, Training, TrainState

CANDIDATES = 3
"""Half of the positions in a learner's memory, or a little less, are its opponents'."""


class Parts(NamedTuple):
    """What a league is made of.

    Attributes:
        game: that is played.
        members: its L learners.
        learners: how each learns.
        plays: how each plays; after them the referees, if there are any.
        groups: indices of those who play by the same rules.
        league: the rules.
        period: plies that a lane keeps its opponent.
        shards: how matches are divided.
    """

    game: Game[Any]
    members: list[Member]
    learners: list[Learner]
    plays: list[LanePlay]
    groups: list[list[int]]
    league: League
    period: int
    shards: Shards


def league_training(config: TrainingConfig, league: LeagueConfig, shards: Shards | None = None) -> Training:
    """Training of a league; see `jaxplay.training.make_training`."""
    parts, init_params = _make_parts(config, league, shards or Shards(config.num_shards))

    def init(key: Array) -> TrainState:
        key_match, key_learner, key_run = jax.random.split(key, 3)
        params = init_params(key_learner)
        state = parts.league.init(params)
        matches = tuple(
            _first_lanes(parts, i, state, jax.random.fold_in(key_match, i)) for i in range(len(parts.plays))
        )
        learners = tuple(
            learner.init(key_learner, _example(member, play, params, lanes))
            for learner, member, play, lanes in zip(
                parts.learners, parts.members, parts.plays, matches, strict=False
            )
        )
        return TrainState(learners, matches, state, key_run, jnp.int32(0))

    def step(state: TrainState) -> tuple[TrainState, Metrics]:
        assert state.league is not None
        key = jax.random.fold_in(state.key, state.step)
        key_draw, key_play, key_learn, key_league = jax.random.split(key, 4)
        live = [learner.ema for learner in state.learners]
        played = _play_all(parts, state, live, _redraw(parts, state, state.league, key_draw), key_play)
        updated = [
            learner.update(state.learners[i], played[i].moves, jax.random.fold_in(key_learn, i))
            for i, learner in enumerate(parts.learners)
        ]
        fresh = jax.tree.map(lambda *each: sum(each), *[one.payoff for one in played])
        now = [learner.ema for learner, _ in updated]
        league_state, changes = parts.league.advance(state.league, fresh, now, key_league)
        learners = tuple(
            _restarted(parts.learners[i], learner, league_state, changes, i)
            for i, (learner, _) in enumerate(updated)
        )
        changed = _changed(changes, fresh.games.shape[0])
        matches = tuple(jax.vmap(expire, (0, None))(one.lanes, changed) for one in played)
        state = TrainState(learners, matches, league_state, state.key, state.step + 1)
        return state, _metrics(parts, played, [found for _, found in updated], state, changes)

    return Training(init, step)


class Matches(NamedTuple):
    """What a step's matches of one learner (or of the referees) came to.

    Attributes:
        lanes: leading axis of shards.
        moves: leading axis of shards.
        totals: sums over all shards.
        payoff: the games of this step, of all shards.
    """

    lanes: Lanes
    moves: Trajectory
    totals: dict[str, Array]
    payoff: Payoff


def _make_parts(config: TrainingConfig, league: LeagueConfig, shards: Shards) -> tuple[Parts, Any]:
    """The parts, and the function that makes the first parameters."""
    game = make_game(config)
    if not game.perfect_information:
        raise UserError(f"{config.game} has hidden information; tree search cannot learn it")
    sides_of(game)
    network, found = make_network(config.network, game), members(config, league)
    plays = [play_of_member(member, league, game, network, shards) for member in found]
    if league.referees.matches:
        plays.append(play_of_referees(config, league, game, network, shards))
    learners = [
        make_learner(
            member.training,
            game,
            network,
            shards,
            minimax=minimax_of_member(member.rules),
            candidates=CANDIDATES,
        )
        for member in found
    ]
    roles = [role_of_member(member) for member in found]
    rules = make_league(roles, matchmakers_of_members(found, league), league.slots, decay=league.decay)
    groups: dict[Any, list[int]] = {}
    for index, member in enumerate(found):
        groups.setdefault(program_key(member), []).append(index)
    groups |= {index: [index] for index in range(len(found), len(plays))}
    period = period_of(league, game)
    return Parts(game, found, learners, plays, [*groups.values()], rules, period, shards), network.init


def _first_lanes(parts: Parts, index: int, league: LeagueState, key: Array) -> Lanes:
    """Lanes of the first step, with a leading axis of shards."""
    play, keys = parts.plays[index], parts.shards.keys(key)
    nobody = jnp.zeros((play.num_lanes,), jnp.int32)
    lanes = jax.vmap(lambda k: play.init(k, nobody, nobody))(keys)
    every = jnp.ones_like(lanes.player, bool)
    player, opponent = _draw(parts, index, league, parts.league.opponents(league), lanes, every, key, key)
    return replace(lanes, player=player, opponent=opponent, drawn=lanes.drawn + play.num_lanes)


def _redraw(parts: Parts, state: TrainState, league: LeagueState, key: Array) -> list[Lanes]:
    """All lanes, with new players where a period is over."""
    found, probs = [], parts.league.opponents(league)
    for index, lanes in enumerate(state.matches):
        assert isinstance(lanes, Lanes)
        over = due(lanes, parts.period)
        start, own = jax.random.fold_in(state.key, index), jax.random.fold_in(key, index)
        player, opponent = _draw(parts, index, league, probs, lanes, over, start, own)
        found.append(jax.vmap(renew)(lanes, player, opponent, over))
    return found


def _draw(
    parts: Parts,
    index: int,
    league: LeagueState,
    probs: Array,
    lanes: Lanes,
    over: Array,
    start: Array,
    key: Array,
) -> tuple[Array, Array]:
    """`(S, K)` players and opponents for all lanes; those that are `over` `(S, K)` use up draws.

    A learner's opponents, by its row of `probs` `(L, N)`, follow each other in turn from the random number
    of `start`; referees take the pairs that have met least, equal ones in an order by `key`.
    """
    if index >= len(parts.members):
        facts, num = parts.league.standings(league), parts.plays[index].num_lanes
        pairs = jax.vmap(lambda k: pairs_for_referees(k, facts, num))(parts.shards.keys(key))
        return pairs[..., 0], pairs[..., 1]
    begin = jax.vmap(lambda k: jax.random.bits(k, (), jnp.uint32))(parts.shards.keys(start))
    number = lanes.drawn[:, None] + jnp.cumsum(over, axis=1) - over
    opponent = sample_in_turn(probs[index], begin[:, None], number.astype(jnp.int32))
    return jnp.full_like(opponent, index), opponent


def _example(member: Member, play: LanePlay, params: Params, lanes: Lanes) -> Trajectory:
    """Shapes of the moves of one shard."""
    own = own_params(member, params, jnp.int32(0))
    one = jax.eval_shape(lambda x: jax.tree.map(lambda leaf: leaf[0], x), lanes)
    others = jax.eval_shape(lambda p: jax.tree.map(lambda x: jnp.stack([x] * play.num_lanes), p), params)
    return jax.eval_shape(play.play, own, others, one, jax.random.key(0)).moves


def _play_all(
    parts: Parts, state: TrainState, live: Sequence[Params], lanes: Sequence[Lanes], key: Array
) -> list[Matches]:
    """The matches of all learners, and of the referees; `live` are the parameters of all learners.

    Those who play by the same rules run one after the other through one program, which saves its compilation.
    """
    assert state.league is not None
    people = state.league.population

    def own(index: int) -> Params:
        if index >= len(parts.members):
            return ()
        return own_params(parts.members[index], live[index], state.learners[index].in_generation)

    found: dict[int, Matches] = {}
    for group in parts.groups:
        parties = [(own(i), lanes[i], jax.random.fold_in(key, i)) for i in group]

        def play(party: Any, first: int = group[0]) -> Matches:
            return _play(parts, first, people, live, *party)

        if len(group) == 1:
            found[group[0]] = play(parties[0])
        else:
            together = jax.lax.map(play, jax.tree.map(lambda *each: jnp.stack(each), *parties))
            for place, index in enumerate(group):
                found[index] = jax.tree.map(lambda leaf, at=place: leaf[at], together)
    return [found[index] for index in range(len(parts.plays))]


def _play(
    parts: Parts,
    index: int,
    people: Population,
    live: Sequence[Params],
    own: Params,
    lanes: Lanes,
    key: Array,
) -> Matches:
    """The matches of one learner with parameters `own`, or of the referees."""
    referees = index >= len(parts.members)

    def one_shard(lanes: Lanes, key: Array) -> tuple[Played, Payoff]:
        others = _players(people, live, lanes.opponent)
        first = _players(people, live, lanes.player) if referees else own
        played = parts.plays[index].play(first, others, lanes, key)
        number = len(live) + people.present.shape[0]
        return played, tally_lanes(number, lanes.player, lanes.opponent, *played.results)

    played, payoff = parts.shards.map(one_shard, lanes, parts.shards.keys(key))
    moves = played.moves
    if not referees and parts.members[index].rules.minimax.form == "target":
        moves = hoped_for(parts.game, moves, *played.thoughts)
    return Matches(played.lanes, moves, parts.shards.sum(played.totals), parts.shards.sum(payoff))


def _players(population: Population, live: Sequence[Params], index: Array) -> Params:
    """Stacked parameters of players `(K,)`: one copy for each lane, however many players there are."""
    learners = len(live)
    frozen = take(population, jnp.maximum(index - learners, 0))

    def choose(slots: Array, *own: Array) -> Array:
        now = jnp.stack(own)[jnp.minimum(index, learners - 1)]
        return jnp.where((index < learners).reshape(-1, *[1] * (slots.ndim - 1)), now, slots)

    return jax.tree.map(choose, frozen, *live)


def _restarted(
    learner: Learner, state: LearnerState, league: LeagueState, changes: Changes, index: int
) -> LearnerState:
    """A learner that begins a generation where it was frozen, and starts anew where the league says so."""
    frozen = changes.slot[index] < league.population.present.shape[0]
    state = replace(state, began=jnp.where(frozen, state.updates, state.began))

    def anew(state: LearnerState) -> LearnerState:
        return learner.restart(state, take(league.population, changes.source[index]))

    return jax.lax.cond(changes.reset[index], anew, lambda state: state, state)


def _changed(changes: Changes, num_players: int) -> Array:
    """`(N,)` bool: players who are others than before the step."""
    learners = changes.slot.shape[0]
    changed = jnp.zeros((num_players,), bool).at[:learners].set(changes.reset)
    return changed.at[learners + changes.slot].set(True, mode="drop")


def _metrics(
    parts: Parts, played: list[Matches], learned: list[Metrics], state: TrainState, changes: Changes
) -> Metrics:
    """Of all play together, of the first learner by itself, of the others with their names in front."""
    totals = jax.tree.map(lambda *each: sum(each), *[one.totals for one in played])
    metrics = summary(totals) | {"utilization": totals["positions"] / totals["places"]}
    for member, found, learner in zip(parts.members, learned, state.learners, strict=True):
        own = found | {"updates": learner.updates.astype(jnp.float32)}
        front = "" if member.name == "main" else f"{member.name}."
        metrics |= {front + name: value for name, value in own.items()}
    assert state.league is not None
    slots = state.league.population.present.shape[0]
    metrics["frozen"] = (changes.slot < slots).sum().astype(jnp.float32)
    metrics["resets"] = changes.reset.sum().astype(jnp.float32)
    metrics["players"] = state.league.population.present.sum().astype(jnp.float32)
    return metrics
