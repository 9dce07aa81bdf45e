"""Preferences: the minimax winner, mirror descent to a reference, self-play fine-tuning, coverage."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.dynamics import (
    comparisons,
    exact,
    imitation,
    inpo,
    inpo_loss,
    preferences,
    run,
    spin,
    spo,
)
from jaxplay.dynamics.coverage import (
    cautious_equilibrium,
    compare,
    fit,
    nash_gap,
    unilateral_pairs,
)
from jaxplay.errors import UserError
from jaxplay.matrix_games import symmetric_nash

CYCLE = np.array([[0.5, 0.9, 0.3], [0.1, 0.5, 0.7], [0.7, 0.3, 0.5]])
"""The first beats the second, the second the third, the third the first."""


def test_the_minimax_winner_of_a_cycle():
    table = preferences(CYCLE)
    outcome = run(table, spo(0.02), comparisons(16, 64), checkpoints=(15_000,), seeds=(0, 1))
    winner = symmetric_nash(jnp.asarray(CYCLE - 0.5, jnp.float32))
    mean = np.asarray(outcome.averages[0])[:, 1:]
    np.testing.assert_allclose(mean, np.tile(winner, (2, 1)), atol=0.03)
    assert (np.asarray(outcome.history.average) < 0.01).all()


def test_mirror_descent_finds_the_regularized_equilibrium():
    reference = np.array([0.5, 0.3, 0.2])
    table = preferences(CYCLE, reference, 0.1)
    with jax.enable_x64(True):
        method = inpo(reference, weight=0.1, step=0.5)
        outcome = run(table, method, exact(), checkpoints=(2_000,), dtype=jnp.float64)
        policy = np.asarray(outcome.players[0].policy[0])
    # The fixed point by its own equation, and by the gap of the regularized game.
    target = reference * np.exp((CYCLE - 0.5) @ policy / 0.1)
    np.testing.assert_allclose(policy, target / target.sum(), atol=1e-9)
    assert abs(float(outcome.history.last[0, -1])) < 1e-8


def test_the_loss_of_inpo_is_least_at_the_step_of_mirror_descent():
    rng = np.random.default_rng(0)
    last, reference = (jnp.asarray(rng.dirichlet(np.ones(3)), jnp.float32) for _ in range(2))
    method, table = inpo(reference, weight=0.2, step=0.7), preferences(CYCLE)
    player = method.init(table.spaces[0], jax.random.key(0))._replace(policy=last)
    plans = (table.spaces[0].plan(last),)
    signal, _ = exact().observe(table, (), (last,), plans, jnp.int32(0), jax.random.key(0))
    after = method.update(table.spaces[0], player, signal[0]).policy

    def loss(policy):
        return inpo_loss(policy, last, reference, jnp.asarray(CYCLE, jnp.float32), weight=0.2, step=0.7)

    assert float(loss(after)) < 1e-10 < 1e-4 < float(loss(last))


def test_self_play_fine_tuning_becomes_the_data():
    data = np.arange(1, 11)
    outcome = run(imitation(data), spin(), exact(), checkpoints=(1, 1_000), regret=False)
    early, late = outcome.history.last[0]
    assert late < 1e-4 < early


GAME = np.array([[0.5, 0.9, 0.8], [0.1, 0.4, 0.6], [0.2, 0.9, 0.1]])
"""The first actions are the equilibrium."""


def test_data_that_cover_deviations_teach_the_equilibrium():
    for seed in range(3):
        data = compare(GAME, unilateral_pairs(GAME.shape, (0, 0), 2_000), seed)
        assert nash_gap(GAME, *cautious_equilibrium(fit(data, GAME.shape), 1.0)) < 0.02


def test_data_of_the_equilibrium_alone_cannot():
    """Two games with the same data: the same play, and in one of them it gives much away."""
    one, other = np.array([[0.5, 0.9], [0.0, 0.1]]), np.array([[0.5, 0.9], [1.0, 0.1]])
    pairs = np.repeat([(0, 1), (0, 3)], 2_000, axis=0)
    for seed in range(3):
        found = [compare(game, pairs, seed) for game in (one, other)]
        np.testing.assert_array_equal(found[0].first, found[1].first)
        play = cautious_equilibrium(fit(found[0], one.shape), 1.0)
        assert max(nash_gap(game, *play) for game in (one, other)) > 0.2


def test_rewards_are_fitted_to_their_odds():
    data = compare(GAME, unilateral_pairs(GAME.shape, (0, 0), 20_000), 0)
    estimate = fit(data, GAME.shape)
    known = np.isfinite(estimate.doubt)
    assert known.sum() == 5 and estimate.doubt[0, 0] == 0
    off = np.abs(estimate.rewards - (GAME - 0.5))[known]
    assert (off <= 2 * estimate.doubt[known]).all() and off.max() < 0.1


def test_what_is_refused():
    for make, message in (
        (lambda: preferences(np.ones((2, 2))), r"wins\[i, j\]"),
        (lambda: preferences(CYCLE, [1.0, 0.0, 1.0], 0.1), "reference="),
        (lambda: comparisons(3, 4), "batch=3, queue=4"),
        (lambda: spo(0.0), "spo: rate=0.0"),
        (lambda: inpo([1.0, 1.0], weight=0.0), "inpo: weight=0.0"),
        (lambda: spin(rate=0.0), "spin: .*rate=0.0"),
        (lambda: imitation([1.0]), "data has shape"),
        (lambda: fit(compare(GAME, np.zeros((0, 2), int), 0), (3, 3)), "pairs: 0"),
    ):
        with pytest.raises(UserError, match=message):
            make()
