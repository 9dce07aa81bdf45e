"""Main agents that meet each other, every rule of matchmaking, and exploiters that start from old ones."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from leagues import opponents, with_scores
from quick import quick_jit
from small_leagues import MEMBER, NOBODY, TRAINING, Program, with_league

from jaxplay.config import LeagueConfig, MemberConfig, RefereeConfig
from jaxplay.errors import UserError
from jaxplay.league import (
    INITIAL,
    LEAGUE_EXPLOITER,
    MAIN_AGENT,
    RULES,
    League,
    Role,
    make_league,
    new_payoff,
    prioritized,
    register,
    rules,
    tally,
)
from jaxplay.training import make_training
from jaxplay.training.members import Member, members, metas_of_members

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


def test_a_generation_begins_with_the_steps_before_it(history):
    """So what falls during one, falls again in the next; a learner that starts anew has had no steps."""
    began, starts = np.zeros(LEARNERS, int), 0
    for state, metrics in history:
        for number, learner in enumerate(state.learners):
            frozen = state.league.since[number] == 0
            began[number] = learner.updates if frozen else began[number]
            assert learner.began == began[number]
            starts += frozen and learner.updates > 0
        assert (metrics["frozen"] > 0) == (state.league.since == 0).any()
    assert starts > 10 and began[EXPLOITER] == 0


SLOTS = 6


def agent_of(rule: str, number: int = 0) -> Member:
    """A main agent that plays by a rule."""
    agents = MemberConfig(matchmaking=rule, count=number + 1)
    return members(TRAINING, LeagueConfig(main_agents=agents))[number]


def all_rules() -> tuple[League, Any]:
    """A league with a learner of each rule, of whom one is frozen, and a step of it with made-up games."""
    learners = len(RULES)
    metas = metas_of_members([agent_of(name) for name in RULES], LeagueConfig())
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
    (league, step), learners = all_rules(), len(RULES)
    start = league.init({"w": jnp.float32(-1.0)})
    run = quick_jit(lambda state, keys: jax.lax.scan(step, state, keys)[1])
    probs, present = jax.device_get(run(start, jax.random.split(jax.random.key(0), 43)))
    np.testing.assert_allclose(probs.sum(-1), 1.0, atol=1e-5)
    assert (probs >= 0).all() and present[-1].all()
    gone = np.broadcast_to(~present[:, None], probs[..., learners:].shape)
    assert not probs[..., learners:][gone].any()
    apart = np.abs(probs[:, :, None] - probs[:, None]).max((0, 3)) + np.eye(learners)
    same = [RULES.index(name) for name in ("nash", "mirror_descent")]
    assert apart[same[0], same[1]] < 0.05  # two ways to one solution
    apart[same, same[::-1]] = 1.0
    assert apart.min() > 1e-2


def test_a_share_of_all_matches_is_against_anybody():
    """Whatever the rule; without a share the rule stands alone."""
    standings = with_scores([1.0, 0.0])
    for share, expected in ((0.2, [0, 0.1, 0.9]), (0.0, [0, 0, 1])):
        (meta,) = metas_of_members([agent_of("pfsp_hard")], LeagueConfig(uniform_share=share))
        np.testing.assert_allclose(opponents(meta, standings), expected, atol=1e-6)


def test_learners_of_one_rule_share_its_memory():
    """AlphaStar's rule is another for each kind; a solution is found once, every so many steps."""
    rule = "mirror_descent"
    found = [agent_of(name, number) for name, number in ((rule, 0), ("alphastar", 0), ("phases", 1))]
    exploiters = MemberConfig(matchmaking=rule), MemberConfig()
    both = members(TRAINING, LeagueConfig(main_exploiters=exploiters[0], league_exploiters=exploiters[1]))[1:]
    metas = metas_of_members([*found, agent_of("phases"), *both], LeagueConfig(solve_every=3))
    assert metas[0] is metas[4] and metas[2] is metas[3] and len(set(metas)) == 4
    league = make_league([Role(MAIN_AGENT, 1, 9)] * 6, metas, SLOTS)
    assert len(jax.eval_shape(league.init, {"w": jnp.float32(0)}).memory) == 4
    step = quick_jit(lambda memory: metas[0].update(memory, with_scores([0.5] * 3), new_payoff(4)))
    memory = metas[0].init(1, 4)
    for age in (1, 2, 0, 1):
        memory = step(memory)
        assert memory[0].age == age


@pytest.fixture
def own_rules() -> Iterator[None]:
    """Rules that a test registers go with it."""
    before = dict(rules._registered)
    yield
    rules._registered.clear()
    rules._registered.update(before)


WEAKEST = prioritized(lambda score: jnp.where(score > 0.5, 1.0, 0.0))
"""Whom it beats."""


def test_a_rule_of_ones_own(own_rules):
    """Registered or named by its module, it is played by like any other, with a share against anybody."""
    register("weakest", WEAKEST)
    register("weakest", WEAKEST)
    for name in ("weakest", f"{__name__}:WEAKEST"):
        config = with_league(main_agents=dataclasses.replace(MEMBER, matchmaking=name))
        assert config.league is not None
        (meta, _) = metas_of_members(members(config, config.league), config.league)
        found = opponents(meta, with_scores([0.9, 0.2]))
        np.testing.assert_allclose(found, [0, 0.975, 0.025], atol=1e-6)
        jax.eval_shape(make_training(config).init, jax.random.key(0))
    with pytest.raises(UserError, match="'weakest' is registered already"):
        register("weakest", prioritized(jnp.square))
    with pytest.raises(UserError, match="'nash' is registered already"):
        register("nash", WEAKEST)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nsh", "'nsh'; did you mean 'nash'?"),
        ("", "''; allowed: alpha_rank, alphastar"),
        ("nowhere_at_all:rule", "'nowhere_at_all:rule': No module named"),
        ("math:rule", "'math:rule': module 'math' has no attribute"),
        ("math:pi", "'math:pi', which is no jaxplay.league.Meta"),
    ],
)
def test_a_rule_that_there_is_not(name, said):
    config = with_league(main_agents=dataclasses.replace(MEMBER, matchmaking=name))
    with pytest.raises(UserError) as found:
        make_training(config)
    assert str(found.value).startswith(f"MemberConfig.matchmaking is {said}") and "\n" not in str(found.value)


def test_all_rules_are_exported():
    """For every backend, without a callback; solvers included."""
    league, step = all_rules()
    start = jax.eval_shape(league.init, {"w": jax.ShapeDtypeStruct((), jnp.float32)})
    key = jax.eval_shape(jax.random.key, 0)
    exported: Any = jax.export.export(jax.jit(step), platforms=("cpu", "cuda", "tpu"))(start, key)
    assert "callback" not in exported.mlir_module()
