"""Search at decision time: its beliefs and values are right, and it makes a policy less exploitable."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hidden_games import form, random_table

from jaxplay.errors import UserError
from jaxplay.solve import behaviour, cfr, decision_search
from jaxplay.solve._decision_search import action_values, sample_belief


@pytest.fixture(scope="module")
def leduc():
    """Leduc poker, and a policy that is somewhat good."""
    game = form("leduc_poker")
    solver = cfr(game)
    return game, solver.average(solver.run(solver.init(), 20))


def test_values_are_what_is_earned(leduc):
    """The value of the policy's own choice in the first information sets is the value of the game."""
    game = form("kuhn_poker")
    table = jnp.asarray(random_table(game, 0), jnp.float32)
    q = action_values(game, table)
    first = np.flatnonzero((game.tree.owner == 0) & (np.asarray(game.tree.states.plies) == 0))
    value = float((table * q).sum(axis=1)[first].mean())  # each card is as likely
    assert value == pytest.approx(float(behaviour.gaps(game, table).values[0]), abs=1e-6)


def test_beliefs(leduc):
    """Histories are sampled as often as the others' moves and chance make them likely."""
    game = form("kuhn_poker")
    table = jnp.asarray(random_table(game, 1), jnp.float32)
    infosets = jnp.arange(game.tree.num_infosets)
    found = np.asarray(sample_belief(game, table, jax.random.key(0), infosets, 20_000))
    reach = np.asarray(behaviour.reach(game, table).histories)
    for infoset, sampled in zip(infosets.tolist(), found, strict=True):
        members = np.flatnonzero(game.tree.decides & (game.tree.infoset == infoset))
        likely = reach[members] / reach[members].sum()  # the mover's own moves are the same in all of them
        share = [(sampled == member).mean() for member in members]
        np.testing.assert_allclose(share, likely, atol=0.02)


def test_sampled_values_are_near_the_exact_ones(leduc):
    game, table = leduc
    search = decision_search(game, step=2.0, num_rollouts=4000)
    some = jnp.arange(0, game.tree.num_infosets, 40)
    found = jax.jit(search.sampled)(table, jax.random.key(1), some)
    np.testing.assert_allclose(found, search.exact(table)[some], atol=0.04)


def test_it_lowers_exploitability(leduc):
    game, table = leduc
    gap = jax.jit(lambda table: behaviour.gaps(game, table).exploitability)
    before, search = float(gap(table)), decision_search(game, step=3.0, num_rollouts=256)
    assert float(gap(search.exact(table))) < 0.85 * before
    every = jnp.arange(game.tree.num_infosets)
    assert float(gap(jax.jit(search.sampled)(table, jax.random.key(2), every))) < 0.95 * before


def test_numbers_without_sense():
    with pytest.raises(UserError, match="num_rollouts=0; allowed"):
        decision_search(form("kuhn_poker"), num_rollouts=0)
