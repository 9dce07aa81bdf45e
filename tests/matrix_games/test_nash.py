"""Nash equilibria: known games, a linear program as oracle, greatest entropy, masks, warm starts."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import linprog

from jaxplay.matrix_games import exploitability, mirror_descent, nash, softmax, symmetric_nash

RPS = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], np.float32)
OPEN_SPIEL_GAME = np.array(
    [[0, 234, 34, -270], [-234, 0, -38, -464], [-34, 38, 0, -270], [270, 464, 270, 0]], np.float32
)


def value(payoff: np.ndarray) -> float:
    """The value of a zero-sum game to the row player, by a linear program."""
    n, m = payoff.shape
    unknown = np.append(np.zeros(n), -1.0)  # a mixture and the value, to be maximised
    done = linprog(
        unknown,
        A_ub=np.hstack([-payoff.T, np.ones((m, 1))]),
        b_ub=np.zeros(m),
        A_eq=np.append(np.ones(n), 0.0)[None],
        b_eq=[1.0],
        bounds=[(0, None)] * n + [(None, None)],
    )
    return -done.fun


def symmetric_games(size: int, num: int, seed: int = 0) -> np.ndarray:
    """`(num, size, size)` antisymmetric payoffs: noisy, nearly transitive, in turn of few values."""
    rng = np.random.default_rng(seed)
    skill = 2 * rng.normal(size=(num, size))
    cyclic = rng.normal(size=(num, size, size))
    cyclic = np.tanh(cyclic - cyclic.transpose(0, 2, 1))
    transitive = np.tanh(0.2 * cyclic + skill[:, :, None] - skill[:, None])
    rough = np.sign(cyclic) * (rng.random(cyclic.shape) < 0.5)
    kind = np.arange(num)[:, None, None] % 3
    games = np.triu(np.where(kind == 0, cyclic, np.where(kind == 1, transitive, rough)), 1)
    return (games - games.transpose(0, 2, 1)).astype(np.float32)


@pytest.mark.parametrize(
    ("payoff", "expected"),
    [
        (RPS, [1 / 3, 1 / 3, 1 / 3]),
        ([[0, -1, -1], [1, 0, -1], [1, 1, 0]], [0, 0, 1]),
        (OPEN_SPIEL_GAME, [0, 0, 0, 1]),
        (np.zeros((2, 2)), [0.5, 0.5]),
        ([[0]], [1]),
        ([[0, -3, 1], [3, 0, -2], [-1, 2, 0]], [1 / 3, 1 / 6, 1 / 2]),
    ],
    ids=["rock-paper-scissors", "transitive", "OpenSpiel's", "nothing", "alone", "weighted"],
)
def test_known_equilibria(payoff, expected):
    found = symmetric_nash(jnp.asarray(payoff, jnp.float32))
    np.testing.assert_allclose(found, expected, atol=2e-4)


def test_entropy_is_greatest_among_equilibria():
    rock_twice = np.eye(3)[[0, 1, 2, 0]]
    found = symmetric_nash(jnp.asarray(rock_twice @ RPS @ rock_twice.T, jnp.float32))
    np.testing.assert_allclose(found, [1 / 6, 1 / 3, 1 / 3, 1 / 6], atol=1e-3)
    # Mixtures as strategies of their own. The expected weights are those of a convex program
    # (greatest entropy, no payoff above zero, SLSQP).
    blends = np.vstack([np.eye(3), [[0.5, 0.5, 0], [0.2, 0.3, 0.5]]])
    found = symmetric_nash(jnp.asarray(blends @ RPS @ blends.T, jnp.float32))
    np.testing.assert_allclose(found, [0.19821, 0.17755, 0.23004, 0.18760, 0.20660], atol=1e-4)


def test_nothing_is_gained_against_the_mixture():
    for size, num in ((3, 60), (16, 60), (48, 6)):
        games = symmetric_games(size, num)
        mixtures = jax.jit(jax.vmap(symmetric_nash))(games)
        gain = np.einsum("gij,gj->gi", games, np.asarray(mixtures, float)).max(1)
        np.testing.assert_allclose(mixtures.sum(1), 1, atol=1e-5)
        assert gain.max() < 1e-3, size


def test_rectangular_games_have_the_value_of_a_linear_program():
    games = jax.random.normal(jax.random.key(1), (20, 5, 9))
    found = jax.jit(jax.vmap(nash))(games)
    np.testing.assert_allclose(found.value, [value(game) for game in np.asarray(games)], atol=1e-3)
    scale = jnp.abs(games).max((1, 2))
    assert (found.exploitability / scale).max() < 1e-3
    again = jax.vmap(exploitability)(games, found.row, found.column)
    np.testing.assert_allclose(found.exploitability, again, atol=1e-6)


def test_units_of_payoff_do_not_matter():
    game = symmetric_games(8, 1, seed=3)[0]
    mixtures = [symmetric_nash(jnp.asarray(game * unit)) for unit in (1.0, 1e-6, 1e6)]
    for other in mixtures[1:]:
        np.testing.assert_allclose(other, mixtures[0], atol=1e-4)


def test_empty_slots_change_nothing():
    small = symmetric_games(5, 1)[0]
    slots = np.array([1, 3, 4, 6, 8])
    large = np.full((9, 9), np.nan, np.float32)
    large[np.ix_(slots, slots)] = small
    mask = np.isin(np.arange(9), slots)
    found = symmetric_nash(jnp.asarray(large), jnp.asarray(mask))
    np.testing.assert_allclose(found[slots], symmetric_nash(jnp.asarray(small)), atol=1e-6)
    assert (found[~mask] == 0).all()
    both = nash(jnp.asarray(large), jnp.asarray(mask), jnp.asarray(mask))
    np.testing.assert_allclose(both.row, found, atol=1e-6)
    np.testing.assert_allclose(both.column, found, atol=1e-6)
    assert (symmetric_nash(jnp.asarray(large), jnp.zeros(9, bool)) == 0).all()


def test_mirror_descent_finds_the_same():
    games = symmetric_games(16, 30, seed=6)
    expected = jax.jit(jax.vmap(symmetric_nash))(games)
    found = jax.jit(jax.vmap(mirror_descent))(games)
    gap = jax.vmap(exploitability)(jnp.asarray(games), found)
    assert np.median(gap) < 2e-4 and gap.max() < 1e-2
    assert np.median(np.abs(found - expected).max(1)) < 1e-3
    blends = np.vstack([np.eye(3), [[0.5, 0.5, 0], [0.2, 0.3, 0.5]]])
    found = mirror_descent(jnp.asarray(blends @ RPS @ blends.T, jnp.float32))
    np.testing.assert_allclose(found, [0.19821, 0.17755, 0.23004, 0.18760, 0.20660], atol=1e-4)


def test_mirror_descent_with_a_mask_and_a_start():
    large = np.full((5, 5), np.nan, np.float32)
    slots = np.array([0, 2, 4])
    large[np.ix_(slots, slots)] = RPS
    mask = jnp.asarray(np.isin(np.arange(5), slots))
    start = jnp.array([1.0, 0, 0, 0, 0])  # what has no weight can gain it
    found = mirror_descent(jnp.asarray(large), mask, start=start, num_steps=5000, warm_steps=5000)
    np.testing.assert_allclose(found, mask / 3, atol=1e-3)
    assert (mirror_descent(jnp.asarray(large), jnp.zeros(5, bool), num_steps=10) == 0).all()


def test_a_warm_start_saves_steps_where_little_changed():
    before = symmetric_games(16, 20, seed=4)
    start = jax.jit(jax.vmap(symmetric_nash))(before)
    after = jnp.asarray(before + 1e-3 * symmetric_games(16, 20, seed=5))

    def gap(warm_steps: int) -> float:
        def solve(game, begin):
            return mirror_descent(game, start=begin, num_steps=300, warm_steps=warm_steps)

        found = jax.jit(jax.vmap(solve))(after, start)
        return float(jax.vmap(exploitability)(after, found).mean())

    assert gap(3000) < 0.5 * gap(0)


def test_exploitability_of_known_mixtures():
    rps = jnp.asarray(RPS)
    rock, even = jnp.array([1.0, 0, 0]), jnp.full(3, 1 / 3)
    assert exploitability(rps, rock) == 1
    assert exploitability(rps, rock, even) == pytest.approx(0.5, abs=1e-6)
    no_paper = jnp.array([True, False, True])
    assert exploitability(rps, rock, rows=no_paper) == 0
    assert exploitability(rps, rock, rock, columns=no_paper) == pytest.approx(0.5)


def test_softmax_of_nobody_is_nothing():
    logits = jnp.array([1.0, 2.0, -jnp.inf])
    np.testing.assert_allclose(
        softmax(logits, jnp.array([True, True, True])), [0.268941, 0.731059, 0], atol=1e-6
    )
    assert (softmax(logits, jnp.zeros(3, bool)) == 0).all()
