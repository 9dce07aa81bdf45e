"""Tabular solvers against figures of OpenSpiel 2.0.2 and of the papers; double precision."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hidden_games import form, random_table

from jaxplay.errors import UserError
from jaxplay.solve import (
    behaviour,
    by_replicator,
    by_uniform,
    cfr,
    cfr_plus,
    discounted_cfr,
    fictitious_play,
    linear_cfr,
    mmd,
    predictive_cfr_plus,
    psro,
    regrets,
    regularized_gap,
)


def curve(game, solver, at, which="average"):
    """Exploitability after so many iterations."""
    with jax.enable_x64(True):
        measure = jax.jit(lambda table: behaviour.gaps(game, table).exploitability)
        state, done, found = solver.init(jnp.float64), 0, []
        for iterations in at:
            state, done = solver.run(state, iterations - done), iterations
            found.append(float(measure(getattr(solver, which)(state))))
    return found


KNOWN = [
    ("kuhn_poker", {}, cfr, [1, 10, 100, 1000], [0.458333, 0.0686988, 0.00822598, 0.000937617]),
    ("kuhn_poker", {}, cfr_plus, [1, 10, 100, 1000], [0.458333, 0.0326871, 0.0011944, 8.73653e-5]),
    ("leduc_poker", {}, cfr, [1, 10, 100, 500], [2.37361, 0.888579, 0.0957164, 0.0215072]),
    ("leduc_poker", {}, cfr_plus, [1, 10, 100], [2.37361, 0.610439, 0.013416]),
    ("liars_dice", {"sides": 4}, cfr, [1, 10, 100], [0.65506, 0.141638, 0.0170436]),
    ("liars_dice", {"sides": 4}, cfr_plus, [1, 10, 100], [0.65506, 0.106562, 0.00229521]),
    ("leduc_poker", {}, fictitious_play, [0, 1, 10, 100], [2.373611, 2.603125, 1.173769, 0.250103]),
    ("kuhn_poker", {}, fictitious_play, [0, 1, 10], [0.458333, 0.3125, 0.0757576]),
]


@pytest.mark.parametrize(("name", "options", "algorithm", "at", "known"), KNOWN)
def test_known_curves(name, options, algorithm, at, known):
    game = form(name, **options)
    np.testing.assert_allclose(curve(game, algorithm(game), at), known, rtol=2e-5)


def test_where_roundings_decide():
    """Regrets that are zero but for rounding make some curves differ in the second digit, no more."""
    game = form("leduc_poker")
    assert curve(game, cfr_plus(game), [500]) == pytest.approx([0.000938635], rel=0.05)
    dice = form("liars_dice", sides=3)
    known = [0.0847895, 0.00846243, 0.000846243]
    assert curve(dice, cfr(dice), [10, 100, 1000]) == pytest.approx(known, rel=1e-3)
    known = [0.044206, 0.000479933, 4.84e-6]
    assert curve(dice, cfr_plus(dice), [10, 100, 1000]) == pytest.approx(known, rel=1e-2)


@pytest.mark.parametrize(
    ("algorithm", "bound"), [(linear_cfr, 2e-4), (discounted_cfr, 2e-4), (predictive_cfr_plus, 1e-6)]
)
def test_other_rules_converge(algorithm, bound):
    game = form("kuhn_poker")
    found = curve(game, algorithm(game), [100, 1000])
    assert found[1] < bound and found[1] < found[0]


def test_linear_cfr_weighs_as_it_says():
    """Regrets of the rule are those of iteration s times s, over t + 1; the average by t."""
    rule, given = regrets.discounted(1.0, 1.0, 1.0), [3.0, -1.0, 2.0, -5.0]
    total = rule.init(jnp.zeros((1, 1)))
    for t, regret in enumerate(given, 1):
        total = rule.observe(total, jnp.full((1, 1), regret), jnp.float32(t))
    expected = sum(s * regret for s, regret in enumerate(given, 1)) / (len(given) + 1)
    assert float(total[0, 0]) == pytest.approx(expected)
    assert float(rule.weight(jnp.float32(7.0))) == 7.0


def test_all_at_once_converges_too():
    game = form("kuhn_poker")
    found = curve(game, cfr(game, alternating=False), [100, 3000])
    assert found[1] < 5e-3 and found[1] < found[0] / 3


def test_three_players():
    """No guarantee, but in Kuhn poker regret matching finds an equilibrium for three, too."""
    game = form("kuhn_poker", players=3)
    assert curve(game, cfr_plus(game), [1000])[0] < 5e-3


def test_magnetic_mirror_descent():
    """The last iterate converges linearly to the regularized equilibrium, whose bias is known."""
    game = form("kuhn_poker")
    solver = mmd(game, alpha=0.05)
    known = {1: 0.534, 10: 0.203, 100: 0.0049, 500: 2e-10}
    with jax.enable_x64(True):
        state, done = solver.init(jnp.float64), 0
        for iterations, gap in known.items():
            state, done = solver.run(state, iterations - done), iterations
            found = float(regularized_gap(game, state.policies, 0.05))
            assert found == pytest.approx(gap, rel=0.02), iterations
        last = float(behaviour.gaps(game, solver.current(state)).exploitability)
    assert last == pytest.approx(0.04623, abs=1e-5)


def test_mirror_descent_converges_on_average_only():
    game = form("kuhn_poker")
    solver = mmd(game, alpha=0.0, step=0.5)
    assert curve(game, solver, [100, 500, 1000]) == pytest.approx([0.0666, 0.0158, 0.0083], rel=0.01)
    assert all(x > 0.1 for x in curve(game, solver, [100, 500, 1000], "current"))


def test_moving_and_fading_magnets_have_no_bias():
    game = form("kuhn_poker")
    refreshed = mmd(game, alpha=0.05, refresh_every=50)
    assert curve(game, refreshed, [10_000], "current")[0] < 1e-9
    fading = mmd(game, alpha=0.5, step=1.0, anneal=0.5)
    found = curve(game, fading, [100, 10_000], "current")
    assert found[1] < 0.01 < found[0]


def test_many_seeds_at_once():
    """`vmap` over first policies; single precision, all of them reach an equilibrium."""
    game = form("kuhn_poker")
    solver = cfr_plus(game)

    @jax.jit
    @jax.vmap
    def learn(first):
        state = jax.lax.fori_loop(0, 300, lambda _, s: solver.update(s), solver.init(policies=first))
        return behaviour.gaps(game, solver.average(state)).exploitability

    tables = np.stack([random_table(game, seed) for seed in range(8)]).astype(np.float32)
    first = jax.vmap(game.split)(jnp.asarray(tables))
    found = np.asarray(learn(first))
    assert found.shape == (8,) and (found < 1e-3).all() and len(set(found.tolist())) > 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alpha": -1.0}, "mmd: alpha=-1.0; allowed: at least 0"),
        ({"alpha": 0.0}, "alpha=0 needs a step"),
        ({"step": 0.0}, "mmd: step=0.0; allowed: above 0"),
        ({"step": float("nan")}, "step=nan"),
    ],
)
def test_settings_without_sense_are_refused(options, message):
    with pytest.raises(UserError, match=message):
        mmd(form("kuhn_poker"), **options)


def test_double_oracle_ends_in_an_equilibrium():
    """Exploitability by iterations is OpenSpiel's with a linear program; ties may differ."""
    game = form("kuhn_poker")
    found = curve(game, psro(game), [0, 1, 2, 3, 4, 5, 6])
    np.testing.assert_allclose(found, [0.45833, 0.41667, 0.16667, 0.09167, 0.11111, 0.06771, 0.0], atol=1e-4)


@pytest.mark.parametrize("meta", [by_replicator(num_steps=2000), by_uniform()])
def test_other_solutions_of_the_populations_game(meta):
    game = form("kuhn_poker")
    found = curve(game, psro(game, meta, capacity=24), [2, 20, 40, 50])
    assert found[1] < 0.5 * found[0]
    assert found[2] == found[3] < 0.5 * found[0]


def test_what_psro_refuses():
    with pytest.raises(UserError, match="two-player zero-sum"):
        psro(form("kuhn_poker", players=3))
    with pytest.raises(UserError, match="capacity=1; allowed: at least 2"):
        psro(form("kuhn_poker"), capacity=1)
