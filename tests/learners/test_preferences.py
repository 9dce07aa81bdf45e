"""A learner that is told which of two of its games is better: the minimax winner of a cycle, on average."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from quick import quick_jit
from small_games import Choose

from jaxplay.config import ExploiterConfig, MLPConfig, PolicyGradientConfig, SelfPlayConfig, TrainingConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import Prediction
from jaxplay.learners.preferences import Queue, compared
from jaxplay.rollout import Trajectory
from jaxplay.struct import replace
from jaxplay.training import make_training

WINS = np.array([[0.5, 0.9, 0.2], [0.1, 0.5, 0.7], [0.8, 0.3, 0.5]], np.float32)
"""A cycle of three items; no reward explains it."""
WINNER = np.array([0.2, 0.3, 0.4]) / 0.9
"""Its minimax winner: each item's share is what the two others take from each other."""


def prefer(mine, theirs):
    return jnp.asarray(WINS)[mine.item[:, None], theirs.item[None]]


CONFIG = TrainingConfig(
    game="small_games:Choose",
    network=MLPConfig(width=8, depth=0, value_head="scalar"),
    selfplay=SelfPlayConfig(num_matches=64, num_plies=2, max_opening_plies=0),
    learner=PolicyGradientConfig(
        advantage="baseline",
        normalize=False,
        magnet_weight=0.3,
        magnet_updates=100,
        learning_rate=3e-3,
        num_epochs=1,
        num_minibatches=1,
    ),
)


def policy(params) -> np.ndarray:
    from jaxplay.networks import build_network

    game = Choose()
    found: Prediction = build_network(CONFIG.network, game).apply(params, jnp.ones(1, jnp.float32))
    return np.asarray(jax.nn.softmax(found.logits))


def test_it_finds_the_minimax_winner():
    """Nothing is preferred to it by more than 0.02; a refreshed magnet keeps it from running in circles."""
    training = make_training(CONFIG, prefer=prefer)
    state, step = quick_jit(training.init)(jax.random.key(0)), quick_jit(training.step)
    metrics = {}
    for _ in range(700):
        state, metrics = step(state)
    found = policy(state.learners[0].ema)
    assert (WINS @ found - 0.5).max() < 0.02
    np.testing.assert_allclose(found, WINNER, atol=0.05)
    assert 0.3 < metrics["preferred"] < 0.7


def test_rewards_and_queue():
    """Shares of the queue, nothing for games that go on; the newest games stay."""
    game = Choose()
    items = jnp.array([[0, 1], [2, 2]])
    over = jnp.array([[True, False], [True, True]])
    final = jax.vmap(jax.vmap(game._state))(items)
    blank: Any = dict.fromkeys(Trajectory.__dataclass_fields__)
    made = Trajectory(**(blank | {"terminated": over, "final": final}))
    old = jax.vmap(game._state)(jnp.array([1, 2, 0]))
    queue = Queue(old, jnp.array([False, True, True]))
    rewards, newest = compared(game, prefer, made, queue)
    mean = 2 * WINS[:, [2, 0]].mean(1) - 1
    np.testing.assert_allclose(rewards[..., 0], [[mean[0], 0.0], [mean[2], mean[2]]], atol=1e-6)
    np.testing.assert_array_equal(newest.states.item, [0, 2, 2])
    assert newest.known.all()
    nothing = Queue(old, jnp.zeros(3, bool))
    np.testing.assert_array_equal(compared(game, prefer, made, nothing)[0], np.zeros((2, 2, 1)))


def test_refusals():
    with pytest.raises(UserError, match="preferences of games are for one player"):
        make_training(replace(CONFIG, game="kuhn_poker"), prefer=prefer)
    with pytest.raises(UserError, match="for self-play of a learner that does not search"):
        make_training(replace(CONFIG, game="kuhn_poker", exploiter=ExploiterConfig()), prefer=prefer)
