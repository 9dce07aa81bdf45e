"""Bandit feedback on trees: sampled plays, balance, and learning from returns alone."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hidden_games import form, random_table

from jaxplay.dynamics import (
    ExtensiveForm,
    Sampled,
    Tree,
    adaptive_ftrl,
    balance,
    balanced_ftrl,
    bandit,
    normal_form,
    run,
)
from jaxplay.dynamics.walk import paths_of
from jaxplay.errors import UserError


@pytest.fixture(scope="module")
def kuhn() -> ExtensiveForm:
    return ExtensiveForm(form("kuhn_poker"))


def test_plays_are_sampled_as_likely_as_they_are(kuhn: ExtensiveForm):
    game = kuhn.form
    policies = game.split(jnp.asarray(random_table(game, 0), jnp.float32))
    keys = jax.random.split(jax.random.key(0), 20_000)
    episodes = jax.jit(jax.vmap(lambda key: kuhn.sample(policies, key)))(keys)
    plans = game.plans(policies)
    values = [float((game.gains(player, plans) * plans[player]).sum()) for player in range(2)]
    np.testing.assert_allclose(episodes.returns.mean(axis=0), values, atol=0.04)
    for player, t in enumerate(game.treeplexes):
        last = np.bincount(np.asarray(episodes.sequences[:, player]), minlength=1 + t.num_slots) / len(keys)
        visits = sum(last[1:][paths_of(t).path[1:, 0] == i].sum() for i in range(t.num_infosets))
        assert last.sum() == pytest.approx(1) and visits == pytest.approx(1 - last[0])
        assert (last[1:][np.asarray(plans[player])[1:] == 0] == 0).all()


def test_paths_follow_a_sequence_to_its_beginning(kuhn: ExtensiveForm):
    t = kuhn.form.treeplexes[0]
    paths = paths_of(t)
    assert not paths.real[0].any() and paths.real[1:, 0].all()
    plan = np.asarray(t.plan(t.uniform()))
    np.testing.assert_allclose(plan, 0.5 ** paths.real.sum(axis=1))
    for slot in range(t.num_slots):
        assert paths.rows[paths.path[1 + slot, 0], paths.choice[1 + slot, 0]] == slot


def test_balance_counts_what_follows(kuhn: ExtensiveForm):
    """In Kuhn poker player 0 decides again after a check, and player 1 once, after a check or a bet."""
    first, second = (balance(t) for t in kuhn.form.treeplexes)
    paths = paths_of(kuhn.form.treeplexes[0])
    np.testing.assert_allclose(first.reach, 1 / 3)
    np.testing.assert_allclose(second.reach, 1 / 6)
    for row in paths.rows[:3]:
        assert sorted(first.policy[row].tolist()) == [0.25, 0.75]
    for row in paths.rows[3:]:
        assert first.policy[row].tolist() == [0.5, 0.5]
    np.testing.assert_allclose(second.policy, 0.5)


def test_a_play_changes_what_it_visited(kuhn: ExtensiveForm):
    """The action that lost becomes rarer along the way, by the dilated leader's own formula."""
    space, method = Tree(kuhn.form.treeplexes[0]), balanced_ftrl(0.1, exploration=0.01)
    player, paths = method.init(space, jax.random.key(0)), paths_of(space.treeplex)
    sequence = 1 + int(paths.rows[3, 0])
    above = int(paths.rows[paths.path[sequence, 1], paths.choice[sequence, 1]])
    after = method.update(space, player, Sampled(jnp.int32(sequence), jnp.float32(1.0)))
    rate, plan = 0.3, 0.75 * 0.5
    estimate = 1.0 / (plan + 0.03)
    total = 0.5 * np.exp(-rate * estimate) + 0.5
    assert float(after.policy[sequence - 1]) == pytest.approx(0.5 * np.exp(-rate * estimate) / total)
    assert float(after.policy[above]) == pytest.approx(0.75 * total / (0.75 * total + 0.25))
    changed = np.flatnonzero(np.asarray(after.policy) != np.asarray(player.policy))
    assert set(changed) == {*paths.rows[3], *paths.rows[paths.path[sequence, 1]]}
    same = method.update(space, player, Sampled(jnp.int32(0), jnp.float32(1.0)))
    np.testing.assert_array_equal(same.policy, player.policy)


@pytest.mark.parametrize("method", [balanced_ftrl(), adaptive_ftrl()], ids=["balanced", "adaptive"])
def test_kuhn_poker_is_learned_from_returns(kuhn: ExtensiveForm, method):
    outcome = run(kuhn, method, bandit(), checkpoints=(3_000, 30_000), seeds=range(3), regret=False)
    early, late = np.asarray(outcome.history.average).T
    assert late.max() < 0.1 and np.median(late) < 0.7 * np.median(early)
    assert np.isnan(outcome.history.regret).all()


def test_a_table_is_learned_from_returns():
    """A normal form is a tree of one decision: exponential weights with implicit exploration."""
    outcome = run(
        normal_form([[1.0, -1.0], [-1.0, 3.0]]),
        balanced_ftrl(0.01),
        bandit(),
        checkpoints=(20_000,),
        seeds=range(3),
    )
    for mean in outcome.averages:
        np.testing.assert_allclose(mean[:, 1], 2 / 3, atol=0.05)
    assert (np.abs(outcome.history.regret) < 0.15).all()


def test_rates_are_checked():
    for make in (balanced_ftrl, adaptive_ftrl):
        with pytest.raises(UserError, match=r"rate=0.*allowed: above 0"):
            make(0.0)
