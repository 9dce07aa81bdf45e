"""Matchmakers by name: all of the literature's in one program, shared states, a uniform share, bad names."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from leagues import opponents, with_scores
from quick import quick_jit

from jaxplay import league
from jaxplay.errors import UserError
from jaxplay.league import (
    LEAGUE_EXPLOITER,
    MAIN_AGENT,
    MAIN_EXPLOITER,
    MATCHMAKERS,
    League,
    Role,
    find_matchmaker,
    make_league,
    make_matchmakers,
    new_payoff,
    tally,
)

SLOTS = 6
LEARNERS = len(MATCHMAKERS)


def all_matchmakers() -> tuple[League, Any]:
    """A league with a learner for each name, of whom one is frozen, and a step of it with made-up games."""
    matchmakers = make_matchmakers(MATCHMAKERS, [MAIN_AGENT] * LEARNERS, solve_every=8, uniform_share=0.05)
    roles = [Role(MAIN_AGENT, 1, 4 if learner == 0 else 1000) for learner in range(LEARNERS)]
    league = make_league(roles, matchmakers, SLOTS)

    def step(state: Any, key: Any) -> Any:
        key_who, key_won, key_league = jax.random.split(key, 3)
        rivals = jax.random.randint(key_who, (128, 2), LEARNERS, LEARNERS + SLOTS)
        players = rivals.at[:64, 0].set(jnp.arange(64) % LEARNERS)
        turn = (players[:, :1] - players[:, 1:]) % 3  # a cycle: each mostly beats the next
        chance = jnp.where(turn == 1, 0.8, jnp.where(turn == 2, 0.2, 0.5))
        won = jnp.where(jax.random.uniform(key_won, chance.shape) < chance, 1.0, -1.0)
        counted = state.population.present[rivals - LEARNERS].all(1)
        fresh = tally(LEARNERS + SLOTS, players, won * jnp.array([[1.0, -1.0]]), counted)
        params = [{"w": jnp.float32(i)} for i in range(LEARNERS)]
        state, _ = league.advance(state, fresh, params, key_league)
        return state, (league.opponents(state), state.population.present)

    return league, step


def test_all_matchmakers_in_one_program():
    """Each gives shares of players that exist, whatever was measured, and no two give the same."""
    league, step = all_matchmakers()
    start = league.init({"w": jnp.float32(-1.0)})
    run = quick_jit(lambda state, keys: jax.lax.scan(step, state, keys)[1])
    probs, present = jax.device_get(run(start, jax.random.split(jax.random.key(0), 43)))
    np.testing.assert_allclose(probs.sum(-1), 1.0, atol=1e-5)
    assert (probs >= 0).all() and present[-1].all()
    gone = np.broadcast_to(~present[:, None], probs[..., LEARNERS:].shape)
    assert not probs[..., LEARNERS:][gone].any()
    apart = np.abs(probs[:, :, None] - probs[:, None]).max(-1)
    same = [MATCHMAKERS.index(name) for name in ("nash", "mirror_descent", "gini_cce", "gini_ce")]
    ways = np.ix_(same, same)
    # Ways to one solution, but for measured games that are close to having several.
    assert (np.median(apart, axis=0)[ways] < 0.05).all()
    most = apart.max(axis=0) + np.eye(LEARNERS)
    most[ways] = 1.0
    assert most.min() > 1e-2


@pytest.mark.parametrize(("share", "expected"), [(0.2, [0, 0.1, 0.9]), (0.0, [0, 0, 1])])
def test_a_share_of_all_matches_is_against_anybody(share, expected):
    (matchmaker,) = make_matchmakers(["pfsp_hard"], [MAIN_AGENT], solve_every=1, uniform_share=share)
    np.testing.assert_allclose(opponents(matchmaker, with_scores([1.0, 0.0])), expected, atol=1e-6)


def test_learners_of_one_name_share_a_state():
    """AlphaStar's matchmaker is another for each kind; a solution is found once, every so many steps."""
    names = ("mirror_descent", "alphastar", "phases", "phases", "mirror_descent", "alphastar")
    kinds = (MAIN_AGENT, MAIN_AGENT, MAIN_AGENT, MAIN_AGENT, MAIN_EXPLOITER, LEAGUE_EXPLOITER)
    made = make_matchmakers(names, kinds, solve_every=3)
    assert made[0] is made[4] and made[2] is made[3] and len(set(made)) == 4
    league = make_league([Role(kind, 1, 9) for kind in kinds], made, SLOTS)
    assert len(jax.eval_shape(league.init, {"w": jnp.float32(0)}).matchmaking) == 4
    step = quick_jit(lambda state: made[0].update(state, with_scores([0.5] * 3), new_payoff(4)))
    state = made[0].init(1, 4)
    for age in (1, 2, 0, 1):
        state = step(state)
        assert state.age == age


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nsh", "'nsh'; did you mean 'nash'?"),
        ("", "''; allowed: alpha_rank, alphastar"),
        ("nowhere_at_all:rule", "'nowhere_at_all:rule': No module named"),
        ("math:rule", "'math:rule': module 'math' has no attribute"),
        ("math:pi", "'math:pi', which is no jaxplay.league.Matchmaker"),
    ],
)
def test_a_matchmaker_that_does_not_exist(name, said):
    with pytest.raises(UserError) as found:
        find_matchmaker(name, MAIN_AGENT, solve_every=1)
    assert str(found.value).startswith(f"MemberConfig.matchmaking is {said}") and "\n" not in str(found.value)


def test_a_function_is_no_matchmaker():
    with pytest.raises(UserError) as found:
        league.register("evenly", lambda standings, learner: standings.frozen)  # pyright: ignore[reportArgumentType]
    assert "'evenly' is a function, which is no jaxplay.league.Matchmaker" in str(found.value)
    assert str(found.value).endswith("; jaxplay.league.stateless makes one of a function")
