"""Alpha-rank: published numbers, OpenSpiel as oracle, selection of any strength, masks."""

import math
import sys
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.matrix_games import alpha_rank

RPS = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], np.float32)


def han() -> np.ndarray:
    """The game of Han et al. (2013) that OpenSpiel tests with."""
    r, t, p, s, delta, eps = 1.0, 2.0, 0.0, -1.0, 4.0, 0.25
    return np.array(
        [
            [r - eps / 2, r - eps, 0, s + delta - eps, r - eps],
            [r, r, s, s, s],
            [0, t, p, p, p],
            [t - delta, t, p, p, p],
            [r, t, p, p, p],
        ],
        np.float32,
    )


@pytest.fixture
def open_spiel(monkeypatch: pytest.MonkeyPatch) -> Any:
    """OpenSpiel's alpha-rank, without its pictures, which need more packages."""
    drawings = "open_spiel.python.egt.alpharank_visualizer"
    if drawings not in sys.modules:
        monkeypatch.setitem(sys.modules, drawings, ModuleType(drawings))
        package = pytest.importorskip("open_spiel.python.egt")
        monkeypatch.setattr(package, "alpharank_visualizer", sys.modules[drawings], raising=False)
    return pytest.importorskip("open_spiel.python.egt.alpharank")


def test_published_numbers():
    found = alpha_rank(jnp.asarray(han()), alpha=0.1, population_size=20)
    expected = [0.40966787, 0.07959841, 0.20506998, 0.08505983, 0.2206039]
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize(("size", "alpha", "population"), [(2, 1.0, 2), (5, 0.5, 10), (7, 1.0, 50)])
def test_openspiel_agrees(open_spiel: Any, size: int, alpha: float, population: int):
    payoff = np.random.default_rng(size).normal(size=(size, size))
    expected = open_spiel.compute([payoff], m=population, alpha=alpha, use_local_selection_model=False)[2]
    found = alpha_rank(jnp.asarray(payoff, jnp.float32), alpha=alpha, population_size=population)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("noise", [0.1, 1e-3])
def test_openspiel_agrees_on_infinite_selection(open_spiel: Any, noise: float):
    payoff = np.round(np.random.default_rng(0).normal(size=(6, 6)))  # some pairs are even
    expected = open_spiel.compute([payoff], use_inf_alpha=True, inf_alpha_eps=noise)[2]
    found = alpha_rank(jnp.asarray(payoff, jnp.float32), alpha=math.inf, noise=noise)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("alpha", [0.1, 10.0, 1e4, math.inf])
def test_cycles_are_shared_and_the_best_takes_all(alpha: float):
    np.testing.assert_allclose(alpha_rank(jnp.asarray(RPS), alpha=alpha), 1 / 3, atol=1e-4)
    ladder = jnp.tanh(jnp.arange(4.0)[:, None] - jnp.arange(4.0)[None])
    found = alpha_rank(ladder, alpha=alpha)
    assert (jnp.diff(found) > 0).all() if alpha < 1 else found[3] > 0.99


def test_strong_selection_needs_no_care():
    # A cycle of the first three with a fourth that loses to all: in float64 the chain would be reducible.
    payoff = np.pad(RPS, ((0, 1), (0, 1)), constant_values=1.0)
    payoff[3] = [-1, -1, -1, 0]
    found = alpha_rank(jnp.asarray(payoff), alpha=1e3, population_size=100)
    np.testing.assert_allclose(found, [1 / 3, 1 / 3, 1 / 3, 0], atol=1e-3)


def test_empty_slots_change_nothing():
    small = han()
    slots = np.array([1, 2, 4, 5, 7])
    large = np.full((8, 8), np.nan, np.float32)
    large[np.ix_(slots, slots)] = small
    mask = jnp.asarray(np.isin(np.arange(8), slots))
    for alpha in (0.1, math.inf):
        found = alpha_rank(jnp.asarray(large), mask, alpha=alpha)
        np.testing.assert_allclose(found[slots], alpha_rank(jnp.asarray(small), alpha=alpha), atol=1e-6)
        assert (found[~np.asarray(mask)] == 0).all()
    assert (alpha_rank(jnp.asarray(large), jnp.zeros(8, bool)) == 0).all()
    alone = alpha_rank(jnp.asarray(large), jnp.arange(8) == 4)
    assert alone.tolist() == [0, 0, 0, 0, 1, 0, 0, 0]


def test_a_batch_of_games():
    games = jax.random.normal(jax.random.key(3), (4, 5, 5))
    together = jax.vmap(alpha_rank)(games)
    np.testing.assert_allclose(together, [alpha_rank(game) for game in games], atol=1e-6)
