"""`jaxplay bench policy`: its cases run, and the peer on Pgx learns what it is there to learn."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.benchmarks import policy
from jaxplay.benchmarks.harness import measure
from jaxplay.benchmarks.ppo_peer import Sizes, ppo_on_pgx
from jaxplay.errors import UserError


def test_cases_and_what_they_are_beside():
    (cases,) = policy.suites(policy.Options(("kuhn_poker",), peers=True, quick=True))
    results = measure(cases, repeats=1, seconds=0.0)
    assert [result.name for result in results] == [f"kuhn_poker/{kind}" for kind in ("step", "alone", "pgx")]
    assert all(result.unit == "position" and result.rate > 0 for result in results)


def test_the_peer_learns():
    """After some hundred steps, facing a bet in Kuhn poker, it calls with the king and folds the jack."""
    run, init = ppo_on_pgx("kuhn_poker", Sizes(64, 8, 16, 1, 2, 2))
    carry = jax.jit(lambda carry: jax.lax.fori_loop(0, 500, lambda _, c: run(c), carry))(
        init(jax.random.key(0))
    )
    (weights, bias), (last, shift) = carry[0]
    facing_a_bet = jnp.zeros((2, 7)).at[:, [3, 6]].set(1).at[0, 0].set(1).at[1, 2].set(1)  # J, K; my 0, its 1
    logits = jax.nn.relu(facing_a_bet @ weights + bias[None]) @ last + shift[None]
    bet, give_up = 0, 1
    jack, king = np.asarray(jax.nn.softmax(logits[:, :2]))
    assert jack[give_up] > 0.8 and king[bet] > 0.8


def test_a_game_learned_by_search():
    with pytest.raises(UserError, match="tic_tac_toe is not learned by policy gradients"):
        list(policy.suites(policy.Options(("tic_tac_toe",), quick=True)))
