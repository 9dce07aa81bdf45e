"""A network whose parameters are a tuple: it trains, meets frozen copies, is modelled, saved, and plays."""

import dataclasses
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from quick import quick_jit
from small_leagues import LEAGUE, MEMBER, TRAINING
from small_runs import digest

from jaxplay.checkpoint import Checkpoints
from jaxplay.config import MinimaxConfig, RefereeConfig
from jaxplay.evaluator import Network, Prediction
from jaxplay.search import build_search
from jaxplay.training import make_game, make_training

CONFIG = dataclasses.replace(
    TRAINING,
    league=dataclasses.replace(
        LEAGUE,
        main_exploiters=dataclasses.replace(MEMBER, models_opponent=True, minimax=MinimaxConfig("edge")),
        referees=RefereeConfig(matches=0),
    ),
)
"""A main agent, by whose search both sides play, and an exploiter, whose search has both networks."""
STEPS = 10


def linear() -> Network:
    """Policy and value are linear in tic-tac-toe's planes: parameters are a pair of a pair and a vector."""

    def init(key: Any) -> Any:
        policy, value = jax.random.split(key)
        matrix = 0.1 * jax.random.normal(policy, (18, 9))
        return (matrix, jnp.zeros(9)), 0.1 * jax.random.normal(value, (18,))

    def apply(params: Any, observation: Any) -> Prediction:
        ((matrix, bias), vector), planes = params, observation.astype(jnp.float32).reshape(-1)
        return Prediction(planes @ matrix + bias, jnp.tanh(planes @ vector))

    return Network(init, apply)


@cache
def trained() -> tuple[Any, Any, Any]:
    """The training, its first state, and the state and metrics after `STEPS`."""
    training = make_training(CONFIG, network=linear())
    first, step, metrics = quick_jit(training.init)(jax.random.key(0)), quick_jit(training.step), {}
    state = first
    for _ in range(STEPS):
        state, metrics = step(state)
    return training, first, jax.device_get((state, metrics))


def test_all_of_it_is_learned_and_frozen():
    """Every leaf moves, in each learner; frozen players are stacks of such tuples, and not all alike."""
    _, first, (state, metrics) = trained()
    assert all(np.isfinite(value) for value in metrics.values()) and metrics["players"] > 1
    for learner, start in zip(state.learners, first.learners, strict=True):
        moved = jax.tree.map(lambda a, b: bool((a != b).any()), learner.params, start.params)
        assert moved == ((True, True), True)
    (matrix, bias), vector = state.league.population.params
    assert (matrix.shape, bias.shape, vector.shape) == ((5, 18, 9), (5, 9), (5, 18))
    present = state.league.population.present
    assert len(np.unique(vector[present], axis=0)) == present.sum()


def test_it_is_saved_and_restored(tmp_path):
    training, _, (state, _) = trained()
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(state)
    checkpoints.wait()
    shapes = jax.eval_shape(training.init, jax.random.key(0))
    assert digest(checkpoints.restore(shapes)[0]) == digest(state)


def test_it_plays():
    """What was learned chooses legal moves, by the search of the configuration."""
    (state, _), game = trained()[2], make_game(CONFIG)
    search = build_search(CONFIG.search, game, linear().on(game), noise=False)
    position = game.step(game.init(jax.random.key(0)), jnp.int32(4))
    positions = jax.tree.map(lambda x: jnp.stack([x] * 2), position)
    found = quick_jit(lambda params, key: search(params, key, positions)._replace(tree=None))(
        state.learners[0].ema, jax.random.key(1)
    )
    assert (np.asarray(found.action) != 4).all() and (found.action_weights[:, 4] == 0).all()
    np.testing.assert_allclose(found.action_weights.sum(-1), 1.0, rtol=1e-5)
