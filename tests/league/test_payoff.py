"""The payoff table: reference numbers, closed form against one game at a time, seats, bounds, inheritance."""

from itertools import permutations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.arena import wilson
from jaxplay.league import (
    Payoff,
    add_games,
    advantage,
    effective_games,
    lower_bound,
    new_payoff,
    num_games,
    rearrange,
    score,
    tally,
)

absorbed = jax.jit(add_games, static_argnums=2)
tallied = jax.jit(tally, static_argnums=0)


def one(winner: int, seat: int = 0, players: tuple[int, int] = (0, 1)) -> Payoff:
    """One game; `winner` is 1, 0 (a draw) or -1, for the first of `players`, who sits in `seat`."""
    by_seat = jnp.array([players if seat == 0 else players[::-1]])
    returns = jnp.array([[winner, -winner] if seat == 0 else [-winner, winner]], jnp.float32)
    return tallied(3, by_seat, returns, jnp.array([True]))


def in_turn(outcomes: np.ndarray, decay: float = 0.99) -> Payoff:
    """Add games of players 0 and 1 one at a time; the first player's seat alternates."""

    def step(payoff: Payoff, game: tuple[jax.Array, jax.Array]) -> tuple[Payoff, None]:
        outcome, seat = game
        players = jnp.where(seat == 0, jnp.array([0, 1]), jnp.array([1, 0]))[None]
        returns = jnp.where(seat == 0, outcome, -outcome) * jnp.array([[1.0, -1.0]])
        return add_games(payoff, tally(3, players, returns, jnp.array([True])), decay), None

    seats = jnp.arange(len(outcomes)) % 2
    return jax.lax.scan(step, new_payoff(3), (jnp.asarray(outcomes, jnp.float32), seats))[0]


def test_fifty_losses_then_fifty_wins():
    payoff = jax.jit(in_turn)(np.repeat([-1, 1], 50))
    assert num_games(payoff)[0, 1] == pytest.approx(63.396766, abs=1e-4)
    assert payoff.wins[0, 1].sum() == pytest.approx(39.499393, abs=1e-4)
    assert score(payoff)[0, 1] == pytest.approx(0.623051, abs=1e-6)
    assert score(payoff)[1, 0] == pytest.approx(1 - 0.623051, abs=1e-6)
    assert num_games(payoff)[0, 2] == 0 and score(payoff)[0, 2] == 0.5


def test_many_games_at_once_count_as_the_mean_of_all_orders():
    before = jax.jit(in_turn, static_argnums=1)(np.array([1, 1, -1]), 0.9)
    batch = jnp.array([1.0, 0.0, -1.0, -1.0])
    players = jnp.array([[0, 1], [1, 0], [0, 1], [1, 0]])
    returns = batch[:, None] * jnp.array([[1.0, -1.0]]) * jnp.where(players[:, :1] == 0, 1.0, -1.0)
    found = absorbed(before, tallied(3, players, returns, jnp.ones(4, bool)), 0.9)
    singles = [one(int(x), seat=int(p[0])) for x, p in zip(batch, players, strict=True)]
    orders = []
    for order in permutations(singles):
        payoff = before
        for game in order:
            payoff = absorbed(payoff, game, 0.9)
        orders.append(payoff)
    expected = jax.tree.map(lambda *x: sum(x) / len(x), *orders)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-5), found, expected)


def test_a_tally_knows_seats_draws_and_returns():
    players = jnp.array([[0, 1], [1, 0], [0, 2], [2, 2], [0, 1]])
    returns = jnp.array([[3.0, -3.0], [0.5, 0.5], [-1.0, 1.0], [1.0, -1.0], [1.0, -1.0]])
    counted = jnp.array([True, True, True, True, False])
    fresh = tallied(3, players, returns, counted)
    games = np.zeros((3, 3, 2))
    games[0, 1] = games[1, 0] = 1  # each once in each seat
    games[0, 2, 0] = games[2, 0, 1] = 1
    np.testing.assert_array_equal(fresh.games, games)
    assert fresh.wins[0, 1].tolist() == [1, 0] and fresh.wins[1, 0].tolist() == [0, 0]
    assert fresh.draws[0, 1].tolist() == [0, 1] and fresh.draws[1, 0].tolist() == [1, 0]
    assert fresh.returns[0, 1].tolist() == [3, 0.5] and fresh.returns[1, 0].tolist() == [0.5, -3]
    assert fresh.wins[2, 0].tolist() == [0, 1]
    assert score(fresh)[0].tolist() == [0.5, 0.75, 0.0]
    assert advantage(fresh)[0].tolist() == [0, 1.5, -1]
    np.testing.assert_array_equal(advantage(fresh), -advantage(fresh).T)


def test_tallies_add_up_and_absorbing_nothing_changes_nothing():
    a, b = one(1), one(-1, seat=1, players=(2, 1))
    both = tally(
        3, jnp.array([[0, 1], [1, 2]]), jnp.array([[1.0, -1.0], [1.0, -1.0]]), jnp.array([True, True])
    )
    jax.tree.map(np.testing.assert_array_equal, jax.tree.map(jnp.add, a, b), both)
    jax.tree.map(np.testing.assert_array_equal, add_games(both, new_payoff(3)), both)
    twice = add_games(both, both, decay=1.0)
    jax.tree.map(lambda x, y: np.testing.assert_array_equal(x, 2 * y), twice, both)


def test_other_pairs_do_not_age():
    payoff = add_games(add_games(new_payoff(3), one(1)), one(1, players=(0, 2)))
    assert num_games(payoff)[0].tolist() == [0, 1, 1]


def test_effective_games():
    for decay, count in ((0.99, 1), (0.99, 60), (0.99, 5000), (0.5, 3), (1.0, 40)):
        weights = decay ** np.arange(count)
        expected = weights.sum() ** 2 / (weights**2).sum()
        found = effective_games(jnp.float32(weights.sum()), decay)
        assert found == pytest.approx(expected, rel=1e-3), (decay, count)
    assert effective_games(jnp.float32(100.0), 0.99) == pytest.approx(199, rel=1e-4)


def test_lower_bound_is_wilsons():
    for share, games in ((0.7, 100.0), (0.5, 4.0), (1.0, 10.0), (0.0, 5.0)):
        expected, _ = wilson(share, games, confidence=0.9)  # two-sided: 5 % on each side
        found = lower_bound(jnp.float32(share), jnp.float32(games), 0.95)
        assert found == pytest.approx(expected, abs=1e-5)
    assert lower_bound(jnp.float32(0.7), jnp.float32(3.0), 0.5) == pytest.approx(0.7)
    assert lower_bound(jnp.float32(0.5), jnp.float32(0.0), 0.95) == pytest.approx(0, abs=1e-3)


def test_a_copy_inherits_and_a_new_start_forgets():
    rng = np.random.default_rng(0)
    table = rng.integers(1, 9, (5, 5, 2)) * (1 - np.eye(5, dtype=int))[..., None]
    payoff = Payoff(*(jnp.asarray(table * k, jnp.float32) for k in (4, 1, 2, 3)))
    found = rearrange(payoff, jnp.array([-1, 1, 2, 1, 0]))  # 0 starts anew; 3 copies 1, and 4 copies 0
    old, new = np.asarray(payoff.games), np.asarray(found.games)
    assert (new[0] == 0).all() and (new[:, 0] == 0).all()
    assert (new[1, 3] == 0).all() and (new[3, 1] == 0).all()  # a copy and its origin have not met
    np.testing.assert_array_equal(new[3, 2], old[1, 2])
    np.testing.assert_array_equal(new[2, 3], old[2, 1])
    np.testing.assert_array_equal(new[3, 4], old[1, 0])  # two copies inherit what their origins played
    np.testing.assert_array_equal(new[1, 2], old[1, 2])
    assert (np.einsum("iis->is", new) == 0).all()
    same = rearrange(payoff, jnp.arange(5))
    jax.tree.map(np.testing.assert_array_equal, same, payoff)
