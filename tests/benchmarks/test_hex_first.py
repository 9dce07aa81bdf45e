"""Exploitability of first moves in small Hex: equal to that of the whole game's graph."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.benchmarks.hex_first import (
    LOST,
    WON,
    first_player_exploitability,
    first_player_mixture,
    won_for_first,
)
from jaxplay.errors import UserError
from jaxplay.games.hex import Hex
from jaxplay.solve import exploitability, solve


def by_weights(params, states):
    """A policy that knows some cells by heart: weights `(cells, cells)` by what stands on the board."""
    stones = jnp.sign(states.chains).astype(jnp.float32)
    logits = params[0][None] + stones @ params[1]
    return jnp.where(states.legal_action_mask, jnp.exp(logits), 0.0)


@pytest.mark.parametrize("size", [2, 3])
def test_equal_to_the_whole_graph(size):
    game = Hex(size, swap=False)
    graph, found = solve(game).graph, first_player_exploitability(game, by_weights)
    for scale in (0.0, 1.0, 3.0):
        keys = jax.random.split(jax.random.key(size))
        params = [
            scale * jax.random.normal(keys[0], (size**2,)),
            scale * jax.random.normal(keys[1], (size**2,) * 2),
        ]
        told = exploitability(graph, lambda states, p=params: by_weights(p, states))
        assert told.best_responses[0] == pytest.approx(1)
        assert found(params) == pytest.approx(told.exploitability, abs=1e-6)
        if scale == 0 and size == 3:
            assert told.exploitability == pytest.approx(0.9777778, abs=1e-7)


def test_bounds_of_mixtures():
    """Of equal members, equal to what is exact; of others around what each member's best response earns."""
    game = Hex(3, swap=False)
    keys = jax.random.split(jax.random.key(1), 4)
    members = [
        [3.0 * jax.random.normal(keys[2 * i], (9,)), jax.random.normal(keys[2 * i + 1], (9, 9))]
        for i in (0, 1)
    ]
    alone, together = first_player_exploitability(game, by_weights), first_player_mixture(game, by_weights)
    exact = [float(alone(params)) for params in members]
    assert together(members[:1] * 2, np.array([0.3, 0.7])) == pytest.approx((exact[0],) * 2, abs=1e-5)
    found = together(members, np.array([1.0, 1.0]))
    assert found.upper == pytest.approx(np.mean(exact), abs=1e-5) and 0.5 < found.lower < found.upper


def test_won_positions_of_three_by_three():
    """Numbers of boards by stones, and what every first move comes to."""
    levels = won_for_first(3)
    assert [len(level.boards.first) for level in levels[:5]] == [1, 5, 40, 112, 456]
    first = levels[0].child[0].reshape(3, 3)
    optimal = solve(Hex(3, swap=False)).optimal[0].reshape(3, 3)
    np.testing.assert_array_equal(first >= 0, optimal)
    for depth, level in enumerate(levels):
        if depth % 2:  # the second player to move: nothing that it does saves it
            empty = 9 - depth
            assert ((level.child != LOST).sum(axis=1) == empty).all() and not (level.child == WON).any()
        else:
            assert (level.child != LOST).any(axis=1).all()


def test_other_games_are_refused():
    for game in (Hex(3), Hex(5, swap=False)):
        with pytest.raises(UserError, match="swap=False and size 4"):
            first_player_exploitability(game, by_weights)
