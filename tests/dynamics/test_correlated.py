"""Correlated play: checks, dynamics that converge to it, the fairest mixtures, and JPSRO."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.benchmarks.sheriff import Sheriff
from jaxplay.dynamics import blum_mansour, exact, extensive_form, hedge, jpsro, normal_form, run
from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.games.matrix_game import NAMED
from jaxplay.matrix_games import coarse_gaps, correlated_gaps, maximum_gini, swap_gains

CHICKEN = jnp.asarray(NAMED["chicken"].payoffs, jnp.float32)
SHAPLEY = jnp.stack([jnp.eye(3), jnp.roll(jnp.eye(3), 1, axis=1)], axis=-1)
THREE = jnp.asarray(np.random.default_rng(0).uniform(size=(3, 3, 3, 3)), jnp.float32)


def test_the_checks_of_chicken():
    """Dare and chicken, a third each but for both daring, is Aumann's correlated equilibrium."""
    fair = jnp.asarray([[0, 1 / 3], [1 / 3, 1 / 3]])
    np.testing.assert_allclose(correlated_gaps(CHICKEN, fair), 0, atol=1e-6)
    assert (coarse_gaps(CHICKEN, fair) < 1e-6).all()
    # Told to be chicken beside a chicken, one gains 1 by daring.
    both = jnp.asarray([[0.0, 0.0], [0.0, 1.0]])
    np.testing.assert_allclose(correlated_gaps(CHICKEN, both), 1)
    np.testing.assert_allclose(swap_gains(CHICKEN, both)[0], [[0, 0], [1, 0]])
    np.testing.assert_allclose(coarse_gaps(CHICKEN, both), 1)


def test_a_coarse_equilibrium_need_not_be_one():
    """In rock, paper, scissors, all ties: nobody gains by one action, everybody by an answer."""
    payoffs = jnp.asarray(NAMED["rock_paper_scissors"].payoffs)
    ties = jnp.eye(3) / 3
    np.testing.assert_allclose(coarse_gaps(payoffs, ties), 0, atol=1e-6)
    np.testing.assert_allclose(correlated_gaps(payoffs, ties), 1, atol=1e-6)


@pytest.mark.parametrize(
    ("payoffs", "swap"),
    [(SHAPLEY, False), (THREE, True)],
    ids=["hedge in Shapley's game", "experts of three players"],
)
def test_no_regret_is_correlated_play(payoffs, swap):
    method = blum_mansour(0.5, start=0.5) if swap else hedge(0.2, start=0.5)
    options = {"checkpoints": (5_000,), "seeds": range(3), "regret": not swap, "joint": True}
    outcome = run(normal_form(payoffs), method, exact(), **options)
    assert outcome.joint is not None
    measure = correlated_gaps if swap else coarse_gaps
    gaps = jax.vmap(lambda joint: measure(payoffs, joint))(outcome.joint)
    assert (gaps < 2e-3).all()
    if not swap:
        np.testing.assert_allclose(gaps, outcome.history.regret[:, -1], atol=2e-4)


@pytest.mark.parametrize(
    ("payoffs", "kind"),
    [(CHICKEN, "ce"), (SHAPLEY, "cce"), (THREE, "ce")],
    ids=["chicken, ce", "shapley, cce", "three players, ce"],
)
def test_the_fairest_equilibrium(payoffs, kind):
    """Feasible, and of no greater sum of squares than what dynamics find."""
    joint = jax.jit(partial(maximum_gini, kind=kind))(payoffs)
    measure = correlated_gaps if kind == "ce" else coarse_gaps
    assert joint.sum() == pytest.approx(1, abs=1e-5) and (joint >= 0).all()
    assert (measure(payoffs, joint) < 1e-3 * jnp.abs(payoffs).max()).all()
    if payoffs is CHICKEN and kind == "ce":
        # By hand: x for each of the three fair outcomes, y for both daring, all constraints of equal weight.
        np.testing.assert_allclose(joint[0, 1], joint[1, 0], atol=1e-4)
        assert (joint**2).sum() < 1 / 3
    if payoffs is SHAPLEY:
        np.testing.assert_allclose(joint, 1 / 9, atol=1e-4)


def test_actions_that_do_not_exist_have_no_weight():
    padded = jnp.full((4, 3, 2), jnp.nan).at[:2, :2].set(CHICKEN)
    masks = (jnp.arange(4) < 2, jnp.arange(3) < 2)
    joint = jax.jit(maximum_gini)(padded, masks)
    np.testing.assert_allclose(joint[:2, :2], jax.jit(maximum_gini)(CHICKEN), atol=1e-4)
    assert joint[2:].sum() == 0 and joint[:, 2:].sum() == 0


def test_what_is_refused():
    with pytest.raises(UserError, match="kind='nash'"):
        maximum_gini(CHICKEN, kind="nash")  # pyright: ignore[reportArgumentType]
    with pytest.raises(UserError, match="payoffs has shape"):
        coarse_gaps(CHICKEN, jnp.ones((2, 3)))
    two = extensive_form(make("matrix_game", table="chicken", rounds=2))
    with pytest.raises(UserError, match="decisions; allowed: 1"):
        run(two, blum_mansour(), exact(), checkpoints=(1,))


@pytest.mark.parametrize("kind", ["cce", "ce"])
def test_jpsro_ends_where_nobody_gains(kind):
    """A small Sheriff: populations of smugglers and of sheriffs."""
    found = jpsro(extensive_form(Sheriff(rounds=1)), kind=kind)
    assert found.gaps[-1] < 5e-3 < found.gaps[0]
    assert found.mixture.sum() == pytest.approx(1, abs=1e-4)
    assert found.mixture.shape == tuple(len(population) for population in found.policies)
    assert min(found.mixture.shape) > 1
