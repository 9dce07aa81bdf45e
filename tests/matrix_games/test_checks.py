"""Tables and mixtures that are none are refused by name."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.errors import UserError
from jaxplay.matrix_games import (
    alpha_rank,
    exploitability,
    mirror_descent,
    nash,
    project,
    projected_replicator,
    replicator,
    symmetric_nash,
)

EVEN = jnp.ones(2) / 2
SYMMETRIC = (alpha_rank, symmetric_nash, mirror_descent)
GENERAL = (nash, replicator, projected_replicator, lambda table: exploitability(table, EVEN, EVEN))


@pytest.mark.parametrize("run", [*SYMMETRIC, *GENERAL])
@pytest.mark.parametrize(
    ("payoff", "message"),
    [
        (np.full((2, 2), np.nan), r"payoff is nan at \[0, 0\]; allowed: finite numbers"),
        (jnp.array([[0, jnp.inf], [0, 0]]), r"payoff is inf at \[0, 1\]"),
        (np.zeros((0, 2)), r"payoff has shape \(0, 2\); allowed: \(N, "),
        (np.zeros(2), r"payoff has shape \(2,\)"),
        ("table", "payoff is no array of numbers"),
    ],
)
def test_tables(run, payoff, message):
    with pytest.raises(UserError, match=message):
        run(payoff)


@pytest.mark.parametrize("run", SYMMETRIC)
def test_tables_of_one_population_are_square_also_under_jit(run):
    for table in (jnp.zeros((2, 3)), jnp.zeros(3)):
        with pytest.raises(UserError, match=r"payoff has shape .*; allowed: \(N, N\)"):
            jax.jit(run)(table)


def test_what_does_not_exist_may_be_anything():
    payoff, there = jnp.array([[0.0, jnp.nan], [jnp.nan, jnp.nan]]), jnp.array([True, False])
    assert symmetric_nash(payoff, there).tolist() == [1, 0]
    with pytest.raises(UserError, match=r"rows has shape \(3,\); allowed: \(2,\)"):
        symmetric_nash(payoff, jnp.ones(3, bool))


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda: exploitability(jnp.zeros((2, 3)), EVEN, EVEN), r"column has shape \(2,\); allowed: \(3,\)"),
        (lambda: exploitability(jnp.zeros((2, 2)), EVEN * jnp.nan), r"row is nan at \[0\]"),
        (lambda: mirror_descent(jnp.zeros((2, 2)), start=jnp.ones(3)), r"start has shape \(3,\)"),
        (lambda: replicator(jnp.zeros((2, 2)), start=(EVEN, EVEN * jnp.inf)), r"start is inf at \[0\]"),
        (lambda: project(jnp.array([0.5, jnp.nan])), r"point is nan at \[1\]"),
        (lambda: project(jnp.zeros((2, 2))), r"point has shape \(2, 2\)"),
        (lambda: alpha_rank(jnp.zeros((2, 2)), population_size=1), "population_size 2 or more"),
        (lambda: alpha_rank(jnp.zeros((2, 2)), alpha=float("nan")), "alpha 0 or more"),
    ],
)
def test_mixtures_and_options(run, message):
    with pytest.raises(UserError, match=message):
        run()
