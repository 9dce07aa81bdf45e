"""`make_training`: self-play, a league or an exploiter, composed into one step.

A step seats the matches, rolls them out, updates the learners, and advances the league. Plain self-play is a
league of one learner without frozen players; an exploiter is a league of one learner and one frozen player
who never changes.
"""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import optax
from jax import Array

from jaxplay.config import TrainingConfig
from jaxplay.evaluator import Network, Params
from jaxplay.league import Changes, League, LeagueState, take
from jaxplay.learners import Learner, LearnerState, Prefer
from jaxplay.rollout import MatchState, Trajectory, expire
from jaxplay.shards import Shards
from jaxplay.struct import replace
from jaxplay.training.matches import roster_of
from jaxplay.training.metrics import step_metrics
from jaxplay.training.parts import Parts, make_parts
from jaxplay.training.playing import Played, learn, play_all
from jaxplay.training.seating import first_seats, next_seats
from jaxplay.training.state import Metrics, Training, TrainState
from jaxplay.training.turns import turns, who_acts


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
    parts = make_parts(config, shards or Shards(config.num_shards), network, optimizer, prefer)

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
        acts = turns(parts.every, state.step)
        played = play_all(parts, state, matches, acts, key_play)
        updated = [
            learn(learner, acts[i], state.learners[i], played[i].trajectory, jax.random.fold_in(key_learn, i))
            for i, learner in enumerate(parts.learners)
        ]
        learners, metrics = tuple(learner for learner, _ in updated), [found for _, found in updated]
        state = replace(
            state, learners=learners, matches=tuple(each.matches for each in played), step=state.step + 1
        )
        changes = None
        if parts.league is not None:
            state, changes = _advance(parts, parts.league, state, played, acts, key_league)
        return state, step_metrics(config, parts.members, played, metrics, state, changes)

    return Training(init, step, lambda state: _divided(parts, state))


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


def _advance(
    parts: Parts,
    league: League,
    state: TrainState,
    played: list[Played],
    acts: Sequence[Array | None],
    key: Array,
) -> tuple[TrainState, Changes]:
    """The league after a step; who is frozen begins a generation, and some start anew."""
    assert state.league is not None
    fresh = jax.tree.map(lambda *each: sum(each), *[each.payoff for each in played])
    live = [learner.ema for learner in state.learners]
    learned = who_acts(acts[: len(live)])
    league_state, changes = league.advance(state.league, fresh, live, key, learned)
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
