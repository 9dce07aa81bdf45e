"""Main agents that meet each other, every rule of matchmaking, and exploiters that start from old ones."""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from quick import quick_jit
from small_leagues import MEMBER, NOBODY, TRAINING, Program, with_league

from jaxplay.config import LeagueConfig, MemberConfig, RefereeConfig
from jaxplay.config.league import MATCHMAKING
from jaxplay.league import INITIAL, LEAGUE_EXPLOITER, MAIN_AGENT, League, Role, make_league, tally
from jaxplay.training.members import members, meta_of_member

CONFIG = with_league(
    main_agents=dataclasses.replace(MEMBER, count=2, max_steps=6),
    main_exploiters=NOBODY,
    league_exploiters=dataclasses.replace(MEMBER, matchmaking="nash", reset=1.0, adaptive=True),
    referees=RefereeConfig(matches=0),
)
LEARNERS, EXPLOITER, STEPS = 3, 2, 40


@pytest.fixture(scope="module")
def program() -> Program:
    return Program(CONFIG)


@pytest.fixture(scope="module")
def history(program: Program) -> Any:
    """The state after each step, and its metrics."""
    state, found = program.init(jax.random.key(0)), []
    for _ in range(STEPS):
        state, metrics = program.step(state)
        found.append(jax.device_get((jax.tree.map(jnp.copy, state), metrics)))
    return found


def test_main_agents_meet_each_other(history):
    """Live, from both sides, and each game is counted for both."""
    met = dict.fromkeys(((0, 1), (1, 0)), 0.0)
    for state, _ in history:
        for learner, other in met:
            met[learner, other] += (state.matches[learner].opponent == other).sum()
        payoff = state.league.payoff
        np.testing.assert_allclose(payoff.games[0, 1], payoff.games[1, 0, ::-1], atol=1e-4)
        lost = (payoff.games - payoff.wins - payoff.draws)[1, 0, ::-1]
        np.testing.assert_allclose(payoff.wins[0, 1], lost, atol=1e-4)
        np.testing.assert_allclose(payoff.returns[0, 1], -payoff.returns[1, 0, ::-1], atol=1e-4)
    assert min(met.values()) > 3
    assert history[-1][0].league.payoff.games[0, 1].sum() > 10


def test_main_agents_are_two_learners(history):
    """Equal at the start, they play other games and learn other things; frozen ones know their parent."""
    first, last = history[0][0], history[-1][0]
    assert not np.array_equal(first.matches[0].match.state.stones, first.matches[1].match.state.stones)
    one, other = (jax.tree.leaves(last.learners[learner].ema) for learner in range(2))
    assert all((a != b).any() for a, b in zip(one, other, strict=True))
    people = last.league.population
    assert {int(parent) for parent in people.parent[people.present]} == {-1, 0, 1, 2}


def test_metrics_are_told_by_the_names_of_learners(history):
    metrics = history[-1][1]
    own = {"policy_loss", "value_loss", "policy_gap", "value_error", "gradient_norm", "updates"}
    names = {front + name for front in ("", "main_2.", "league_exploiter.") for name in own}
    assert names <= metrics.keys() and all(np.isfinite(value) for value in metrics.values())
    assert metrics["updates"] == STEPS and metrics["players"] == 5


def test_an_exploiter_starts_from_an_old_one_that_fits(history):
    """From the parameters of a slot: the first one's, or those of an exploiter of before."""
    sources = []
    for state, metrics in history:
        if metrics["resets"] == 0:
            continue
        mine = state.learners[EXPLOITER].params["heads"]["policy"]["kernel"]
        slots = state.league.population.params["heads"]["policy"]["kernel"]
        (source,) = np.flatnonzero((slots == mine).all((1, 2)))
        sources.append(int(state.league.population.kind[source]))
    assert set(sources) == {INITIAL, LEAGUE_EXPLOITER}


SLOTS = 6


def all_rules() -> tuple[League, Any]:
    """A league with a learner of each rule, of whom one is frozen, and a step of it with made-up games."""
    rules = [MemberConfig(matchmaking=name) for name in MATCHMAKING]
    metas = [
        meta_of_member(members(TRAINING, LeagueConfig(main_agents=rule))[0], LeagueConfig()) for rule in rules
    ]
    learners = len(rules)
    roles = [Role(MAIN_AGENT, 1, 4 if learner == 0 else 1000) for learner in range(learners)]
    league = make_league(roles, metas, SLOTS)

    def step(state: Any, key: Any) -> Any:
        key_who, key_won, key_league = jax.random.split(key, 3)
        rivals = jax.random.randint(key_who, (128, 2), learners, learners + SLOTS)
        players = rivals.at[:64, 0].set(jnp.arange(64) % learners)
        turn = (players[:, :1] - players[:, 1:]) % 3  # who beats whom, mostly, goes round
        chance = jnp.where(turn == 1, 0.8, jnp.where(turn == 2, 0.2, 0.5))
        won = jnp.where(jax.random.uniform(key_won, chance.shape) < chance, 1.0, -1.0)
        counted = state.population.present[rivals - learners].all(1)
        fresh = tally(learners + SLOTS, players, won * jnp.array([[1.0, -1.0]]), counted)
        params = [{"w": jnp.float32(i)} for i in range(learners)]
        state, _ = league.advance(state, fresh, params, key_league)
        return state, (league.opponents(state), state.population.present)

    return league, step


def test_all_rules_in_one_program():
    """Each says whom to play for whatever was measured: shares of players who exist; no two say the same."""
    (league, step), learners = all_rules(), len(MATCHMAKING)
    start = league.init({"w": jnp.float32(-1.0)})
    run = quick_jit(lambda state, keys: jax.lax.scan(step, state, keys)[1])
    probs, present = jax.device_get(run(start, jax.random.split(jax.random.key(0), 43)))
    np.testing.assert_allclose(probs.sum(-1), 1.0, atol=1e-5)
    assert (probs >= 0).all() and present[-1].all()
    gone = np.broadcast_to(~present[:, None], probs[..., learners:].shape)
    assert not probs[..., learners:][gone].any()
    apart = np.abs(probs[:, :, None] - probs[:, None]).max((0, 3)) + np.eye(learners)
    same = [MATCHMAKING.index(name) for name in ("nash", "mirror_descent")]
    assert apart[same[0], same[1]] < 0.05  # two ways to one solution
    apart[same, same[::-1]] = 1.0
    assert apart.min() > 1e-2


def test_all_rules_are_exported():
    """For every backend, without a callback; solvers included."""
    league, step = all_rules()
    start = jax.eval_shape(league.init, {"w": jax.ShapeDtypeStruct((), jnp.float32)})
    key = jax.eval_shape(jax.random.key, 0)
    exported: Any = jax.export.export(jax.jit(step), platforms=("cpu", "cuda", "tpu"))(start, key)
    assert "callback" not in exported.mlir_module()
