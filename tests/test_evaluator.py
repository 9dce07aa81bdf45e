"""Evaluators that need no training."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from quick import quick_jit
from small_games import Nim, Race

from jaxplay.evaluator import rollout, uniform
from jaxplay.games.tic_tac_toe import TicTacToe

GAME = TicTacToe()


def batch(state: Any, size: int = 1) -> Any:
    return jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (size, *leaf.shape)), state)


def test_uniform_knows_nothing():
    states = batch(GAME.init(jax.random.key(0)), 5)
    prediction = uniform(GAME)(None, jax.random.key(0), states)
    assert prediction.logits.shape == (5, 9) and prediction.value.shape == (5,)
    assert not prediction.logits.any() and not prediction.value.any()


def test_random_play_of_tic_tac_toe():
    """X wins 737/1260 and O 121/420 of random games: X earns 0.296825, O minus that after a first move.

    The mean of 20,000 games lies within five standard deviations (0.87 a game).
    """
    start = GAME.init(jax.random.key(0))
    evaluate = quick_jit(rollout(GAME, 5000))
    values = evaluate(None, jax.random.key(1), batch(start, 4)).value
    assert len(set(values.tolist())) == 4
    error = 5 * 0.87 / np.sqrt(20_000)
    assert abs(values.mean() - 0.296825) < error
    replies = jax.vmap(GAME.step, (None, 0))(start, jnp.arange(9))
    after = quick_jit(rollout(GAME, 2222))(None, jax.random.key(2), replies).value
    assert abs(after.mean() + 0.296825) < error


def test_rollouts_of_a_finished_game_earn_nothing():
    game = Nim((1,))
    state = game.step(game.init(), jnp.int32(0))
    assert state.terminated and state.rewards[0] == 1
    assert rollout(game, 3)(None, jax.random.key(0), batch(state)).value == 0


def test_rollouts_pass_through_chance_and_add_up_rewards():
    """`Race` for one: at random, a turn earns (1 + 7/4) / 2 in the mean, of 3 a turn at most."""
    game = Race(players=1, length=3)
    value = quick_jit(rollout(game, 4000))(None, jax.random.key(0), batch(game.init())).value
    np.testing.assert_allclose(value, 11 / 8 / 3, atol=5 * 0.5 / np.sqrt(3 * 4000))


def test_rollouts_are_for_the_player_to_move():
    """The last object is on the table, whoever is to take it: a sure win."""
    game = Nim((1, 1))
    second = game.step(game.init(), jnp.int32(0))
    assert second.current_player == 1
    assert rollout(game, 2)(None, jax.random.key(0), batch(second)).value == 1
    assert rollout(game, 2)(None, jax.random.key(0), batch(game.init())).value == -1
