"""Games of lanes that count: which they are, who sat where, and that long ones count like short ones."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from quick import quick_jit
from rolling import RANDOM, in_lanes, seated
from small_games import Race
from small_lanes import Played, Talk, earned_by_game, read_lanes

from jaxplay import search
from jaxplay.config import SelfPlayConfig
from jaxplay.evaluator import uniform
from jaxplay.games.connect_four import ConnectFour
from jaxplay.games.matrix_game import MatrixGame
from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.league import tally, tally_lanes
from jaxplay.policies import from_search
from jaxplay.rollout import MatchState, Periods, Roster, due, joint, paired, renew
from jaxplay.rollout._halves import Decide
from jaxplay.struct import replace

OPTIONS = SelfPlayConfig(**RANDOM)
LANES = 4


def at_random(game: Any) -> Decide:
    return joint(from_search(game, search.policy(game, uniform(game)), OPTIONS))


class Record(NamedTuple):
    """A long record of lanes whose players change when their periods are over.

    Attributes:
        calls: `lanes before, moves, played, results` of each call; NumPy arrays.
        due: `(calls, K)` bool, lanes whose period was over after the call.
        counting: `(calls, K, M / K)` bool, games under way then that were to count.
        used: share of places that were used.
    """

    calls: list[tuple[Any, Any, Played, Any]]
    due: Any
    counting: Any
    used: float


def record(
    game: Any,
    calls: int,
    decide: Decide,
    change: Callable[[MatchState], MatchState] = lambda matches: matches,
    **options: Any,
) -> Record:
    """Calls of play, from lanes that `change` prepared; the players of a period are drawn anew."""
    options = {"num_lanes": LANES, "num_matches": 32, "num_plies": 12} | options
    period = options.setdefault("period", 4 * game.max_plies)
    play, periods = in_lanes(game, decide, **options), Periods(period, period)

    def call(matches: MatchState, key: jax.Array) -> Any:
        lanes: Any = matches.lanes
        over, opponent = due(lanes, periods), jax.random.randint(key, lanes.player.shape, 0, 5)
        matches = replace(matches, lanes=renew(lanes, lanes.player, opponent, over))
        rolled = play.play(Roster(None), matches, key)
        after: Any = rolled.matches.lanes
        return rolled.matches, (matches, rolled, due(after, periods))

    @quick_jit
    def run() -> Any:
        nobody = jnp.zeros((options["num_lanes"],), jnp.int32)
        matches = change(seated(play.init(jax.random.key(0)), nobody, nobody + 1))
        return jax.lax.scan(call, matches, jax.random.split(jax.random.key(1), calls))[1]

    matches, rolled, over = jax.device_get(run())
    found = []
    for number in range(calls):
        parts = (matches, rolled.matches, rolled.trajectory, rolled.results)
        before, after, moves, results = jax.tree.map(lambda leaf, number=number: leaf[number], parts)
        found.append((before, moves, read_lanes(game, before, moves, after), results))
    counting = rolled.matches.lanes.counts.reshape(*over.shape, -1)
    used = rolled.totals["positions"].sum() / rolled.totals["places"].sum()
    return Record(found, over, counting, float(used))


def recount(game: Any, record: Record, period: int, horizon: int) -> Any:
    """The games that count, as `(call, lane, seat of the learner, earned by the learner, by the other)`."""
    lanes, each = record.due.shape[1], record.counting.shape[2]
    found: list[Any] = []
    begin = np.repeat(record.calls[0][0].lanes.age, each).astype(float)
    for number, (before, moves, played, _) in enumerate(record.calls):
        if number > 0:
            begin[np.repeat(before.lanes.age == 0, each)] = np.inf
        earned = earned_by_game(game, moves, played, start=before.episodes.return_so_far)
        for (row, match), both in sorted(earned.items()):
            lane, seat = match // each, int(played.side[row, match])
            if begin[match] + horizon <= period:
                found.append((number, lane, seat, both[seat], both[1 - seat]))
            begin[match] = before.lanes.age[lane] + row + 1
    assert lanes * each == len(begin)
    return found


CASES = {
    "double moves": (Talk((0, 0, 1, 0, 1, 1, 1)), 3),
    "points": (Race(), 2),
    "teams": (MatrixGame("team_matching_pennies"), 1),
}


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[Any, Record]:
    game, openings = CASES[request.param]
    return game, record(game, 24, at_random(game), max_opening_plies=openings, num_plies=5)


def test_results_are_those_of_the_games_that_count(case):
    """Counted one by one in plain Python, from rewards and from what is known of when games began."""
    game, found = case
    games = recount(game, found, 4 * game.max_plies, 2 * game.max_plies)
    assert len(games) > 200 and len(games) < 0.9 * sum(played.ended.sum() for _, _, played, _ in found.calls)
    for number, (*_, results) in enumerate(found.calls):
        expected = np.zeros((LANES, 2, 5))
        for call, lane, seat, own, other in games:
            if call == number:
                expected[lane, seat] += [1, own > other, own, other > own, other]
        np.testing.assert_array_equal(results.games, expected[..., 0])
        np.testing.assert_allclose(results.own, expected[..., 1:3], atol=1e-4)
        np.testing.assert_allclose(results.other, expected[..., 3:], atol=1e-4)


def test_lanes_are_tallied_like_single_games(case):
    """Also games of players who meet in several lanes; those of a player with itself are left out."""
    game, found = case
    games = recount(game, found, 4 * game.max_plies, 2 * game.max_plies)
    one_by_one, by_lane = quick_jit(partial(tally, 5)), quick_jit(partial(tally_lanes, 5))
    for number, (before, _, _, results) in enumerate(found.calls[:12]):
        players, earned = np.zeros((100, 2), np.int32), np.zeros((100, 2), np.float32)
        mine = [game for game in games if game[0] == number]
        for i, (_, lane, seat, own, other) in enumerate(mine):
            players[i, [seat, 1 - seat]] = before.lanes.player[lane], before.lanes.opponent[lane]
            earned[i, [seat, 1 - seat]] = own, other
        singles = one_by_one(players, earned, np.arange(100) < len(mine))
        summed = by_lane(before.lanes.player, before.lanes.opponent, *results)
        jax.tree.map(partial(np.testing.assert_allclose, atol=1e-4), summed, singles)


def score_by_seat(found: Record) -> Any:
    """Games that count and the learner's share of the points, `(2,)` each."""
    games = sum(results.games.sum(0) for *_, results in found.calls)
    points = sum(
        (results.games + results.own[..., 0] - results.other[..., 0]).sum(0) / 2
        for *_, results in found.calls
    )
    return games, points / games


UNEVEN = Talk((0, 1) * 8, short=2)
"""Who begins wins in 2 plies or loses in 16, with equal chances."""


def test_long_games_count_as_often_as_short_ones():
    """The share of points is the true one; if all games that end in their period counted, it were not."""
    options: dict[str, Any] = {"num_matches": 64, "num_plies": 20, "period": 40}
    fair = record(UNEVEN, 150, at_random(UNEVEN), **options)
    games, score = score_by_seat(fair)
    assert (games > 1000).all()
    np.testing.assert_allclose(score, 0.5, atol=4 * 0.5 / np.sqrt(games.min()))
    naive = record(UNEVEN, 150, at_random(UNEVEN), horizon=1, **options)
    _, score = score_by_seat(naive)
    assert score[0] > 0.53 and score[1] < 0.47


def test_games_that_count_end_in_time():
    """Also where all have to wait as long as they can: then in twice as many plies as the game has moves."""
    alone = Talk((0,) * 12)

    def all_begin(matches: MatchState) -> MatchState:
        lanes: Any = matches.lanes
        return replace(matches, lanes=replace(lanes, side=jnp.zeros_like(lanes.side)))

    found = record(alone, 40, at_random(alone), all_begin, num_plies=8)
    assert found.due.any() and not (found.counting & found.due[..., None]).any()
    assert found.counting.any() and score_by_seat(found)[0].min() > 50
    long = record(alone, 1, at_random(alone), all_begin, num_plies=30).calls[0][2]
    length = 1 + np.arange(30)[:, None] - long.began
    assert set(length[long.ended & (long.began == 0)].tolist()) == {23, 24}


@pytest.mark.parametrize("name", CASES)
def test_games_of_all_lengths_end_in_time(name):
    game, openings = CASES[name]
    found = record(game, 24, at_random(game), max_opening_plies=openings, num_plies=5)
    assert found.due.sum() > 8 and not (found.counting & found.due[..., None]).any()


def test_seats_are_shared_against_a_weak_opponent():
    """A search against random moves in tic-tac-toe: half of the games in each seat, wherever games count."""
    game = TicTacToe()
    searches = search.puct(game, uniform(game), 32, prove=True), search.policy(game, uniform(game))
    decide = paired(*(from_search(game, each, OPTIONS) for each in searches))
    found = record(game, 45, decide, num_matches=64)
    counted, score = score_by_seat(found)
    seats = np.zeros(2)
    for _, _, played, _ in found.calls:
        seats += [(played.ended & (played.side == side)).sum() for side in range(2)]
    for games in (counted, seats):
        assert games.sum() > 2000
        np.testing.assert_allclose(games / games.sum(), 0.5, atol=0.02)
    assert 0.8 < score.mean() < 0.95


USE = {
    "one move in turn": (ConnectFour(), {}, 0.96),
    "chance of double moves": (Race(), {"max_opening_plies": 2}, 0.87),
    "half double moves": (Talk((0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 1, 1)), {"max_opening_plies": 6}, 0.87),
}


@pytest.mark.parametrize("name", USE)
def test_places_are_used(name):
    """64 matches in 4 lanes used 0.98, 0.91 and 0.91 of the places; larger lanes waste less."""
    game, options, least = USE[name]
    assert record(game, 20, at_random(game), num_matches=64, **options).used > least
