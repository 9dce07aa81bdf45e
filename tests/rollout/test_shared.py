"""Self-play: what it records, held against the rules of the game."""

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import Array
from quick import quick_jit
from rolling import RANDOM, self_play
from small_games import Nim, Race

from jaxplay import search
from jaxplay.evaluator import uniform
from jaxplay.game import random_action
from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.learners.positions import unstrip
from jaxplay.perspective import frame_of_rewards
from jaxplay.rollout import Roster, summary
from jaxplay.search import Search, SearchOutput

MATCHES, PLIES = 32, 14


@dataclass(frozen=True)
class ShortTicTacToe(TicTacToe):
    """Cut after four plies, when nobody can have won."""

    max_plies = 4  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]


def guess(game: Any) -> Search:
    """A search that counts 1 to 5 visits of some legal actions at random, and expects to win half a point."""

    even = search.policy(game, uniform(game))

    def guesses(params: None, key: Array, states: Any, **options: Any) -> SearchOutput:
        key_visits, key_sure = jax.random.split(key)
        legal = states.legal_action_mask[:, : game.num_actions]
        visits = jax.random.randint(key_visits, legal.shape, -4, 5)
        sure = jax.vmap(random_action)(legal, jax.random.split(key_sure, len(legal)))
        visits = jnp.where(legal, jnp.maximum(visits, 0) + jax.nn.one_hot(sure, legal.shape[1], dtype=int), 0)
        return even(params, key, states)._replace(
            action=jnp.argmax(visits, axis=-1).astype(jnp.int32),
            action_weights=visits / visits.sum(-1, keepdims=True),
            value=jnp.full(len(legal), 0.5),
            prior=legal / legal.sum(-1, keepdims=True),
            depth=jnp.full(len(legal), 2.0),
        )

    return cast(Search, guesses)


@cache
def play(game: Any, openings: int = 0, *, cools: bool = False) -> Any:
    """`(episodes before, moves, episodes after, totals)` of two calls in a row, as NumPy arrays.

    With `cools`, the temperature is 0.5 for three plies and 0 after them.
    """
    cooling = {"temperature_early": 0.5, "temperature_late": 0.0, "temperature_plies": 3}
    options = {"num_matches": MATCHES, "num_plies": PLIES, "max_opening_plies": openings}
    actor, calls = self_play(game, guess(game), **options, **(cooling if cools else RANDOM)), []
    matches, step = quick_jit(actor.init)(jax.random.key(1)), quick_jit(actor.play)
    for call in range(2):
        rolled = step(Roster(None), matches, jax.random.key(10 + call))
        parts = (matches.episodes, rolled.trajectory, rolled.matches.episodes, rolled.totals)
        calls.append(jax.device_get(parts))
        matches = rolled.matches
    return calls


def follow(game: Any, moves: Any) -> Any:
    """The states right after each move, by the rules alone; leaves `(T, B, ...)`."""
    states = jax.vmap(lambda row: unstrip(game, row))(moves.state)
    return jax.device_get(quick_jit(jax.vmap(jax.vmap(game.step)))(states, moves.action))


def fields(state: Any, index: Any = ()) -> dict[str, Any]:
    """What self-play records of the states at `index`."""
    names = set(vars(state)) - {"legal_action_mask", "rewards"}
    return {name: getattr(state, name)[index] for name in names}


def stones(state: Any) -> Any:
    """How many stones lie on the board."""
    return np.bitwise_count(state.stones).sum((-1, -2))


def assert_same(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert first.keys() == second.keys()
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name], name)


CASES = {"openings": (TicTacToe(), 3), "no openings": (Nim((3, 4, 5)), 0), "cut": (ShortTicTacToe(), 0)}
each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
with_chance = pytest.mark.parametrize("case", [*CASES.values(), (Race(), 3)], ids=[*CASES, "chance"])


@each_case
def test_the_record_is_the_game(case):
    """Replayed by the rules: legal moves, next positions, rewards and ends are those recorded."""
    game, (_, moves, _, _) = case[0], play(*case)[0]
    after = follow(game, moves)
    goes_on = ~(moves.terminated | moves.truncated)[:-1]
    assert goes_on.any() and not goes_on.all()
    later = jax.tree.map(lambda leaf: leaf[1:], moves)
    earlier = jax.tree.map(lambda leaf: leaf[:-1], after)
    assert_same(fields(later.state, goes_on), fields(earlier, goes_on))
    legal = moves.legal_action_mask
    np.testing.assert_array_equal(legal[1:][goes_on], earlier.legal_action_mask[goes_on])
    assert np.take_along_axis(legal, moves.action[..., None], -1).all()
    np.testing.assert_array_equal(moves.rewards, frame_of_rewards(game, after.rewards))
    np.testing.assert_array_equal(moves.terminated, after.terminated)
    np.testing.assert_array_equal(moves.player, moves.state.current_player)


@with_chance
def test_no_search_starts_at_an_end_or_at_chance(case):
    for before, moves, after, _ in play(*case):
        for state in (before.state, moves.state, after.state):
            assert not state.terminated.any() and (state.current_player >= 0).all()
        assert moves.terminated.any() or moves.truncated.any()


@with_chance
def test_games_go_on_across_calls(case):
    (start, moves, middle, _), (again, more, _, _) = play(*case)
    first = jax.tree.map(lambda leaf: leaf[0], (moves.state, more.state))
    assert_same(fields(first[0]), fields(start.state))
    assert_same(fields(first[1]), fields(middle.state))
    assert_same(fields(again.state), fields(middle.state))
    assert (middle.ply > 0).any()


def test_a_new_game_begins_with_its_opening():
    """After an end: a position of as many stones as random plies were wanted, at most three."""
    lengths = []
    for _, moves, match, _ in play(TicTacToe(), 3):
        first = moves.terminated[:-1]
        lengths += stones(moves.state)[1:][first].tolist()
        assert (stones(match.state) == match.ply).all()
        assert (stones(match.prepared) == match.opening_plies).all()
    assert set(lengths) == {0, 1, 2, 3}


def test_without_openings_every_game_begins_at_the_start():
    _, moves, _, _ = play(Nim((3, 4, 5)))[0]
    assert (moves.state.piles[1:][moves.terminated[:-1]] == [3, 4, 5]).all()


def test_opening_lengths_are_equally_likely():
    """0 to 3 random plies, 8,000 matches: each count within five standard deviations."""
    game = TicTacToe()
    actor = self_play(game, guess(game), num_matches=8000, num_plies=1, max_opening_plies=3)
    match = quick_jit(actor.init)(jax.random.key(0)).episodes
    assert not match.state.terminated.any()
    for lengths in (match.ply, match.opening_left):
        counts = np.bincount(lengths, minlength=4)
        np.testing.assert_allclose(counts, 2000, atol=5 * np.sqrt(8000 * 0.25 * 0.75))


def test_an_opening_never_ends_the_game():
    """Nim with piles of one ends after four plies at the latest; openings stop before."""
    game = Nim((1, 1, 1, 1))
    before, moves, after, _ = play(game, 8)[0]
    for match in (before, after):
        assert not match.prepared.terminated.any() and (match.opening_plies <= 3).all()
    assert (before.ply <= 3).all() and (before.ply == 3).any()
    assert (moves.state.piles.sum(-1) >= 1).all()


def test_a_game_is_cut_at_its_bound():
    """Flagged as truncated and not as an end, after exactly `max_plies`; rewards are the game's."""
    _, moves, _, _ = play(ShortTicTacToe())[0]
    ply = np.arange(PLIES)[:, None] % 4
    np.testing.assert_array_equal(moves.truncated, np.broadcast_to(ply == 3, (PLIES, MATCHES)))
    np.testing.assert_array_equal(stones(moves.state), np.broadcast_to(ply, (PLIES, MATCHES)))
    assert not moves.terminated.any() and not moves.rewards.any()


def test_chance_and_double_moves():
    """Rewards are the points that move and die earned; who rolled two moves again."""
    game, double = Race(), 0
    for _, moves, match, _ in play(game, 3):
        scores = np.concatenate([moves.state.scores, match.state.scores[None]])
        player = np.concatenate([moves.player, match.state.current_player[None]])
        goes_on = ~(moves.terminated | moves.truncated)
        lead = (scores * [1, -1]).sum(-1)
        earned = np.diff(lead, axis=0) / game.max_return
        np.testing.assert_allclose(moves.rewards[goes_on][:, 0], earned[goes_on], atol=1e-6)
        gain = np.abs(moves.rewards[..., 0]) * game.max_return
        again = player[1:] == moves.player
        np.testing.assert_array_equal(again[goes_on], gain[goes_on] > 2)
        double += again[goes_on].sum()
        sign = np.where(moves.player == 0, 1, -1)
        assert (sign * moves.rewards[..., 0] >= 0).all()
        assert set(np.unique(gain.round())) == {0, 1, 3} and (gain[moves.action == 0].round() == 1).all()
    assert double > 0


def test_moves_are_drawn_from_visits_by_temperature():
    """The recorded probability is that of visits to the power of 1 / temperature, by ply; 0 is greedy."""
    _, moves, _, _ = play(TicTacToe(), 0, cools=True)[0]
    visits = moves.policy_target
    np.testing.assert_allclose(visits.sum(-1), 1.0, rtol=1e-6)
    chosen = np.take_along_axis(visits, moves.action[..., None], -1)[..., 0]
    early = stones(moves.state) < 3
    np.testing.assert_array_equal(chosen[~early], visits.max(-1)[~early])
    np.testing.assert_array_equal(moves.log_prob[~early], 0.0)
    expected = 2 * np.log(chosen) - np.log((visits**2).sum(-1))
    np.testing.assert_allclose(moves.log_prob[early], expected[early], atol=1e-5)
    assert (chosen[early] < visits.max(-1)[early]).any()


def test_draws_follow_the_visits():
    """At temperature 1, as often as predicted: the sum of hits is within five standard deviations."""
    hits, expected, variance = 0.0, 0.0, 0.0
    for _, moves, _, _ in play(TicTacToe(), 3):
        best = moves.policy_target.max(-1)
        chosen = np.take_along_axis(moves.policy_target, moves.action[..., None], -1)[..., 0]
        ties = (moves.policy_target == best[..., None]).sum(-1)
        hits += (chosen == best).sum()
        expected += (best * ties).sum()
        variance += (best * ties * (1 - best * ties)).sum()
    assert abs(hits - expected) < 5 * np.sqrt(variance)


def test_values_are_in_the_fixed_frame():
    """The search expects half a point for the mover: minus a half for player 0 where the other moves."""
    _, moves, _, _ = play(TicTacToe(), 3)[0]
    np.testing.assert_array_equal(moves.value[..., 0], np.where(moves.player == 0, 0.5, -0.5))


def test_summary_counts_games():
    """Of totals added up over shards: ratios of sums, and zero games do no harm."""
    _, moves, _, totals = play(ShortTicTacToe())[0]
    found = summary(jax.tree.map(lambda total: 2 * total, totals))
    assert found["positions"] == 2 * moves.player.size and found["games"] == 2 * MATCHES * (PLIES // 4)
    assert found["truncated"] == found["games"] and found["plies_per_game"] == PLIES / (PLIES // 4)
    assert found["first_player_score"] == 0 and found["search_depth"] == 2
    none = summary({**totals, "games": 0 * totals["games"]})
    assert np.isfinite(none["plies_per_game"])


def test_kept_trees_save_simulations_and_end_with_their_games():
    """Visits at the root: those of this move, and of the last one's tree where its game goes on."""
    game, simulations, keep = TicTacToe(), 24, 40
    run = search.puct(game, uniform(game), simulations, dirichlet_fraction=0.25, capacity=simulations + keep)
    counts = []

    def counted(*args: Any, **options: Any) -> SearchOutput:
        found = run(*args, **options)
        jax.debug.callback(
            lambda visits: counts.append(np.asarray(visits)), found.visits.sum(-1), ordered=True
        )
        return found

    options = {"num_matches": 16, "num_plies": 12, "keep_nodes": keep, "temperature_late": 0.0}
    match = self_play(game, cast(Search, counted), **options)
    state = match.init(jax.random.key(0))
    moves = jax.device_get(quick_jit(match.play)(Roster(None), state, jax.random.key(1)).trajectory)
    jax.effects_barrier()
    seen = np.stack(counts)
    first = np.concatenate([np.ones((1, 16), bool), moves.terminated[:-1]])
    np.testing.assert_array_equal(seen[first], simulations)
    later = seen[~first]
    assert (later > simulations).mean() > 0.9 and later.max() < 4 * simulations
