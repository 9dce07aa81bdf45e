"""Three players and general sums: max^n, and one player alone."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from quick import quick_jit

from jaxplay import search
from jaxplay.evaluator import Prediction, uniform
from jaxplay.game import GameDefaults
from jaxplay.struct import pytree


@pytree
class ChoiceState:
    """A path in a tree of choices."""

    path: jax.Array
    """`()` int32: choices so far, as digits."""
    depth: jax.Array
    current_player: jax.Array
    legal_action_mask: jax.Array
    rewards: jax.Array
    terminated: jax.Array


@dataclass(frozen=True)
class Choices(GameDefaults):
    """Each player in turn takes one of three actions; a fixed random table tells what each then gets."""

    players: int = 3
    seed: int = 0
    num_actions = 3
    zero_sum = False
    max_return = 1.0

    @property
    def num_players(self) -> int:
        return self.players

    @property
    def max_plies(self) -> int:
        return max(3, self.players)

    @property
    def table(self) -> np.ndarray:
        rows = np.random.RandomState(self.seed).uniform(-1, 1, (3**self.max_plies, self.players))
        return rows.astype(np.float32)

    def init(self, key):
        zero = jnp.int32(0)
        return self._state(zero, zero)

    def step(self, state, action):
        return self._state(3 * state.path + action.astype(jnp.int32), state.depth + 1)

    def _state(self, path, depth):
        done = depth == self.max_plies
        rewards = jnp.where(done, jnp.asarray(self.table)[path], 0.0)
        return ChoiceState(path, depth, depth % self.players, jnp.ones(3, bool), rewards, done)

    def observe(self, state, player=None):
        return jnp.stack([state.path, state.depth]).astype(jnp.float32)


def max_n(game: Choices, path: int = 0, depth: int = 0) -> np.ndarray:
    """What each player gets if everyone does the best for itself (Luckhardt and Irani 1986)."""
    if depth == game.max_plies:
        return game.table[path]
    below = [max_n(game, 3 * path + action, depth + 1) for action in range(3)]
    return max(below, key=lambda values: values[depth % game.players])


@pytest.mark.parametrize("players", [1, 2, 3])
def test_the_line_of_max_n_is_found(players):
    """By an evaluator that knows nothing, and simulations enough to try every line."""
    game = Choices(players)
    states = jax.vmap(game.init)(jax.random.split(jax.random.key(0), 1))
    found = quick_jit(search.puct(game, uniform(game), 3000))(None, jax.random.key(0), states)
    first = [max_n(game, action, 1)[0] for action in range(3)]
    assert found.action[0] == np.argmax(first)
    np.testing.assert_allclose(found.q[0, found.action[0]], max(first), atol=0.1)


def knowing(game: Choices):
    """An evaluator that values every position by max^n."""
    depths = range(game.max_plies)
    values = [np.stack([max_n(game, path, depth) for path in range(3**depth)]) for depth in depths]
    first = np.cumsum([0, *[3**depth for depth in depths]])[:-1]
    table = np.concatenate(values)

    def evaluate(params, key, states):
        frame = jnp.asarray(table)[jnp.asarray(first)[states.depth] + states.path]
        turns = (jnp.arange(game.players)[None] + states.current_player[:, None]) % game.players
        view = jnp.take_along_axis(frame, turns, axis=-1)
        return Prediction(jnp.zeros((frame.shape[0], 3)), view if game.players > 1 else view[:, 0])

    return evaluate


@pytest.mark.parametrize("players", [1, 2, 3, 4])
@pytest.mark.parametrize("factory", [search.puct, search.gumbel])
def test_values_of_every_player_are_followed(players, factory):
    """An evaluator that knows what everyone gets: its moves are found, from all second positions."""
    game = Choices(players, seed=1)
    options = {"noise": 0.0} if factory is search.gumbel else {}
    run = quick_jit(factory(game, knowing(game), 600, **options))
    states = jax.vmap(lambda action: game.step(game.init(None), action))(jnp.arange(3))
    found = run(None, jax.random.key(0), states)
    mover = 1 % players
    for path in range(3):
        below = [max_n(game, 3 * path + action, 2)[mover] for action in range(3)]
        assert found.action[path] == np.argmax(below)
        if factory is search.puct:
            np.testing.assert_allclose(found.q[path, found.action[path]], max(below), atol=0.25)


def test_values_come_in_order_of_turn():
    """At player 1's node the first number is player 1's."""
    game = Choices(3)
    states = jax.vmap(lambda key: game.step(game.init(key), jnp.int32(1)))(
        jax.random.split(jax.random.key(0), 1)
    )
    found = quick_jit(search.puct(game, uniform(game), 3000))(None, jax.random.key(0), states)
    np.testing.assert_allclose(found.value[0], np.roll(max_n(game, 1, 1), -1), atol=0.1)
