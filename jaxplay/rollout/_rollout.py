"""The one loop: plies of many matches, recorded."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.config import SelfPlayConfig
from jaxplay.game import Game
from jaxplay.policies import Memory
from jaxplay.rollout.dispatch import Dispatch, MatchState, Roster, Turn
from jaxplay.rollout.episode import advance_all, final_returns, select
from jaxplay.rollout.lanes import LaneState, Periods, Results, after_ply, lane_results
from jaxplay.rollout.lopsided import check_lopsided
from jaxplay.rollout.matches import EpisodeState, first_episodes, prepare_opening, restart
from jaxplay.rollout.record import only, record, weigh_by_surprise
from jaxplay.rollout.resignation import (
    check_resignation,
    consider,
    new_watch,
    rewards_of_resigning,
    was_wrong,
)
from jaxplay.rollout.sanity import broken_laws
from jaxplay.rollout.trajectory import Trajectory
from jaxplay.search import potential_after
from jaxplay.struct import replace


class Rolled(NamedTuple):
    """What a call of a rollout came to.

    Attributes:
        matches: afterwards.
        trajectory: leaves `(T, M, ...)`.
        totals: sums for `jaxplay.rollout.summary`, float32 scalars.
        results: of games in lanes that count; None without lanes.
    """

    matches: MatchState
    trajectory: Trajectory
    totals: dict[str, Array]
    results: Results | None


class Rollout(NamedTuple):
    """Pure functions.

    Attributes:
        init: `key -> MatchState`; in lanes, player 0 meets itself.
        play: `Roster, MatchState, key -> Rolled`.
    """

    init: Callable[[Array], MatchState]
    play: Callable[[Roster, MatchState, Array], Rolled]


class _Ply(NamedTuple):
    """What one ply came to: rows of the trajectory, and facts that are added up."""

    trajectory: Trajectory
    sums: dict[str, Array]
    surprise: Array | None
    results: Results | None


def rollout(
    game: Game[Any],
    dispatch: Dispatch,
    options: SelfPlayConfig,
    *,
    num_matches: int | None = None,
    periods: Periods | None = None,
    endings: bool = False,
) -> Rollout:
    """Games of M matches at a time, T plies at a call.

    A game begins with 0 to `max_opening_plies` random plies, equally likely, but with no more than the moves
    of the game before it in its match; openings that would end the game stop before.

    Args:
        game: that is played.
        dispatch: who decides.
        options: T (`num_plies`), openings, resignation and weights by surprise; the dispatch's policies have
            the others.
        num_matches: M; None: `options.num_matches`.
        periods: of lanes, where the dispatch has some.
        endings: record the state behind each move, for targets that show how a game ended.

    Raises:
        UserError: resignation in a game that is not a zero-sum one for two, or lopsided openings in one
            without a score.
    """
    matches_each = num_matches or options.num_matches
    resigns = options.resign_value > -1.0
    if resigns:
        check_resignation(game)
    if options.lopsided_openings > 0.0:
        check_lopsided(game)

    def init(key: Array) -> MatchState:
        episodes = first_episodes(game, matches_each, options, key)
        if resigns:
            watch = new_watch(options, matches_each, jax.random.fold_in(key, 4))
            episodes = replace(episodes, watch=watch)
        return MatchState(episodes, None if dispatch.lanes is None else dispatch.lanes())

    def play(roster: Roster, matches: MatchState, key: Array) -> Rolled:
        memory = dispatch.begin(roster, matches.episodes.state)
        keys = jax.random.split(key, options.num_plies)
        ply = partial(_ply, game, dispatch, options, periods, endings, roster)
        (matches, _), plies = jax.lax.scan(ply, (matches, memory), keys)
        totals, results = jax.tree.map(lambda x: x.sum(0), (plies.sums, plies.results))
        made = plies.trajectory
        if plies.surprise is not None:
            made = weigh_by_surprise(made, plies.surprise, options.surprise_share)
        return Rolled(matches, made, totals, results)

    return Rollout(init, play)


def _ply(
    game: Game[Any],
    dispatch: Dispatch,
    options: SelfPlayConfig,
    periods: Periods | None,
    endings: bool,
    roster: Roster,
    carry: tuple[MatchState, Memory],
    key: Array,
) -> tuple[tuple[MatchState, Memory], _Ply]:
    """One ply of all matches that find a place; where a game ends, the next one begins."""
    matches, memory = carry
    episodes, lanes = matches.episodes, matches.lanes
    key_act, key_chance, key_open, key_begin, key_watch = jax.random.split(key, 5)
    turn = dispatch.act(roster, key_act, matches, memory)
    after = advance_all(game, episodes.state, turn.decision.action, key_chance)
    made = _of_lanes(record(game, episodes, turn.decision, after, endings=endings), turn, lanes)
    moved = jnp.ones(episodes.ply.shape, bool) if turn.moved is None else turn.moved
    state = after if turn.moved is None else select(moved, after, episodes.state)
    made, episodes, sums = _give_up(game, options, made, turn, episodes, moved, key_watch)
    returns = episodes.return_so_far + made.rewards
    broken = broken_laws(game, made, after.rewards, returns, moved)
    episodes = replace(episodes, state=state, ply=episodes.ply + moved, return_so_far=returns)
    lanes, results = _after_ply(game, lanes, periods, made, moved, returns)
    if options.max_opening_plies > 0:
        episodes = prepare_opening(game, episodes, key_open)
    episodes = restart(game, episodes, made.ended, options, key_begin)
    memory = dispatch.follow(turn.memory, turn.decision.action, episodes.state)
    surprise = turn.decision.surprise if options.surprise_share > 0.0 else None
    ply = _Ply(made, sums | _sums(made, turn, moved, broken), surprise, results)
    return (MatchState(episodes, lanes), memory), ply


def _after_ply(
    game: Game[Any],
    lanes: LaneState | None,
    periods: Periods | None,
    made: Trajectory,
    moved: Array,
    returns: Array,
) -> tuple[LaneState | None, Results | None]:
    """The lanes after a ply, and the games of theirs that count and ended with `returns` `(M, V)`."""
    if lanes is None:
        return None, None
    assert periods is not None
    outside = moved.shape[0] - lanes.waited.shape[0]
    if outside:
        made, moved, returns = jax.tree.map(lambda leaf: leaf[outside:], (made, moved, returns))
    results = lane_results(game, lanes, final_returns(game, returns, made.truncated), made.ended)
    return after_ply(_follow_potential(game, lanes, made), periods, moved, made.ended), results


def _of_lanes(made: Trajectory, turn: Turn, lanes: LaneState | None) -> Trajectory:
    """A ply without what waited, and with the potential of its positions."""
    if lanes is None:
        return made
    assert turn.moved is not None and turn.learns is not None and turn.teaches_value is not None
    return replace(only(made, turn.moved, turn.learns, turn.teaches_value), potential=lanes.potential)


def _give_up(
    game: Game[Any],
    options: SelfPlayConfig,
    made: Trajectory,
    turn: Turn,
    episodes: EpisodeState,
    moved: Array,
    key: Array,
) -> tuple[Trajectory, EpisodeState, dict[str, Array]]:
    """Where the mover resigns, the game is over and lost instead of going on; who ends it anyway does not."""
    if episodes.watch is None:
        return made, episodes, {}
    watch, tired = consider(options, episodes.watch, turn.decision.value, made.player, moved)
    resigned = tired & ~made.ended
    tested, wrong = was_wrong(game, watch, episodes.return_so_far + made.rewards, made.terminated)
    lost = rewards_of_resigning(game, episodes.return_so_far, made.player)
    made = replace(
        made,
        rewards=jnp.where(resigned[:, None], lost, made.rewards),
        terminated=made.terminated | resigned,
    )
    watch = select(made.ended, new_watch(options, resigned.shape[0], key), watch)
    flags = {"resigned": resigned, "resign_tests": tested, "resign_errors": wrong}
    sums = {name: flag.sum().astype(jnp.float32) for name, flag in flags.items()}
    return made, replace(episodes, watch=watch), sums


def _follow_potential(game: Game[Any], lanes: LaneState, made: Trajectory) -> LaneState:
    """The potential behind the moves of the learners; 0 where a game begins."""
    if lanes.potential is None:
        return lanes
    assert made.opponent_value is not None and made.opponent_known is not None
    after = potential_after(game, lanes.potential, made.opponent_value, made.opponent_known, made.player)
    return replace(lanes, potential=jnp.where(made.ended[:, None], 0.0, after))


def _sums(made: Trajectory, turn: Turn, moved: Array, broken: dict[str, Array]) -> dict[str, Array]:
    facts = broken | {
        "games": made.ended,
        "positions": moved,
        "truncated": made.truncated,
        "first_player_rewards": made.rewards[..., 0],
        "search_depth": jnp.where(moved, turn.decision.depth, 0.0),
        "learned": made.policy_weight > 0.0,
        "places": jnp.ones(moved.shape, jnp.float32),
    }
    return {name: fact.sum().astype(jnp.float32) for name, fact in facts.items()}
