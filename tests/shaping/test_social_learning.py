"""Sampled shaping on the coin dilemma, generations of donors, bidders with budgets, shared resources."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.games.coin_dilemma import CoinDilemma
from jaxplay.games.congestion_game import CongestionGame
from jaxplay.games.donor_game import DonorGame
from jaxplay.shaping import bidding, coins, generations, sharing


def test_shaped_advantages_are_the_gradient_of_the_return_that_can_be_differentiated():
    """The gradient of LOQA's surrogate, with DiCE's product of ratios, by automatic differentiation."""
    keys = jax.random.split(jax.random.key(0), 4)
    mine, theirs, logs = (jax.random.normal(key, (6,)) for key in keys[:3])
    told, discount = jax.random.uniform(keys[3], (6,)), 0.9

    def surrogate(logs: jax.Array) -> jax.Array:
        """Sum of A(t) [log pi(t) + told(t) G'(t + 1)], each A'(k) times its ratio, which is 1."""
        ratio, total = jnp.exp(logs - jax.lax.stop_gradient(logs)), jnp.float32(0)
        for t in range(6):
            later = sum(discount ** (k - t) * ratio[k] * theirs[k] for k in range(t + 1, 6))
            total += mine[t] * (logs[t] + told[t] * later)
        return total

    found = coins.shaped_advantages(mine, theirs, told, discount, 1.0)
    np.testing.assert_allclose(found, jax.grad(surrogate)(logs), rtol=1e-4)
    np.testing.assert_allclose(coins.shaped_advantages(mine, theirs, told, discount, 0.0), mine)


def test_what_rewards_tell_of_coins():
    rewards = jnp.array([[0, 0], [1, 0], [1, -2], [0, 1], [-2, 1], [-1, 1]], jnp.float32)
    told = coins.coins_taken(rewards, 2.0)
    assert float(told["taken"]) == pytest.approx(5 / 6) and float(told["own"]) == pytest.approx(3 / 5)
    np.testing.assert_allclose(told["reward"], [-1 / 6, 1 / 6], rtol=1e-6)


@pytest.mark.full
@pytest.mark.parametrize(("shaping", "least", "most"), [(1.0, 0.95, 1.0), (0.0, 0.5, 0.85)])
def test_shaping_learns_to_leave_the_coins_of_the_other(shaping: float, least: float, most: float):
    settings = coins.Settings(shaping=(shaping, shaping), batch_size=128)
    game = CoinDilemma(rounds=settings.rounds, memory=1)
    told = jax.jit(lambda key: coins.train(game, settings, key, 1200)[1])(jax.random.key(0))
    assert least <= float(told["own"][-50:].mean()) <= most


@pytest.mark.parametrize(("benefit", "cost"), [(3.0, 1.0), (2.0, 1.0)])
def test_cooperation_survives_exactly_where_reputations_are_known_better_than_cost_over_benefit(
    benefit: float, cost: float
):
    def lasts(known: float) -> bool:
        table = generations.payoffs(DonorGame(benefit=benefit, cost=cost, known=known))[:2, :2]
        return bool(generations.evolve(table, np.array([0.99, 0.01]), 3000).cooperates)

    edge = cost / benefit
    assert [lasts(edge + shift) for shift in (-0.2, -0.01, 0.01, 0.2)] == [False, False, True, True]


def test_players_of_the_game_earn_what_the_table_says():
    """Six who discriminate or punish, and two defectors; after everybody's first turn it is exact."""
    game = DonorGame(players=8, turns=40, known=0.6)
    kinds = np.array([0, 0, 0, 3, 3, 3, 1, 1])
    play = jax.jit(jax.vmap(lambda key: generations.play(game, jnp.asarray(kinds), key)))
    earned = np.asarray(play(jax.random.split(jax.random.key(0), 24))).mean(axis=0) / game.turns
    table = generations.payoffs(game)[kinds][:, kinds]
    expected = (table.sum(axis=1) - np.diag(table)) / 7
    np.testing.assert_allclose(earned, expected, atol=0.2)


def test_regret_of_a_bidder_grows_like_the_root_of_the_sales():
    bids, sizes = jnp.linspace(0, 1, 21), (100, 400, 1600)

    def regrets(num_sales: int, budget: float | None) -> float:
        def one(key: jax.Array) -> jax.Array:
            key_others, key = jax.random.split(key)
            others = jax.random.beta(key_others, 2.0, 3.0, (num_sales,))
            return bidding.hedge(bids, 1.0, others, key, budget=budget and budget * num_sales).regret

        return float(jax.jit(jax.vmap(one))(jax.random.split(jax.random.key(1), 10)).mean())

    free = [regrets(size, None) for size in sizes]
    slope = np.polyfit(np.log(sizes), np.log(free), 1)[0]
    assert 0.3 < slope < 0.65
    assert max(regret / size**0.5 for regret, size in zip(free, sizes, strict=True)) < 1


def test_a_bidder_stays_within_its_budget():
    others = jax.random.beta(jax.random.key(0), 2.0, 3.0, (400,))
    sold = bidding.hedge(jnp.linspace(0, 1, 21), 1.0, others, jax.random.key(1), budget=50.0)
    assert 40 < float(sold.paid.sum()) <= 50


def test_shared_resources_are_left_by_nobody():
    """Largest deviation below 0.01 after learning, and its formula against all picks written out."""
    game = CongestionGame(players=5, worth="10;6;4;2;1", rounds=1)
    found = jax.jit(jax.vmap(lambda key: sharing.share_out(jnp.array(game.shares), key)))(
        jax.random.split(jax.random.key(0), 5)
    )
    assert (found.deviation[:, -1] < 0.01).all() and (found.deviation[:, 0] > 0.5).all()


def test_expected_shares():
    game = CongestionGame(players=3, worth="6;4")
    mixtures = jnp.array([[1.0, 0.0], [0.5, 0.5], [0.25, 0.75]])
    first = sharing.expected(jnp.array(game.shares), mixtures)[0]
    none, one, two = 0.5 * 0.75, 0.5 * 0.25 + 0.5 * 0.75, 0.5 * 0.25
    np.testing.assert_allclose(first[0], 6 * none + 3 * one + 2 * two, rtol=1e-6)
    np.testing.assert_allclose(first[1], 4 * two + 2 * one + 4 / 3 * none, rtol=1e-6)
