"""Games that deal all at once: the same states as outcome after outcome, and all of them as likely."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from jaxplay.game import fresh, make
from jaxplay.games._hidden import distinct

Outcomes = Callable[[Any], np.ndarray]
"""`states with a leading axis -> (n, k)`, the outcomes that lead to each."""


def of_coins(states: Any) -> np.ndarray:
    return np.concatenate([states.likes, states.starts, states.coins], axis=1)


def of_a_dilemma(states: Any) -> np.ndarray:
    return np.concatenate([states.places, np.asarray(states.coin)[:, None]], axis=1)


def of_a_deal(states: Any) -> np.ndarray:
    return np.asarray(states.deal)


CASES = [
    ("coin_game", {"rows": 2, "columns": 3, "extra": 0, "coins": 1}, of_coins, 2 * 6 * 5 * 4 * 3),
    ("coin_dilemma", {"size": 2, "rounds": 2}, of_a_dilemma, 4 * 3 * 2 * 2),
    ("bargaining", {"turns": 2}, of_a_deal, None),
]


@pytest.mark.parametrize(
    ("name", "options", "outcomes", "number"), CASES, ids=lambda x: x if isinstance(x, str) else ""
)
def test_a_game_that_is_dealt_at_once(name: str, options: Any, outcomes: Outcomes, number: int | None):
    game = make(name, **options)
    keys = jax.random.split(jax.random.key(1), 100_000)
    states = jax.device_get(jax.jit(jax.vmap(lambda key: fresh(game, key)))(keys))
    seen, first, counts = np.unique(outcomes(states), axis=0, return_index=True, return_counts=True)
    assert stats.chisquare(counts).pvalue > 0.001
    if number is None:
        from jaxplay.games.bargaining import DEALS

        number = len(DEALS)
    assert len(seen) == number

    step = jax.jit(game.step)
    for row, index in list(zip(seen, first, strict=True))[:: max(1, len(seen) // 20)]:
        state = game.init(jax.random.key(0))
        for outcome in row:
            assert state.current_player == -1 and game.chance_probs(state)[outcome] > 0
            assert state.legal_action_mask[outcome]
            state = step(state, jnp.int32(outcome))
        jax.tree.map(lambda x, y, i=index: np.testing.assert_array_equal(x, y[i]), state, states)


def test_numbers_that_differ():
    """Also where the uniform numbers are as near to 0 and to 1 as they come."""
    for extreme in (0.0, np.nextafter(np.float32(1), np.float32(0))):
        assert sorted(np.asarray(distinct(jnp.full(5, extreme, jnp.float32), 5))) == list(range(5))
    found = jax.vmap(lambda key: distinct(jax.random.uniform(key, (3,)), 4))(
        jax.random.split(jax.random.key(0), 24_000)
    )
    orders, counts = np.unique(found, axis=0, return_counts=True)
    assert len(orders) == 24 and stats.chisquare(counts).pvalue > 0.001
