"""Self-play: matches advanced by plies, a scan over moves.

A match is an endless series of games. While one game is played, the opening of the next is prepared
beside it, a random ply at a time: so openings cost one `step` a ply, and no search is spent on them.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Params
from jaxplay.game import Game
from jaxplay.rollout import Trajectory
from jaxplay.search import Search, Tree, blank, reuse
from jaxplay.selfplay.draw import ALPHAZERO_TEMPERATURE, Temperature, draw_actions
from jaxplay.selfplay.match import Match, advance, first_match, prepare, restart, select
from jaxplay.selfplay.record import Found, Ply, read, record, surprise_of, totals, weigh_by_surprise
from jaxplay.selfplay.resignation import (
    Resignation,
    check_resignation,
    consider,
    new_watch,
    rewards_of_resigning,
    was_wrong,
)
from jaxplay.struct import replace


class SelfPlay(NamedTuple):
    """`init: key -> Match`, `play: params, Match, key -> (Match, Trajectory, totals)`; see `summary`."""

    init: Callable[[Array], Match]
    play: Callable[[Params, Match, Array], tuple[Match, Trajectory, dict[str, Array]]]


class Cheap(NamedTuple):
    """Playout-cap randomization (Wu 2019, section 3.1): most moves are searched cheaply.

    The choice is made once a ply for all matches, because a batch takes as long as its dearest search.

    Attributes:
        search: the cheap one, which wants no noise. Its policy is played, and not learned.
        full_share: probability of a full search.
    """

    search: Search
    full_share: float


class Rules(NamedTuple):
    """How a ply is played: the arguments of `selfplay`."""

    game: Game[Any]
    search: Search
    temperature: Temperature
    max_opening_plies: int
    cheap: Cheap | None
    keep_nodes: int
    resignation: Resignation | None
    surprise_share: float
    endings: bool


def selfplay(
    game: Game[Any],
    search: Search,
    *,
    num_matches: int,
    num_plies: int,
    temperature: Temperature = ALPHAZERO_TEMPERATURE,
    max_opening_plies: int = 0,
    cheap: Cheap | None = None,
    keep_nodes: int = 0,
    resignation: Resignation | None = None,
    surprise_share: float = 0.0,
    endings: bool = False,
) -> SelfPlay:
    """Self-play of `num_matches` games at a time, `num_plies` moves at a call.

    Args:
        game: what is played.
        search: chooses the moves, for whichever player is to move.
        num_matches: B.
        num_plies: T.
        temperature: how moves are drawn from visits.
        max_opening_plies: a game begins with 0 to this many random plies, equally likely, but with no more
            than the moves of the game before it; openings that would end the game stop before.
        cheap: search some moves cheaply; None: all are searched alike.
        keep_nodes: of the trees, kept from one move to the next within a call (`jaxplay.search.reuse`); all
            searches must have room for them. 0: every move is searched anew.
        resignation: when games are given up; None: never.
        surprise_share: share of the weight of moves that goes by surprise (`weigh_by_surprise`).
        endings: record the state behind each move, for targets that show how a game ended.

    Raises:
        UserError: `resignation` in a game that is not a zero-sum one for two.
    """
    rules = Rules(
        game,
        search,
        temperature,
        max_opening_plies,
        cheap,
        keep_nodes,
        resignation,
        surprise_share,
        endings,
    )
    if resignation is not None:
        check_resignation(game)

    def init(key: Array) -> Match:
        match = first_match(game, num_matches, max_opening_plies, key)
        if resignation is None:
            return match
        return replace(match, watch=new_watch(resignation, num_matches, jax.random.fold_in(key, 4)))

    def play(params: Params, match: Match, key: Array) -> tuple[Match, Trajectory, dict[str, Array]]:
        keys = jax.random.split(key, num_plies)
        tree = None
        if keep_nodes > 0:
            tree = blank(jax.eval_shape(search, params, key, match.state).tree)
        (match, _), plies = jax.lax.scan(lambda carry, k: _ply(rules, params, *carry, k), (match, tree), keys)
        moves, summed = plies.moves, totals(plies)
        if cheap is not None:
            summed["learned"] = (moves.policy_weight > 0.0).sum().astype(jnp.float32)
        if plies.surprise is not None:
            moves = weigh_by_surprise(moves, plies.surprise, surprise_share)
        return match, moves, summed

    return SelfPlay(init, play)


def _ply(
    rules: Rules, params: Params, match: Match, tree: Tree | None, key: Array
) -> tuple[tuple[Match, Tree | None], Ply]:
    """One move in every match, and what is kept of the trees.

    Keys 5 and 6 are for options, and differ from the five of the split.
    """
    game = rules.game
    key_search, key_draw, key_chance, key_open, key_begin = jax.random.split(key, 5)
    found, learned = _find(rules, params, match.state, tree, key_search, key)
    action, log_prob = draw_actions(rules.temperature, found, match.ply, key_draw)
    after = advance(game, match.state, action, key_chance)
    moves = record(game, match, found, action, log_prob, after, rules.endings)
    if learned is not None:
        moves = replace(moves, policy_weight=moves.policy_weight * learned)
    ply = Ply(moves, found.depth.mean(), surprise_of(found) if rules.surprise_share > 0.0 else None)
    if rules.resignation is not None:
        match, ply = _give_up(rules, rules.resignation, match, found, ply, jax.random.fold_in(key, 6))
    ended = ply.moves.terminated | ply.moves.truncated
    match = replace(match, state=after, ply=match.ply + 1)
    if rules.max_opening_plies > 0:
        match = prepare(game, match, key_open)
    match = restart(game, match, ended, rules.max_opening_plies, key_begin)
    if found.tree is not None:
        tree = reuse(game, found.tree, action, match.state, rules.keep_nodes)
    return (match, tree), ply


def _find(
    rules: Rules, params: Params, states: Any, tree: Tree | None, key_search: Array, key: Array
) -> tuple[Found, Array | None]:
    """What a search finds, and 1 where its policy shall be learned, else 0, `()` float32 (None: always)."""

    def run(search: Search) -> Found:
        if tree is None:
            return read(search(params, key_search, states), keep_tree=False)
        return read(search(params, key_search, states, tree=tree), keep_tree=True)

    if rules.cheap is None:
        return run(rules.search), None
    full, cheap = rules.search, rules.cheap.search
    is_full = jax.random.bernoulli(jax.random.fold_in(key, 5), rules.cheap.full_share)
    found = jax.lax.cond(is_full, lambda: run(full), lambda: run(cheap))
    return found, is_full.astype(jnp.float32)


def _give_up(
    rules: Rules, resignation: Resignation, match: Match, found: Found, ply: Ply, key: Array
) -> tuple[Match, Ply]:
    """Where the mover resigns, the game is over and lost instead of going on; who ends it anyway does not."""
    game, moves, watch = rules.game, ply.moves, match.watch
    assert watch is not None
    by_rule = moves.terminated | moves.truncated
    watch, tired = consider(resignation, watch, found.value, moves.player)
    resigned = tired & ~by_rule
    tested, wrong = was_wrong(game, watch, moves.rewards, moves.terminated)
    rewards = jnp.where(resigned[:, None], rewards_of_resigning(game, watch, moves.player), moves.rewards)
    moves = replace(moves, rewards=rewards, terminated=moves.terminated | resigned)
    watch = replace(watch, earned=watch.earned + moves.rewards)
    fresh = new_watch(resignation, resigned.shape[0], key)
    match = replace(match, watch=select(by_rule | resigned, fresh, watch))
    return match, ply._replace(moves=moves, resigned=resigned, tested=tested, wrong=wrong)
