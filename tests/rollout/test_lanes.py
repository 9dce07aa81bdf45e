"""Lanes: games that two sets of parameters play, held against the rules, and who played them."""

from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from quick import quick_jit
from rolling import RANDOM, in_lanes, seated
from small_games import Nim, Race
from small_lanes import Talk, read_lanes

from jaxplay import search
from jaxplay.config import SelfPlayConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import uniform
from jaxplay.game import strip
from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.learners.positions import unstrip
from jaxplay.perspective import frame_of_rewards
from jaxplay.policies import from_search
from jaxplay.rollout import Periods, Roster, due, expire, joint, renew
from jaxplay.struct import replace

LANES, MATCHES, PLIES, CALLS = 4, 32, 12, 6
EACH = MATCHES // LANES
SELF = np.array([0, 5, 0, 5])
"""The opponents: in lanes 0 and 2 the learner itself."""


class CutTicTacToe(TicTacToe):
    """Cut after four plies, when nobody can have won."""

    max_plies = 4  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]


def random_play(game: Any, openings: int = 0, **options: Any) -> Any:
    """Lanes in which everybody plays at random."""
    policy = from_search(game, search.policy(game, uniform(game)), SelfPlayConfig(**RANDOM))
    options = {"num_matches": MATCHES, "num_lanes": LANES, "num_plies": PLIES, "period": 36} | options
    return in_lanes(game, joint(policy), max_opening_plies=openings, **options)


@cache
def record(game: Any, openings: int = 0) -> Any:
    """`before, moves, after` of some calls, as one record."""
    play, opponents = random_play(game, openings), jnp.asarray(SELF)
    step = quick_jit(partial(play.play, Roster(None)))
    first = matches = seated(quick_jit(play.init)(jax.random.key(1)), 0 * opponents, opponents)
    calls = []
    for call in range(CALLS):
        rolled = step(matches, jax.random.key(call))
        matches = rolled.matches
        calls.append(jax.device_get(rolled.trajectory))
    moves = jax.tree.map(lambda *leaves: np.concatenate(leaves), *calls)
    return jax.device_get(first), moves, jax.device_get(matches)


CASES = {
    "openings": (TicTacToe(), 3),
    "no openings": (Nim((3, 4, 5)), 0),
    "cut": (CutTicTacToe(), 2),
    "double moves": (Talk((0, 0, 1, 0, 1, 1, 1)), 3),
    "chance": (Race(), 2),
}
each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def fields(state: Any, index: Any) -> dict[str, Any]:
    names = set(vars(state)) - {"legal_action_mask", "rewards"}
    return {name: getattr(state, name)[index] for name in names}


def assert_same(first: dict[str, Any], second: dict[str, Any]) -> None:
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name], name)


@each_case
def test_moves_that_were_made_form_games(case):
    """By the rules alone: each gives the next position, its rewards and its end; waiting gives nothing."""
    game, (before, moves, after) = case[0], record(*case)
    played = read_lanes(game, before, moves, after)
    states = jax.vmap(lambda row: unstrip(game, row))(moves.state)
    follow = jax.device_get(quick_jit(jax.vmap(jax.vmap(game.step)))(states, moves.action))
    moved, goes_on = played.moved, played.moved & ~played.ended
    assert 0.5 < moved.mean() < 1 and played.ended.sum() > 100
    last = strip(after.episodes.state)
    later = jax.tree.map(lambda rest, end: np.concatenate([rest[1:], end[None]]), moves.state, last)
    if game.num_chance_outcomes == 0:
        assert_same(fields(later, goes_on), fields(follow, goes_on))
        np.testing.assert_array_equal(moves.rewards[moved], frame_of_rewards(game, follow.rewards)[moved])
        np.testing.assert_array_equal(moves.terminated[moved], follow.terminated[moved])
    assert_same(fields(later, ~moved), fields(moves.state, ~moved))
    assert not moves.rewards[~moved].any() and not played.ended[~moved].any()
    assert np.take_along_axis(moves.policy_target, moves.action[..., None], -1).min() > 0


@each_case
def test_a_game_begins_where_one_ended(case):
    """At the start, or behind an opening; and no game is longer than it may be."""
    game, (before, moves, after) = case[0], record(*case)
    played = read_lanes(game, before, moves, after)
    begins = np.zeros_like(played.ended)
    begins[1:] = played.ended[:-1]
    start = game.init(jax.random.key(0))
    if case[1] == 0:
        for name, value in fields(moves.state, begins).items():
            np.testing.assert_array_equal(value, np.broadcast_to(getattr(start, name), value.shape))
    length = 1 + np.arange(len(begins))[:, None] - played.began
    assert length[played.ended & (played.began >= 0)].max() <= 2 * game.max_plies
    assert (moves.truncated.any() and not moves.terminated.any()) == isinstance(game, CutTicTacToe)


@each_case
def test_places_go_to_those_who_can_use_them(case):
    """In each lane and ply, as many of each side move as can; and whoever waited moves next."""
    game, (before, moves, after) = case[0], record(*case)
    played = read_lanes(game, before, moves, after)
    for whose in (played.mine, ~played.mine):
        wants = whose.reshape(-1, LANES, EACH).sum(-1)
        makes = (whose & played.moved).reshape(-1, LANES, EACH).sum(-1)
        np.testing.assert_array_equal(makes, np.minimum(wants, EACH // 2))
    assert (played.moved[:-1] | played.moved[1:]).all()
    np.testing.assert_array_equal(after.lanes.waited, ~played.moved[-1])


@pytest.mark.parametrize("first", [0, 3, 8])
def test_turns_that_alternate_fill_all_places(first):
    """However many of a lane begin: once those have moved who can, as many of each side are to move."""
    game = Talk((0, 1) * 20)
    play = random_play(game, num_matches=8, num_lanes=1, period=100)
    matches = seated(play.init(jax.random.key(0)), jnp.zeros(1), jnp.ones(1))
    side = (jnp.arange(8) >= first).astype(jnp.int32)
    lanes: Any = matches.lanes
    matches = replace(matches, lanes=replace(lanes, side=side))
    found = quick_jit(play.play)(Roster(None), matches, jax.random.key(1))
    before, found = jax.device_get((matches, found))
    moved = read_lanes(game, before, found.trajectory, found.matches).moved.sum(1)
    assert moved.tolist() == [8 - abs(4 - first)] + [8] * (PLIES - 1)


@each_case
def test_the_seat_alternates(case):
    game, (before, moves, after) = case[0], record(*case)
    played = read_lanes(game, before, moves, after)
    np.testing.assert_array_equal(
        after.lanes.side, np.where(played.ended[-1], 1 - played.side[-1], played.side[-1])
    )
    games = played.ended.sum(0)
    seats = np.stack([(played.ended & (played.side == side)).sum(0) for side in range(2)])
    assert (np.abs(seats[0] - seats[1]) <= games % 2).all()


@each_case
def test_moves_that_are_learned(case):
    """The moves of learners; where a learner plays itself, all. What positions come to, of everybody."""
    game, (before, moves, after) = case[0], record(*case)
    played = read_lanes(game, before, moves, after)
    both = np.repeat(SELF == 0, EACH)
    expected = played.moved & (played.mine | both)
    np.testing.assert_array_equal(moves.policy_weight, expected)
    np.testing.assert_array_equal(moves.value_weight, played.moved)
    assert 0.2 < expected[:, ~both].mean() < 0.8 < expected[:, both].mean()


def test_periods():
    """Over when they are as old as `period`, or a player is another one; then the players are new ones."""
    play, periods = random_play(TicTacToe(), period=40, num_plies=4), Periods(40, 18)
    matches = seated(play.init(jax.random.key(0)), jnp.arange(4), jnp.array([5, 5, 6, 7]))
    lanes: Any = matches.lanes
    assert lanes.age.tolist() == [0, 8, 20, 28]  # they end in rotation
    np.testing.assert_array_equal(lanes.counts, np.repeat([True, True, True, False], EACH))
    assert due(lanes, Periods(20, 18)).tolist() == [False, False, True, True]
    changed = jnp.zeros(8, bool).at[jnp.array([1, 6])].set(True)
    found = expire(lanes, changed)
    assert due(found, periods).tolist() == [False, True, True, False] and found.age.tolist()[::3] == [0, 28]
    found = renew(found, jnp.arange(10, 14), jnp.arange(20, 24), due(found, periods))
    assert found.age.tolist() == [0, 0, 0, 28] and found.sampled == 2
    assert (found.player.tolist(), found.opponent.tolist()) == ([0, 11, 12, 3], [5, 21, 22, 7])
    np.testing.assert_array_equal(found.counts, np.repeat([True, False, False, False], EACH))


@pytest.mark.parametrize(
    ("game", "options", "message"),
    [
        (TicTacToe(), {"num_matches": 36}, "36 matches in 4 lanes: allowed: an even number in each lane"),
        (TicTacToe(), {"period": 17}, "a period of 17 plies: allowed: 18 or more, in which a game ends"),
        (TicTacToe(), {"period": 9, "horizon": 10}, "a period of 9 plies: allowed: 10 or more"),
        (Race(1), {}, r"Race.* has not two sides"),
    ],
)
def test_what_does_not_fit_is_refused(game, options, message):
    with pytest.raises(UserError, match=message):
        random_play(game, **options)
