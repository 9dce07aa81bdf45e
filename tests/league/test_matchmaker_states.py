"""Matchmakers with a state: quality scores, phases, solutions of the frozen players' game."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from leagues import opponents, updated, with_scores
from quick import quick_jit

from jaxplay import league
from jaxplay.league import Payoff, Standings, new_payoff, tally
from jaxplay.matrix_games import exploitability, mirror_descent
from jaxplay.struct import replace


def wins_of_the_learner(size: int, *against: int) -> Payoff:
    """Games that learner 0 has won."""
    players = jnp.asarray(np.array([[0, j] for j in against], np.int32))
    returns = jnp.asarray(np.tile(np.array([1, -1], np.float32), (len(against), 1)))
    return jax.jit(tally, static_argnums=0)(size, players, returns, jnp.asarray(np.ones(len(against), bool)))


def test_quality_falls_with_wins_as_openai_five_has_it():
    standings = with_scores([0.5, 0.5, 0.5])
    matchmaker = league.quality_scores(past=0.2, rate=0.3)
    state = updated(matchmaker, matchmaker.init(1, 4), standings)
    np.testing.assert_allclose(
        opponents(matchmaker, standings, state=state), [0.8, *[0.2 / 3] * 3], atol=1e-6
    )
    state = updated(matchmaker, state, standings, wins_of_the_learner(4, 1, 1, 3))
    # Two wins over player 1: quality -2 * 0.3 / (3 * 1/3); one over player 3: half of that.
    np.testing.assert_allclose(state.quality[0, 1:], [-0.6, 0, -0.3], atol=1e-6)
    weights = np.exp([-0.6, 0, -0.3])
    expected = [0.8, *(0.2 * weights / weights.sum())]
    np.testing.assert_allclose(opponents(matchmaker, standings, state=state), expected, atol=1e-6)
    again = updated(matchmaker, state, standings, wins_of_the_learner(4, 2))
    chance = weights[1] / weights.sum()
    assert again.quality[0, 2] == pytest.approx(-0.3 / (3 * chance), abs=1e-6)


def test_losses_leave_quality_and_new_players_begin_with_the_greatest():
    standings = with_scores([0.5, 0.5, 0.5])
    matchmaker = league.quality_scores(rate=0.3)
    state = updated(matchmaker, matchmaker.init(1, 4), standings)
    lost = tally(4, jnp.array([[1, 0]]), jnp.array([[1.0, -1.0]]), jnp.array([True]))
    same = updated(matchmaker, state, standings, lost)
    np.testing.assert_array_equal(same.quality, state.quality)
    state = updated(matchmaker, state, standings, wins_of_the_learner(4, 1, 2, 3, 3))
    np.testing.assert_allclose(state.quality[0, 1:], [-0.3, -0.3, -0.6], atol=1e-6)
    changed = replace(standings, born=standings.born.at[3].set(77))  # slot 3 holds somebody else now
    probs = opponents(matchmaker, changed, state=state)
    assert probs[3] == 0  # not before its quality is known
    state = updated(matchmaker, state, changed)
    np.testing.assert_allclose(state.quality[0, 1:], [-0.3, -0.3, -0.3], atol=1e-6)


def test_two_phases_follow_each_other():
    matchmaker = league.phases(newest_share=0.8, challenged=0.6, generalised=0.6, min_games=20)

    def play(state: jax.Array, *scores: float, games: float = 100.0) -> tuple[jax.Array, list[float]]:
        standings = with_scores(scores)
        standings = replace(standings, games=jnp.full_like(standings.games, games))
        state = updated(matchmaker, state, standings)
        return state, opponents(matchmaker, standings, state=state).round(5).tolist()

    state, probs = play(matchmaker.init(1, 4), 0.9, 0.2, 0.5)
    assert not state[0] and probs == pytest.approx([0, 0.1, 0.1, 0.8])
    state, _ = play(state, 0.9, 0.2, 0.61, games=19.0)
    assert not state[0]  # too few games to tell
    state, probs = play(state, 0.9, 0.2, 0.65)
    assert state[0] and probs == pytest.approx([0, 0.08, 0.64, 0.28], abs=1e-4)
    state, _ = play(state, 0.9, 0.2, 0.5)
    assert state[0]  # goes on until the mean is beaten
    state, probs = play(state, 0.9, 0.5, 0.5)
    assert not state[0] and probs == pytest.approx([0, 0.1, 0.1, 0.8])
    _, probs = play(matchmaker.init(1, 2), 0.3)
    assert probs == [0, 1]


def test_what_was_known_of_a_learner_goes_with_it():
    """Only what is about that learner goes; a solution of the frozen players' game stays."""
    anew = jnp.array([False, True])
    phases = league.phases()
    mixed = league.mixture((0.5, phases), (0.5, league.self_play()))
    assert phases.forget(jnp.array([True, True]), anew).tolist() == [True, False]
    assert mixed.forget((jnp.array([True, True]), ()), anew)[0].tolist() == [True, False]
    quality = league.quality_scores()
    state = replace(quality.init(2, 4), quality=jnp.full((2, 4), -3.0))
    forgotten = quality.forget(state, anew)
    assert forgotten.quality.tolist() == [[-3] * 4, [0] * 4]
    np.testing.assert_array_equal(forgotten.born, state.born)
    solved = league.psro(league.by_nash())
    assert solved.forget("mixture", anew) == "mixture"


def rock_paper_scissors(learner: list[float]) -> Standings:
    """Three frozen players in a circle, a fourth that loses to all, and an empty slot."""
    standings = with_scores([0.5] * 5)
    table = np.zeros((6, 6), np.float32)
    table[1:4, 1:4] = [[0, -1, 1], [1, 0, -1], [-1, 1, 0]]
    table[1:4, 4] = 0.5
    table[0, 1:5] = learner
    table = table + np.where(table == 0, -table.T, 0)
    table[5], table[:, 5] = np.nan, np.nan
    present = jnp.arange(6) < 5
    return replace(
        standings, advantage=jnp.asarray(table), present=present, frozen=present & (jnp.arange(6) > 0)
    )


@pytest.mark.parametrize(
    ("solver", "tolerance"),
    [
        (league.by_nash(), 1e-3),
        (league.by_mirror_descent(num_steps=2000), 1e-2),
        (league.by_replicator(), 5e-2),
        (league.by_alpha_rank(), 1e-3),
        (league.by_gini(), 2e-3),
    ],
    ids=["nash", "mirror descent", "projected replicator", "alpha-rank", "gini"],
)
def test_psro_plays_the_solution(solver, tolerance):
    matchmaker, standings = league.psro(solver), rock_paper_scissors([0, 0, 0, 0])
    state = updated(matchmaker, matchmaker.init(1, 6), standings)
    found = opponents(matchmaker, standings, state=state)
    np.testing.assert_allclose(found, [0, 1 / 3, 1 / 3, 1 / 3, 0, 0], atol=tolerance)
    assert found.sum() == pytest.approx(1, abs=1e-5)


def test_rectified_learners_meet_whom_they_beat():
    matchmaker = league.rectified(league.by_nash())

    def meet(*advantage: float) -> np.ndarray:
        standings = rock_paper_scissors(list(advantage))
        state = updated(matchmaker, matchmaker.init(1, 6), standings)
        return opponents(matchmaker, standings, state=state)

    np.testing.assert_allclose(meet(0.2, -0.1, 0.3, 1.0), [0, 0.5, 0, 0.5, 0, 0], atol=1e-3)
    np.testing.assert_allclose(meet(-0.2, -0.1, -0.3, 1.0), [0, 1 / 3, 1 / 3, 1 / 3, 0, 0], atol=1e-3)


def test_solutions_are_kept_and_begin_where_the_last_one_ended():
    starts = []

    def solve(payoff: jax.Array, mask: jax.Array, start: jax.Array) -> jax.Array:
        starts.append(payoff)
        return mask * (start + 1e-3 * jnp.arange(6)) / (mask * (start + 1e-3 * jnp.arange(6))).sum()

    matchmaker, standings = league.psro(solve, every=3), rock_paper_scissors([0, 0, 0, 0])
    step = jax.jit(lambda state: matchmaker.update(state, standings, new_payoff(6)))
    states = [matchmaker.init(1, 6)]
    for _ in range(7):
        states.append(step(states[-1]))
    mixtures = np.stack([state.mixture for state in states])
    changed = (np.abs(np.diff(mixtures, axis=0)) > 1e-5).any(1)
    assert changed.tolist() == [True, False, False, True, False, False, True]
    assert (np.diff(mixtures[[1, 4, 7]][:, 1:5], axis=1) > 0).all()
    assert mixtures[7, 4] > mixtures[4, 4] > mixtures[1, 4]  # each solution built on the last
    assert not np.isnan(np.asarray(mixtures)).any() and len(starts) == 1  # traced once


def games_that_change(size: int = 24) -> dict[str, jax.Array]:
    """Payoffs of players of several strengths and tastes, the same a little later, and other ones."""
    rng = np.random.default_rng(0)
    level, taste, noise = (
        rng.normal(size=size) / 2,
        rng.normal(size=(2, size)),
        rng.normal(size=(2, size, size)),
    )
    noise = noise - noise.swapaxes(1, 2)
    turn = np.outer(*taste) - np.outer(*taste).T
    first = np.tanh(level[:, None] - level + turn / 2 + noise[0] / 10)
    games = {"first": first, "near": first + 1e-3 * noise[1], "far": np.roll(first, 5, (0, 1))}
    return {name: jnp.asarray(game, jnp.float32) for name, game in games.items()}


def test_solvers_begin_where_the_last_solution_is_one_and_anew_elsewhere():
    """With a tenth of the steps they keep up with payoffs that hardly change, and notice those that do."""
    games = games_that_change()
    everyone, even = jnp.ones(24, bool), jnp.full(24, 1 / 24)
    solve = quick_jit(league.by_mirror_descent(num_steps=4000, warm_steps=400))
    anew = quick_jit(lambda payoff: mirror_descent(payoff, everyone, num_steps=4000))
    start = solve(games["first"], everyone, even)
    for name, payoff in games.items():
        found, cold = solve(payoff, everyone, start), anew(payoff)
        assert exploitability(payoff, found) < 2e-3 * jnp.abs(payoff).max()
        assert np.allclose(found, cold, atol=1e-6) == (name == "far")


def test_replicator_dynamics_keep_up_too():
    games, everyone, even = games_that_change(), jnp.ones(24, bool), jnp.full(24, 1 / 24)
    solve = quick_jit(league.by_replicator())
    start = solve(games["first"], everyone, even)
    for name in ("first", "near"):
        assert exploitability(games[name], solve(games[name], everyone, start)) < 0.02
    assert exploitability(games["first"], start) < 0.05


def test_a_player_that_left_has_no_share_before_the_next_solution():
    matchmaker, standings = league.psro(league.by_nash(), every=10), rock_paper_scissors([0, 0, 0, 0])
    state = updated(matchmaker, matchmaker.init(1, 6), standings)
    gone = replace(standings, frozen=standings.frozen.at[2].set(False))
    state = updated(matchmaker, state, gone)
    np.testing.assert_allclose(opponents(matchmaker, gone, state=state), [0, 0.5, 0, 0.5, 0, 0], atol=1e-3)
