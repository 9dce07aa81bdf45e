"""The loop: seeds side by side, checkpoints, regret; methods by player; what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.dynamics import (
    blum_mansour,
    delayed,
    exact,
    extensive_form,
    hedge,
    noisy,
    normal_form,
    og_plus,
    run,
    spread,
)
from jaxplay.errors import UserError
from jaxplay.game import make

SKEWED = [[2.0, -1.0], [-1.0, 1.0]]
"""The column player pays; both play the first action 2/5 of the time at the equilibrium."""


def test_regret_and_averages_are_those_of_the_rounds():
    """Of a run that is done again by hand, with nothing but NumPy."""
    outcome = run(normal_form(SKEWED), hedge(0.3, optimistic=False), exact(), checkpoints=(1, 4, 20))
    payoff, totals = np.array(SKEWED), [np.zeros(2), np.zeros(2)]
    earned, mixtures = np.zeros(2), []
    for _ in range(20):
        x, y = (np.exp(0.3 * total) / np.exp(0.3 * total).sum() for total in totals)
        gains = [payoff @ y, -payoff.T @ x]
        totals = [total + gain for total, gain in zip(totals, gains, strict=True)]
        earned += [x @ gains[0], y @ gains[1]]
        mixtures.append((x, y))
    history = outcome.history
    np.testing.assert_array_equal(history.rounds, [[1, 4, 20]])
    best = np.array([total.max() for total in totals])
    np.testing.assert_allclose(history.regret[0, -1], (best - earned) / 20, atol=1e-5)
    x, y = (np.mean([pair[i] for pair in mixtures], axis=0) for i in range(2))
    gap = ((payoff @ y).max() - (payoff.T @ x).min()) / 2
    np.testing.assert_allclose(history.average[0, -1], gap, atol=1e-5)
    np.testing.assert_allclose(outcome.averages[0][0], [1, *x], atol=1e-5)


def test_seeds_are_computed_side_by_side():
    table, feedback = normal_form(SKEWED), noisy(additive=1.0)
    both = run(table, og_plus(0.1, 0.05), feedback, checkpoints=(10,), seeds=(3, 4)).history.last
    alone = run(table, og_plus(0.1, 0.05), feedback, checkpoints=(10,), seeds=(4,)).history.last
    np.testing.assert_allclose(both[1], alone[0], rtol=1e-5)
    assert both[0] != both[1]


def test_repeated_games_and_a_method_for_each_player():
    """Two rounds of the prisoner's dilemma, in sequence form: both defect."""
    table = extensive_form(make("matrix_game", table="prisoners_dilemma", rounds=2))
    outcome = run(table, [hedge(0.5), hedge(0.5, optimistic=False)], exact(), checkpoints=(200,))
    first = [np.asarray(mean)[0, 1:3] for mean in outcome.averages]
    np.testing.assert_allclose(first, [[0, 1], [0, 1]], atol=0.05)
    assert float(outcome.history.last[0, -1]) < 1e-3


def test_checkpoints_in_equal_ratios():
    assert spread(1000, 3) == (10, 100, 1000) and spread(5) == (5,)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"checkpoints": (5, 5)}, "checkpoints=.*allowed: rising"),
        ({"checkpoints": (5,), "seeds": ()}, "seeds is empty"),
        ({"checkpoints": (5,), "methods": [hedge(0.1)] * 3}, "methods: 3 for 2 players"),
    ],
)
def test_what_is_refused(options, message):
    options = {"methods": hedge(0.1)} | options
    with pytest.raises(UserError, match=message):
        run(normal_form(SKEWED), feedback=exact(), **options)


def test_bad_tables_feedback_and_rates():
    for make_bad, message in (
        (lambda: normal_form([1.0]), "payoffs has shape"),
        (lambda: normal_form([[np.nan, 1.0]]), "finite"),
        (lambda: noisy(additive=-1), "noisy: additive=-1"),
        (lambda: delayed(3, 2), "delayed: least=3, most=2"),
        (lambda: og_plus(rate=-1.0), "og_plus: extrapolation=0.3, rate=-1.0"),
        (lambda: blum_mansour(0), "blum_mansour: rate=0"),
    ):
        with pytest.raises(UserError, match=message):
            make_bad()


def test_double_precision():
    """Optimistic hedge converges in its last iterate, linearly."""
    with jax.enable_x64(True):
        outcome = run(normal_form(SKEWED), hedge(0.3), exact(), checkpoints=(2_000,), dtype=jnp.float64)
    assert float(outcome.history.last[0, 0]) < 1e-12
