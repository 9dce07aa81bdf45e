"""Replicator dynamics: OpenSpiel's as oracle, projection, invariants of the flow, masks."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.matrix_games import exploitability, project, projected_replicator, replicator

RPS = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], np.float32)


@pytest.mark.parametrize("shape", [(3, 3), (4, 6)])
def test_projected_dynamics_are_openspiels(shape: tuple[int, int]):
    algorithms = pytest.importorskip("open_spiel.python.algorithms.projected_replicator_dynamics")
    payoff = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    row, column = algorithms.projected_replicator_dynamics(
        [payoff.astype(float), -payoff.astype(float)], prd_iterations=1500, prd_dt=0.02, prd_gamma=0.03
    )
    flow = jax.jit(lambda x: projected_replicator(x, num_steps=1500, dt=0.02, floor=0.03))(payoff)
    np.testing.assert_allclose(flow.mean_row, row, atol=1e-5)
    np.testing.assert_allclose(flow.mean_column, column, atol=1e-5)
    assert flow.row.min() > 0.03 - 1e-6 and flow.column.min() > 0.03 - 1e-6


def test_projection_is_openspiels():
    algorithms = pytest.importorskip("open_spiel.python.algorithms.projected_replicator_dynamics")
    points = np.random.default_rng(1).normal(size=(50, 6)).astype(np.float32)
    for floor in (0.0, 0.05, 1 / 6):
        expected = [algorithms._simplex_projection(point.astype(float), floor) for point in points]
        found = jax.vmap(lambda point, least=floor: project(point, floor=least))(points)
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_projection_by_hand_and_with_a_mask():
    np.testing.assert_allclose(project(jnp.array([0.4, 0.7, 0.6]), floor=0.2), [0.2, 0.45, 0.35], atol=1e-6)
    masked = project(jnp.array([9.0, 0.4, -9.0, 0.7, 0.6]), jnp.array([0, 1, 0, 1, 1], bool), 0.2)
    np.testing.assert_allclose(masked, [0, 0.2, 0, 0.45, 0.35], atol=1e-6)
    assert (project(jnp.array([0.5, 0.5]), jnp.zeros(2, bool)) == 0).all()


def test_replicator_follows_the_differential_equation():
    game = np.array([[0.3, -0.7, 0.2], [0.5, 0.1, -0.4]])
    row, column = np.array([0.3, 0.7]), np.array([0.2, 0.5, 0.3])
    dt = 1e-4
    flow = replicator(
        jnp.asarray(game, jnp.float32), start=(jnp.asarray(row), jnp.asarray(column)), num_steps=1000, dt=dt
    )
    for _ in range(10_000):  # Euler, in double precision, a tenth of the step
        gain, loss = game @ column, row @ game
        row, column = (
            row * (1 + dt / 10 * (gain - row @ gain)),
            column * (1 - dt / 10 * (loss - column @ loss)),
        )
    np.testing.assert_allclose(flow.row, row, atol=2e-5)
    np.testing.assert_allclose(flow.column, column, atol=2e-5)


def test_mixtures_circle_and_their_mean_is_the_equilibrium():
    start = (jnp.array([0.6, 0.2, 0.2]), jnp.array([0.2, 0.5, 0.3]))
    flow = jax.jit(lambda x: replicator(x, start=start, num_steps=20_000, dt=0.002))(RPS)
    # The sum of the Kullback-Leibler divergences from the equilibrium is kept by the flow.
    distance = [-np.log(3 * np.concatenate(pair)).sum() for pair in (start, flow[:2])]
    assert distance[1] == pytest.approx(distance[0], rel=0.1)
    np.testing.assert_allclose(flow.mean_row, 1 / 3, atol=0.04)
    np.testing.assert_allclose(flow.mean_column, 1 / 3, atol=0.04)
    game = jnp.asarray(RPS)
    mean = exploitability(game, flow.mean_row, flow.mean_column)
    assert mean < 0.2 * exploitability(game, flow.row, flow.column)


@pytest.mark.parametrize("dynamics", [replicator, projected_replicator])
def test_empty_slots_change_nothing(dynamics):
    small = np.random.default_rng(2).normal(size=(3, 2)).astype(np.float32)
    large = np.full((5, 4), np.nan, np.float32)
    large[np.ix_([0, 2, 4], [1, 3])] = small
    rows, columns = jnp.array([1, 0, 1, 0, 1], bool), jnp.array([0, 1, 0, 1], bool)
    found = dynamics(jnp.asarray(large), rows, columns, num_steps=500)
    expected = dynamics(jnp.asarray(small), num_steps=500)
    np.testing.assert_allclose(found.mean_row[rows], expected.mean_row, atol=1e-6)
    np.testing.assert_allclose(found.mean_column[columns], expected.mean_column, atol=1e-6)
    assert (found.mean_row[~rows] == 0).all() and (found.column[~columns] == 0).all()


def test_what_has_no_weight_keeps_none():
    start = (jnp.array([0.5, 0.5, 0.0]), jnp.array([0.5, 0.5, 0.0]))
    flow = replicator(jnp.asarray(RPS), start=start, num_steps=2000)
    assert flow.row[2] == 0 and flow.row[1] > 0.99
