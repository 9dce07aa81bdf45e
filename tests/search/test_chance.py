"""Dice: searches against exact expectations, and blindness to dice that have yet to fall."""

from dataclasses import dataclass
from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from positions import position
from quick import quick_jit
from small_games import Race

from jaxplay import search
from jaxplay.evaluator import Prediction, rollout, uniform
from jaxplay.game import CHANCE, GameDefaults, fresh, make
from jaxplay.solve import solve
from jaxplay.struct import pytree

KEY = jax.random.key(0)


def expectimax(game: Race) -> tuple[float, list[float]]:
    """Value for player 0 (in points) of the first position, and of its actions, by full enumeration."""
    step, probs = jax.jit(game.step), jax.jit(game.chance_probs)

    def value(state) -> float:
        if state.terminated:
            return 0.0
        if int(state.current_player) == CHANCE:
            return sum(float(p) * child(state, o) for o, p in enumerate(probs(state)))
        best = max if int(state.current_player) == 0 else min
        return best(child(state, action) for action in (0, 1))

    known = {}

    def child(state, edge) -> float:
        name = (int(state.plies), int(state.current_player), int(state.mover), edge)
        if name not in known:
            after = step(state, jnp.int32(edge))
            known[name] = float(after.rewards[0]) + value(after)
        return known[name]

    first = game.init()
    return value(first), [child(first, action) for action in (0, 1)]


@pytest.mark.parametrize("players", [1, 2])
def test_values_come_to_those_of_expectimax(players):
    """All that search knows are points: the evaluator says nothing."""
    game = Race(players=players, length=3)
    value, actions = expectimax(game)
    run = search.puct(game, uniform(game), 4000, c_init=0.3)
    found = quick_jit(run)(None, KEY, jax.tree.map(lambda x: x[None], game.init()))
    assert found.action[0] == np.argmax(actions)
    np.testing.assert_allclose(found.value[0] * game.max_return, value, atol=0.35)  # exploring costs 0.23
    np.testing.assert_allclose(found.q[0, 1] * game.max_return, actions[1], atol=0.25)


def test_outcomes_are_visited_in_proportion_and_averaged_exactly():
    """The last roll of a race earns 0, 1 or 3 with 1/4, 1/4, 1/2: 7/4 in the mean."""
    game = Race(players=1, length=1)
    found = quick_jit(search.puct(game, uniform(game), 401))(
        None, KEY, jax.tree.map(lambda x: x[None], game.init())
    )
    rolls = int(found.tree.children[0, 0, 1])
    shares = np.asarray(found.tree.visits[rolls, 0]) / int(found.tree.visits[rolls, 0].sum())
    np.testing.assert_allclose(shares, [0.25, 0.25, 0.5], atol=0.01)
    np.testing.assert_allclose(found.q[0, 1] * 3, 1.75, atol=0.03)


SEARCHES = {
    "puct": search.puct,
    "leaves": partial(search.puct, leaves=4, bfloat16_priors=True),
    "gumbel": partial(search.gumbel, noise=0.0),
    "parallel": partial(search.gumbel, noise=0.0, parallel=True),
}


@cache
def solved():
    """A solved race, an evaluator that knows it, all positions with a choice, their values."""
    game = Race(players=2, length=3)
    solution = solve(game)
    find = solution.graph.table.index  # made here, as it keeps arrays
    player, ends = solution.graph.player, np.asarray(solution.graph.states.terminated)
    chosen = np.flatnonzero((player != CHANCE) & ~ends)
    of_mover = solution.values[np.arange(len(player)), np.maximum(player, 0)] / game.max_return

    def evaluate(params, key, states):
        number = find(states)
        value = jnp.asarray(of_mover, jnp.float32)[number]
        return Prediction(8.0 * jnp.asarray(solution.optimal, jnp.float32)[number], value)

    states = jax.tree.map(lambda x: jnp.asarray(x)[chosen], solution.graph.states)
    return game, evaluate, states, solution.action_values[chosen] / game.max_return


@pytest.mark.parametrize("kind", SEARCHES)
def test_exact_values_stay_exact(kind):
    """From every position of the race: what is backed up through dice and double moves is the expectation."""
    game, evaluate, states, values = solved()
    found = quick_jit(SEARCHES[kind](game, evaluate, 256))(None, KEY, states)
    each = np.arange(len(values)), np.asarray(found.action)
    np.testing.assert_allclose(values[each], values.max(-1), atol=1e-6)
    np.testing.assert_allclose(found.q[each], values.max(-1), atol=0.01)


@pytree
class CoinState:
    """A position of `Coin`."""

    secret: jax.Array
    """`()` int32: the side that will fall."""
    current_player: jax.Array
    legal_action_mask: jax.Array
    rewards: jax.Array
    terminated: jax.Array


@dataclass(frozen=True)
class Coin(GameDefaults):
    """Call a coin that has been thrown but not been looked at: +1 if right, else -1."""

    hides: bool = True
    num_actions = 2
    max_plies = 1

    def init(self, key):
        """A throw."""
        return self._state(jax.random.bernoulli(key).astype(jnp.int32), jnp.zeros(2), jnp.array(False))

    def reseed(self, state, key):
        """Another throw; if nothing is hidden, the same."""
        return self.init(key) if self.hides else state

    def step(self, state, action):
        """The call."""
        gain = jnp.where(action == state.secret, 1.0, -1.0)
        return self._state(state.secret, gain * jnp.array([1.0, -1.0]), jnp.array(True))

    def observe(self, state, player=None):
        """Nothing."""
        return jnp.zeros(1)

    def _state(self, secret, rewards, done):
        return CoinState(secret, jnp.int32(0), jnp.ones(2, bool), rewards, done)


@pytest.mark.parametrize("hides", [True, False])
def test_peeking_would_win(hides):
    """What lies in the state tells the right call. A search may not know; without `reseed` it would."""
    game = Coin(hides)
    states = jax.vmap(game.init)(jax.random.split(jax.random.key(1), 2000))
    found = quick_jit(search.puct(game, uniform(game), 8))(None, jax.random.key(2), states)
    won = jax.vmap(game.step)(states, found.action).rewards[:, 0].mean()
    assert won == pytest.approx(0.0 if hides else 1.0, abs=0.1)


@cache
def searched_2048():
    """Searches of one position of 2048, whose stored randomness differs from element to element."""
    game = make("pgx:2048")
    one = fresh(game, jax.random.key(3))
    keys = jax.random.split(jax.random.key(4), 8)
    states = jax.vmap(lambda key: game.reseed(one, key))(keys)
    run = search.puct(game, rollout(game, 1), 32)
    same_key = jax.vmap(lambda state: run(None, KEY, jax.tree.map(lambda x: x[None], state)))
    return states, quick_jit(same_key)(states)


@pytest.mark.full
def test_the_dice_of_pgx_cannot_be_seen():
    """The next tile is fixed in the state. Searches that differ in nothing else must find the same."""
    states, found = searched_2048()
    assert len(np.unique(np.asarray(states.key), axis=0)) == 8
    for field in (found.visits, found.q, found.value):
        np.testing.assert_array_equal(field, jnp.broadcast_to(field[:1], field.shape))


def test_uct_finds_wins_by_playouts_alone():
    game = make("tic_tac_toe")
    found = quick_jit(search.uct(game, 200))(None, KEY, position(game, "a1 b1 a2 b2"))
    assert found.action[0] == game.parse_action("a3")
    assert found.visits.sum() == 200
    legal = np.asarray(position(game, "a1 b1 a2 b2").legal_action_mask[0])
    assert ((found.visits[0] > 0) == legal).all()
