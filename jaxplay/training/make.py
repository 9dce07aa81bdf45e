"""`make_training`: self-play, a league or an exploiter, composed into one step.

A step seats the matches, rolls them out, updates the learners, and advances the league. Plain self-play is a
league of one learner without frozen players; an exploiter is a league of one learner and one frozen player
who never changes.
"""

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array

from jaxplay.config import LeagueConfig, RefereeConfig, TrainingConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import Network, Params
from jaxplay.game import Game, make
from jaxplay.league import (
    Changes,
    League,
    LeagueState,
    Payoff,
    fixed_league,
    make_league,
    make_matchmakers,
    role_of,
    take,
    tally_lanes,
)
from jaxplay.learners import Learner, LearnerState, Prefer, Setting, build_learner, by_preference
from jaxplay.networks import build_network
from jaxplay.rollout import MatchState, Periods, Rolled, Rollout, Roster, Trajectory, expire
from jaxplay.rollout.lanes import NEVER
from jaxplay.shards import Shards
from jaxplay.struct import replace
from jaxplay.training.matches import matches_of_member, matches_of_referees, roster_of
from jaxplay.training.members import Member, members_of, periods_of
from jaxplay.training.metrics import step_metrics
from jaxplay.training.seating import first_seats, next_seats, params_of
from jaxplay.training.state import Metrics, Training, TrainState

FIXED = LeagueConfig(period_plies=NEVER, referees=RefereeConfig(matches=0))
"""Of an exploiter: its opponent stays for ever, so that every game counts."""


class Parts(NamedTuple):
    """What training is made of.

    Attributes:
        game: that is played.
        members: its L learners.
        learners: how each learns.
        rollouts: how each plays; after them the referees, if there are any.
        networks: the learners' and their opponents'.
        league: the rules; None in plain self-play.
        periods: how long opponents stay.
        live_opponents: whether learners may meet each other.
        shards: how matches are divided.
    """

    game: Game[Any]
    members: list[Member]
    learners: list[Learner]
    rollouts: list[Rollout]
    networks: tuple[Network, Network]
    league: League | None
    periods: Periods
    live_opponents: bool
    shards: Shards


Party = tuple[Roster, MatchState, Array]
"""The learner's own part of a roster, its matches, and their key."""


class Played(NamedTuple):
    """What a step's matches of one learner, or of the referees, came to.

    Attributes:
        matches: leading axis of shards.
        trajectory: leading axis of shards.
        totals: sums over all shards.
        payoff: the games of this step, of all shards; None in plain self-play.
    """

    matches: MatchState
    trajectory: Trajectory
    totals: dict[str, Array]
    payoff: Payoff | None


def make_game(config: TrainingConfig) -> Game[Any]:
    """The game that a configuration names; built once, however often it is asked for."""
    return _built_game(config.game, config.game_options)


@lru_cache(maxsize=64)
def _built_game(name: str, options: tuple[tuple[str, Any], ...]) -> Game[Any]:
    return make(name, **dict(options))


def make_training(
    config: TrainingConfig,
    shards: Shards | None = None,
    *,
    network: Network | None = None,
    optimizer: optax.GradientTransformation | None = None,
    prefer: Prefer | None = None,
) -> Training:
    """Compose the parts that `config` names.

    Args:
        config: what to train, and how.
        shards: how shards lie on devices; None: all on one.
        network: to train; None: the one that the configuration describes.
        optimizer: of all learners; None: the one that the configuration describes.
        prefer: which of two games is better, in place of rewards; see `jaxplay.learners.by_preference`.

    Raises:
        UserError: the game is one that the learner cannot learn, or lacks what an option needs.
    """
    parts = _make_parts(config, shards or Shards(config.num_shards), network, optimizer, prefer)

    def init(key: Array) -> TrainState:
        key_match, key_learner, key_run = jax.random.split(key, 3)
        params = parts.networks[0].init(key_learner)
        frozen = params
        if config.exploiter is not None:
            frozen = parts.networks[1].init(jax.random.fold_in(key_learner, 1))
        league = None if parts.league is None else parts.league.init(frozen)
        keys = [jax.random.fold_in(key_match, index) for index in range(len(parts.rollouts))]
        matches = tuple(_first_matches(parts, index, league, k) for index, k in enumerate(keys))
        learners = tuple(
            learner.init(key_learner, _example(parts, index, params, frozen, matches[index]))
            for index, learner in enumerate(parts.learners)
        )
        return TrainState(learners, matches, league, key_run, jnp.int32(0))

    def step(state: TrainState) -> tuple[TrainState, Metrics]:
        key = jax.random.fold_in(state.key, state.step)
        key_seat, key_play, key_learn, key_league = jax.random.split(key, 4)
        matches: Sequence[MatchState] = state.matches
        if parts.league is not None and state.league is not None:
            seats = (parts.league, state.league, matches, parts.periods, parts.shards)
            matches = next_seats(*seats, state.key, key_seat)
        played = _play_all(parts, state, matches, key_play)
        updated = [
            learner.update(state.learners[i], played[i].trajectory, jax.random.fold_in(key_learn, i))
            for i, learner in enumerate(parts.learners)
        ]
        learners, metrics = tuple(learner for learner, _ in updated), [found for _, found in updated]
        state = replace(
            state, learners=learners, matches=tuple(each.matches for each in played), step=state.step + 1
        )
        changes = None
        if parts.league is not None:
            state, changes = _advance(parts, parts.league, state, played, key_league)
        return state, step_metrics(config, parts.members, played, metrics, state, changes)

    return Training(init, step, lambda state: _divided(parts, state))


def _make_parts(
    config: TrainingConfig,
    shards: Shards,
    network: Network | None,
    optimizer: optax.GradientTransformation | None,
    prefer: Prefer | None,
) -> Parts:
    game = make_game(config)
    own = build_network(config.network, game) if network is None else network
    networks = own, own
    if config.exploiter is not None and config.exploiter.opponent_network not in (None, config.network):
        networks = own, build_network(config.exploiter.opponent_network, game)
    rules = FIXED if config.exploiter is not None else config.league or LeagueConfig()
    members = members_of(config)
    learners = [_learner(member, game, own, shards, optimizer) for member in members]
    if prefer is not None:
        learners = [_preferring(config, learner, game, prefer, shards) for learner in learners]
    rollouts = [
        matches_of_member(member, rules, game, networks, learner, shards.count)
        for member, learner in zip(members, learners, strict=True)
    ]
    league = None
    if config.exploiter is not None:
        league = fixed_league()
    elif config.league is not None:
        league = _league(members, config.league)
        if rules.referees.matches:
            rollouts.append(matches_of_referees(config, rules, game, own, learners[0], shards.count))
    periods = Periods(*periods_of(rules, game.max_plies))
    live = config.league is not None
    return Parts(game, members, learners, rollouts, networks, league, periods, live, shards)


def _learner(
    member: Member,
    game: Game[Any],
    network: Network,
    shards: Shards,
    optimizer: optax.GradientTransformation | None,
) -> Learner:
    rules, training = member.rules, member.training
    minimax = rules.minimax if rules is not None and rules.models_opponent else None
    setting = Setting(training, game, network, minimax, rules is not None, shards, optimizer)
    return build_learner(training.learner, setting)


def _preferring(
    config: TrainingConfig, learner: Learner, game: Game[Any], prefer: Prefer, shards: Shards
) -> Learner:
    if config.learner.searches or config.league is not None or config.exploiter is not None:
        raise UserError("preferences are for self-play of a learner that does not search")
    return by_preference(learner, game, prefer, shards=shards)


def _league(members: list[Member], rules: LeagueConfig) -> League:
    known = [(member.kind, member.rules) for member in members if member.rules is not None]
    roles = [role_of(kind, own) for kind, own in known]
    matchmakers = make_matchmakers(
        [own.matchmaking for _, own in known],
        [kind for kind, _ in known],
        solve_every=rules.solve_every,
        uniform_share=rules.uniform_share,
    )
    return make_league(roles, matchmakers, rules.slots, decay=rules.decay)


def _first_matches(parts: Parts, index: int, state: LeagueState | None, key: Array) -> MatchState:
    """Matches of the first step, with a leading axis of shards."""
    matches = jax.vmap(parts.rollouts[index].init)(parts.shards.keys(key))
    if parts.league is None or state is None:
        return matches
    return first_seats(parts.league, state, index, matches, parts.shards, key)


def _example(parts: Parts, index: int, params: Params, other: Params, matches: MatchState) -> Trajectory:
    """Shapes of the trajectory of one shard."""
    member, play = parts.members[index], parts.rollouts[index].play
    one = jax.eval_shape(lambda x: jax.tree.map(lambda leaf: leaf[0], x), matches)
    lanes = 0 if member.rules is None else member.rules.lanes

    def made(params: Params, other: Params, one: MatchState, key: Array) -> Trajectory:
        others = jax.tree.map(lambda x: jnp.stack([x] * lanes), other) if lanes else None
        return play(roster_of(member, params, jnp.int32(0), others), one, key).trajectory

    return jax.eval_shape(made, params, other, one, jax.eval_shape(jax.random.key, 0))


def _play_all(parts: Parts, state: TrainState, matches: Sequence[MatchState], key: Array) -> list[Played]:
    """The matches of all learners, and of the referees.

    Learners of one program run through it one after the other, which saves its compilation.
    """
    groups: dict[Hashable, list[int]] = {}
    for index in range(len(parts.rollouts)):
        is_member = index < len(parts.members)
        groups.setdefault(parts.members[index].program_key if is_member else index, []).append(index)
    found: dict[int, Played] = {}
    for group in groups.values():
        play = _player(parts, state, group[0])
        parties = [(_own(parts, state, i), matches[i], jax.random.fold_in(key, i)) for i in group]
        if len(group) == 1:
            found[group[0]] = play(parties[0])
            continue
        stacked = jax.lax.map(play, jax.tree.map(lambda *each: jnp.stack(each), *parties))
        for place, index in enumerate(group):
            found[index] = jax.tree.map(lambda leaf, at=place: leaf[at], stacked)
    return [found[index] for index in range(len(parts.rollouts))]


def _own(parts: Parts, state: TrainState, index: int) -> Roster:
    """A learner's own part of its roster; of referees nothing."""
    if index >= len(parts.members):
        return Roster(())
    learner = state.learners[index]
    params = parts.learners[index].acting(learner)
    return roster_of(parts.members[index], params, learner.in_generation)


def _player(parts: Parts, state: TrainState, index: int) -> Callable[[Party], Played]:
    """The program of the matches of learner `index`, or of the referees."""
    live = []
    if parts.live_opponents:
        live = [made.acting(learner) for made, learner in zip(parts.learners, state.learners, strict=True)]
    referees, league = index >= len(parts.members), state.league

    def one_shard(roster: Roster, matches: MatchState, key: Array) -> tuple[Rolled, Payoff | None]:
        if league is None or matches.lanes is None:
            return parts.rollouts[index].play(roster, matches, key), None
        people, lanes = league.population, matches.lanes
        roster = roster._replace(others=params_of(people, live, lanes.opponent))
        if referees:
            roster = roster._replace(own=params_of(people, live, lanes.player))
        rolled = parts.rollouts[index].play(roster, matches, key)
        assert rolled.results is not None
        number = len(parts.members) + people.present.shape[0]
        return rolled, tally_lanes(number, lanes.player, lanes.opponent, *rolled.results)

    def play(party: Party) -> Played:
        roster, matches, key = party
        shards = parts.shards
        rolled, payoff = shards.map(lambda m, k: one_shard(roster, m, k), matches, shards.keys(key))
        totals, payoff = shards.sum((rolled.totals, payoff))
        return Played(rolled.matches, rolled.trajectory, totals, payoff)

    return play


def _advance(
    parts: Parts, league: League, state: TrainState, played: list[Played], key: Array
) -> tuple[TrainState, Changes]:
    """The league after a step; who is frozen begins a generation, and some start anew."""
    assert state.league is not None
    fresh = jax.tree.map(lambda *each: sum(each), *[each.payoff for each in played])
    live = [learner.ema for learner in state.learners]
    league_state, changes = league.advance(state.league, fresh, live, key)
    state = replace(state, league=league_state)
    if not parts.live_opponents:
        return state, changes
    learners = tuple(
        _next_generation(parts.learners[i], learner, league_state, changes, i)
        for i, learner in enumerate(state.learners)
    )
    changed = _changed(changes, fresh.games.shape[0])
    matches = tuple(_expired(each, changed) for each in state.matches)
    return replace(state, learners=learners, matches=matches), changes


def _expired(matches: MatchState, changed: Array) -> MatchState:
    """The matches of all shards, with the periods ended of lanes whose players `changed` `(N,)`."""
    assert matches.lanes is not None
    return replace(matches, lanes=jax.vmap(expire, (0, None))(matches.lanes, changed))


def _next_generation(
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


def _divided(parts: Parts, state: TrainState) -> Any:
    """True where leaves of `state` have a leading axis of shards, as a prefix of its tree."""
    learners = tuple(
        replace(each, **{field: field in learner.divided for field in vars(each)})
        for each, learner in zip(state.learners, parts.learners, strict=True)
    )
    league = None if state.league is None else False
    matches = (True,) * len(state.matches)
    return replace(state, learners=learners, matches=matches, league=league, key=False, step=False)  # pyright: ignore
