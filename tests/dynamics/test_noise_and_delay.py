"""Noise: separated rates bear it, equal ones do not. Delay: regret vanishes all the same."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jaxplay.dynamics import (
    Bilinear,
    bandit,
    banker,
    delayed,
    delayed_dual_averaging,
    exact,
    noisy,
    normal_form,
    og_plus,
    og_plus_transform,
    opt_da_plus,
    opt_da_plus_transform,
    run,
)
from jaxplay.errors import UserError

GAME = normal_form([[2.0, -1.0, 0.3], [-1.0, 1.0, 0.5], [0.2, -0.4, 1.5]])


def test_noise_in_proportion_needs_separated_rates():
    table, noise = Bilinear(), noisy(multiplicative=3.0)
    separated = run(table, og_plus(0.3, 0.02), noise, checkpoints=(20_000,), seeds=range(5), regret=False)
    equal = run(table, og_plus(0.1, 0.1), noise, checkpoints=(20_000,), seeds=range(5), regret=False)
    assert (np.asarray(separated.history.last) < 1e-20).all()
    assert not (np.asarray(equal.history.last) < 1e6).any()


def test_both_methods_are_one_in_a_vector_space():
    table = Bilinear(np.array([[1.0, 0.5], [-0.3, 2.0]]))
    found = [
        run(table, method(0.2, 0.05), exact(), checkpoints=(50,)).averages
        for method in (og_plus, opt_da_plus)
    ]
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-5), *found)
    with pytest.raises(UserError, match="no episodes"):
        run(table, og_plus(), bandit(), checkpoints=(1,))


def points(transform: optax.GradientTransformation, rounds: int = 12) -> np.ndarray:
    """`(rounds, 2)`: the points that two players of the bilinear game play by optax."""
    params: Any = {"x": jnp.float32(1.0), "y": jnp.float32(1.0)}
    state, found = transform.init(params), []
    for _ in range(rounds):
        updates, state = transform.update({"x": params["y"], "y": -params["x"]}, state, params)
        params = optax.apply_updates(params, updates)
        found.append([float(params["x"]), float(params["y"])])
    return np.array(found)


@pytest.mark.parametrize(
    ("method", "transform"), [(og_plus, og_plus_transform), (opt_da_plus, opt_da_plus_transform)]
)
def test_transforms_play_what_the_tables_play(method, transform):
    decays = {"extrapolation_decay": 0.25, "rate_decay": 0.5}
    outcome = run(Bilinear(), method(0.3, 0.1, **decays), exact(), checkpoints=range(1, 13))
    played = points(transform(0.3, 0.1, **decays))
    np.testing.assert_allclose((played**2).sum(axis=1), outcome.history.last[0], rtol=1e-4)


def test_regret_vanishes_under_delay():
    """Of 1 to 64 rounds, of which players are told nothing; the optimistic form stays below the plain one."""
    methods = {
        "plain": delayed_dual_averaging(0.1, optimism=0.0, decay=0.25, start=0.5),
        "optimistic": delayed_dual_averaging(0.1, decay=0.25, start=0.5),
        "banker": banker(0.5, longest=64),
    }
    regret = {}
    for name, method in methods.items():
        found = run(GAME, method, delayed(1, 64), checkpoints=(500, 5_000), seeds=range(3)).history.regret
        regret[name] = np.asarray(found).max(axis=-1).mean(axis=0)
    for early, late in regret.values():
        assert late < 0.6 * early
    assert regret["optimistic"][-1] < 0.6 * regret["plain"][-1]


def test_gains_arrive_once_and_late():
    """By a method that writes down what it is told."""
    from jaxplay.dynamics import Method, Player

    def init(space, key, dtype=jnp.float32):
        return Player(space.first(dtype), (jnp.int32(0), jnp.zeros(4, jnp.int32), jnp.zeros(4, jnp.int32)))

    def update(space, player, signal):
        number, told, pending = player.memory
        told = told.at[number].set(signal.rounds.sum().astype(jnp.int32))
        return Player(player.policy, (number + 1, told, pending.at[number].set(signal.pending)))

    outcome = run(GAME, Method(init, update), delayed(2), checkpoints=(4,))
    _, told, pending = outcome.players[0].memory
    np.testing.assert_array_equal(told[0], [0, 0, 1, 1])
    np.testing.assert_array_equal(pending[0], [1, 2, 2, 2])


def test_what_is_refused():
    for make, message in (
        (lambda: banker(0.0, longest=3), "banker: rate=0.0, longest=3"),
        (lambda: delayed_dual_averaging(optimism=-1.0), "optimism=-1.0"),
    ):
        with pytest.raises(UserError, match=message):
            make()
    with pytest.raises(ValueError, match="params"):
        opt_da_plus_transform().update(jnp.ones(2), opt_da_plus_transform().init(jnp.ones(2)))
