"""What leagues and exploiters make of their opponents' estimates, held against the formula.

How a potential is learned is in `test_exploiter.py`, whose exploiter learns one.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from quick import quick_jit
from saved_runs import random_params
from small_leagues import LEAGUE, TARGET, TRAINING, Program

from jaxplay.config import ExploiterConfig, MinimaxConfig
from jaxplay.networks import build_network
from jaxplay.struct import replace
from jaxplay.training import against, make_game, make_training

EXPLOITER, LEARNERS, LANES = 1, 2, LEAGUE.main_exploiters.lanes
PLIES = TRAINING.selfplay.num_plies
EDGE = MinimaxConfig("edge", weight=0.25, anneal_updates=8)
GAME = make_game(TRAINING)
NETWORK = build_network(TRAINING.network, GAME)


def outspoken(seed: int) -> Any:
    """Parameters of a network that thinks something of each position."""
    params = random_params(TRAINING, seed)
    value = params["heads"]["value"]
    value["kernel"] = 20.0 * value["kernel"]
    return jax.tree.map(jnp.asarray, params)


OPPONENTS = [outspoken(seed) for seed in range(LANES)]


@pytest.fixture(scope="module")
def program() -> Program:
    return Program()


def knowing_nothing(learner: Any, updates: int) -> Any:
    """A learner whose network is all zeros: no move is better than another, and every game even."""
    params, ema = (jax.tree.map(jnp.zeros_like, tree) for tree in (learner.params, learner.ema))
    return replace(learner, params=params, ema=ema, updates=jnp.int32(updates))


def beginning(program: Program, updates: int) -> Any:
    """The first state of a league whose exploiter knows nothing; in lane k it meets frozen player k."""
    state = program.init(jax.random.key(0))
    people = state.league.population
    filled = [OPPONENTS[slot % LANES] for slot in range(len(people.present))]
    people = replace(people, params=jax.tree.map(lambda *x: jnp.stack(x), *filled))
    league = replace(state.league, population=people, since=jnp.full_like(state.league.since, -10_000))
    learners, matches = list(state.learners), list(state.matches)
    learners[EXPLOITER] = knowing_nothing(learners[EXPLOITER], updates)
    opponent = LEARNERS + jnp.arange(LANES)[None]
    lanes = replace(matches[EXPLOITER].lanes, opponent=opponent)
    matches[EXPLOITER] = replace(matches[EXPLOITER], lanes=lanes)
    return replace(state, learners=tuple(learners), matches=tuple(matches), league=league)


def first_plies(state: Any, learner: int, opponents: list[Any]) -> tuple[Any, Any, Any]:
    """Of the first plies of a learner, from the first step: what it remembers of the values of its own
    moves, what their positions' opponents thought behind them with the learner's sign, and who moved.
    """
    memory = state.learners[learner].memory
    last = state.matches[learner].episodes.state
    stones = jnp.concatenate([memory.state.stones[0, 1:PLIES], last.stones])
    mover = jnp.concatenate([memory.state.current_player[0, 1:PLIES], last.current_player])
    lane = jnp.arange(mover.shape[1]) * len(opponents) // mover.shape[1]
    params = jax.tree.map(lambda *x: jnp.stack(x)[lane], *opponents)
    start = GAME.init(jax.random.key(0))

    def thought(params: Any, stones: Any, mover: Any) -> Any:
        seen = GAME.observe(replace(start, stones=stones, current_player=mover))
        return NETWORK.apply(params, seen).value

    value = quick_jit(jax.vmap(jax.vmap(thought), (None, 0, 0)))(params, stones, mover)
    mine = np.asarray(memory.value_weight[0, :PLIES] > 0)
    seat = np.asarray(memory.state.current_player[0, :PLIES])
    hoped = np.where(seat == 0, -np.asarray(value), value)
    found = np.asarray(memory.value[0, :PLIES, :, 0])
    assert 0.4 < mine.mean() < 0.6 and np.abs(hoped[mine]).mean() > 0.05
    assert set(seat[mine].tolist()) == {0, 1}
    return found[mine], hoped[mine], seat[mine]


def test_a_league_remembers_what_opponents_leave(program):
    """With the form `target`: of its own moves, none of which can end a game, the exploiter hopes for -v."""
    state, _ = program.step(beginning(program, updates=2))
    found, hoped, _ = first_plies(state, EXPLOITER, OPPONENTS)
    np.testing.assert_allclose(found, hoped, atol=1e-5)


@pytest.mark.parametrize(("updates", "weight"), [(0, 0.75), (6, 0.75 / 4), (8, 0.0)])
def test_a_league_learns_the_mean(program, updates, weight):
    """Of memories that say 0.5 of all games and 0.8 of all that was hoped for; the weight falls."""
    state, _ = program.run(beginning(program, updates=0), 5)
    fresh = beginning(program, updates)
    memory = state.learners[EXPLOITER].memory
    said = {"returns": jnp.full_like(memory.returns, 0.5)}
    said["value"] = jnp.full_like(memory.value, 0.8)
    learner = replace(fresh.learners[EXPLOITER], memory=replace(memory, **said))
    _, metrics = program.step(replace(fresh, learners=(fresh.learners[0], learner)))
    target = (1 - weight) * 0.5 + weight * 0.8
    assert metrics["main_exploiter.value_error"] == pytest.approx(target**2, rel=1e-4)


FORMS = {"target": (TARGET, 1.0), "edge": (EDGE, 0.25 * 0.75 / 2)}


@pytest.mark.parametrize("form", FORMS)
def test_an_exploiter_remembers_what_its_opponent_leaves(form):
    """Outside a league. Only what is remembered is compiled; one simulation tells what an edge earns.

    A root is the mean of its own estimate, 0, and of what its simulation came to, `-w v`.
    """
    minimax, share = FORMS[form]
    config = replace(
        TRAINING,
        league=None,
        search=replace(TRAINING.search, num_simulations=1, prove=False),
        exploiter=ExploiterConfig(opponent_simulations=-1, minimax=minimax),
    )
    training = make_training(config)
    state = against(config, quick_jit(training.init)(jax.random.key(3)), OPPONENTS[1])
    state = replace(state, learners=(knowing_nothing(state.learners[0], updates=2),))

    def remembered(state: Any) -> Any:
        after, _ = training.step(state)
        return after.learners[0].memory, after.matches

    memory, matches = quick_jit(remembered)(state)
    after = replace(state, learners=(replace(state.learners[0], memory=memory),), matches=matches)
    found, hoped, _ = first_plies(after, 0, OPPONENTS[1:])
    np.testing.assert_allclose(found, share * hoped, atol=1e-5)
