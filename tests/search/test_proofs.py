"""Proofs are right whatever a game pays, when it pays it, and however few edges are kept."""

from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import Array
from positions import linear
from quick import quick_jit

from jaxplay import search
from jaxplay.evaluator import uniform
from jaxplay.game import GameDefaults, make
from jaxplay.search._proofs import root_proof
from jaxplay.solve import solve
from jaxplay.struct import pytree, replace

PLIES, ACTIONS = 4, 2
NODES = ACTIONS ** (PLIES + 1)
SEARCHES = {
    "puct": search.puct,
    "leaves": partial(search.puct, leaves=3),
    "gumbel": partial(search.gumbel, noise=0.0),
    "uct": lambda game, evaluate, n, **options: search.uct(game, n, evaluate=evaluate, **options),
}


@pytree
class PurseState:
    """A position of `Purse`: the moves so far as a number, and what each edge pays."""

    path: Array
    plies: Array
    pays: Array
    """`(NODES,)` float32: what player 0 gets by the move that leads to a path."""
    mover: Array
    """`(PLIES,)` int32: who moves at each ply."""
    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array


@dataclass(frozen=True)
class Purse(GameDefaults):
    """A tree of two actions and four plies, drawn at random, that pays at every move what it likes.

    The returns lie in [-1, 1] and many are -1, 0 or 1, so that there are proofs.
    """

    num_actions = ACTIONS
    max_plies = PLIES

    def init(self, key: Array) -> PurseState:
        key_total, key_pays, key_early, key_mover = jax.random.split(key, 4)
        total = jax.random.randint(key_total, (NODES,), -1, 2).astype(jnp.float32)
        total = jnp.where(jax.random.bernoulli(key_early, 0.2, (NODES,)), 0.5 * total, total)
        so_far = jax.random.randint(key_pays, (NODES,), -4, 5) / 4.0
        so_far = jnp.where(jax.random.bernoulli(jax.random.fold_in(key, 9)), 0.0, so_far)  # pays at the end
        last = jnp.arange(NODES) >= NODES // 2
        sums = jnp.where(last, total, so_far).at[1].set(0.0)
        pays = sums - sums[jnp.arange(NODES) // ACTIONS]
        mover = jax.random.randint(key_mover, (PLIES,), 0, 2).at[0].set(0)
        return self._state(jnp.int32(1), jnp.int32(0), pays, mover, jnp.float32(0.0))

    def step(self, state: PurseState, action: Array) -> PurseState:
        path = state.path * ACTIONS + action
        return self._state(path, state.plies + 1, state.pays, state.mover, state.pays[path])

    def observe(self, state: PurseState, player: Array | None = None) -> Array:
        return jax.nn.one_hot(state.path, NODES)

    def _state(self, path: Array, plies: Array, pays: Array, mover: Array, gain: Array) -> PurseState:
        player = mover[jnp.minimum(plies, PLIES - 1)]
        legal = jnp.ones(ACTIONS, bool)
        return PurseState(path, plies, pays, mover, player, legal, jnp.stack([gain, -gain]), plies == PLIES)


def value_of(state: PurseState, path: int = 1, ply: int = 0) -> float:
    """What player 0 gets from `path` on if both play best."""
    if ply == PLIES:
        return 0.0
    after = [float(state.pays[p]) + value_of(state, p, ply + 1) for p in (path * ACTIONS, path * ACTIONS + 1)]
    return max(after) if state.mover[ply] == 0 else min(after)


@cache
def purses() -> tuple[PurseState, np.ndarray]:
    """Games drawn at random, and what they are worth to player 0."""
    states = jax.jit(jax.vmap(Purse().init))(jax.random.split(jax.random.key(0), 400))
    return states, values_of(states, 0)


def values_of(states: PurseState, ply: int, value: Any = value_of) -> np.ndarray:
    """What player 0 gets from `states` on, all of them at `ply`."""
    host = jax.device_get(states)
    each = [jax.tree.map(lambda x, i=i: x[i], host) for i in range(len(host.path))]
    return np.array([value(one, int(one.path), ply) for one in each], np.float32)


def check(states: Any, found: search.SearchOutput, exact: np.ndarray) -> np.ndarray:
    """Which roots are proven; what is proven is the exact value `(B,)` of player 0."""
    proof = np.asarray(root_proof(found.tree))  # pyright: ignore[reportArgumentType]
    sign = np.where(np.asarray(states.current_player) == 0, 1.0, -1.0)
    proven = proof != 0
    np.testing.assert_allclose(np.asarray(found.value)[proven], (sign * exact)[proven], atol=1e-4)
    return proven


@pytest.mark.parametrize("name", SEARCHES)
def test_a_proof_is_exact_whenever_rewards_are_paid(name):
    """Early, in parts, and back: proofs speak of the sum, and the moves keep what is proven."""
    states, exact = purses()
    run = quick_jit(SEARCHES[name](Purse(), uniform(Purse()), 60, prove=True))
    found = run(None, jax.random.key(0), states)
    proven = check(states, found, exact)
    assert proven.sum() > 80
    early = np.abs(np.asarray(states.pays)[:, 2 : NODES // 2]).max(1) > 0
    assert (proven & early).sum() > 40 < (proven & ~early).sum()
    after = jax.vmap(Purse().step)(states, found.action)
    kept = np.asarray(after.rewards[:, 0]) + values_of(after, 1)
    np.testing.assert_allclose(kept[proven], exact[proven], atol=1e-4)


def test_a_proof_counts_what_the_last_move_paid():
    """Searched from the position after the first move: its payment is seen, the value is the rest."""
    states, _ = purses()
    after = jax.vmap(Purse().step)(states, jnp.arange(400) % 2)
    run = quick_jit(search.puct(Purse(), uniform(Purse()), 40, prove=True))
    found = run(None, jax.random.key(0), after)
    exact = values_of(after, 1)
    proven = check(after, found, exact)
    assert (np.abs(exact[proven]) > 1.01).any()  # a stake that comes back and more


def test_a_kept_tree_keeps_its_proofs():
    """What was paid before the move counts in the tree that is kept, also two plies later."""
    states, _ = purses()
    game, capacity = Purse(), 120
    run = quick_jit(search.puct(game, uniform(game), 40, prove=True, capacity=capacity))
    keep = quick_jit(partial(search.reuse, game, keep=capacity - 40))
    empty = search.empty_tree(jax.eval_shape(run, None, jax.random.key(0), states).tree)
    found = run(None, jax.random.key(0), states, tree=empty)
    for ply in (1, 2):
        states = jax.vmap(game.step)(states, found.action)
        tree = keep(found.tree, found.action, states)
        kept = np.asarray(tree.visits[0]).sum(-1) > 0
        found = run(None, jax.random.key(ply), states, tree=tree)
        exact = np.where(kept, values_of(states, ply), found.value * (1.0 - 2.0 * states.current_player))
        assert (check(states, found, exact) & kept).sum() > 40


def test_a_stake_that_comes_back_is_no_win():
    """A staked point that comes back is worth nothing in all; the other action takes half a point."""
    state = jax.tree.map(lambda x: x[0], purses()[0])
    pays = jnp.zeros(NODES).at[2].set(-1.0).at[3].set(0.5)
    paths = jnp.arange(NODES)
    pays = jnp.where((paths >= 16) & (paths < 24), 1.0, pays)
    state = replace(state, pays=pays, mover=jnp.zeros(PLIES, jnp.int32))
    states = jax.tree.map(lambda x: x[None], state)
    for make_search in (search.puct, partial(search.gumbel, noise=0.0)):
        found = quick_jit(make_search(Purse(), uniform(Purse()), 64, prove=True))(
            None, jax.random.key(0), states
        )
        assert found.action[0] == 1 and root_proof(found.tree)[0] == 0
        assert abs(found.value[0]) < 0.6


def test_a_signal_is_no_reward():
    """What edges earn by the opponent's opinion is not won, and a proven value leaves it out."""
    states, _ = purses()

    def optimist(params, key, states):
        said = uniform(Purse())(None, key, states)
        return said._replace(value=said.value - 1.0)

    opponent = search.Opponent(optimist, signal=search.Signal("edge"))
    run = search.puct(Purse(), uniform(Purse()), 40, prove=True, opponent=opponent)
    params = search.SearchParams(signal_weight=jnp.float32(1.0))
    found = quick_jit(run)(params, jax.random.key(0), states)
    exact = values_of(states, 0, _against_the_first_action)
    assert check(states, found, exact).sum() > 80


def _against_the_first_action(state: PurseState, path: int = 1, ply: int = 0) -> float:
    """What player 0 gets from `path` on against a player 1 who always takes action 0."""
    if ply == PLIES:
        return 0.0
    actions = (0, 1) if state.mover[ply] == 0 else (0,)
    after = [path * ACTIONS + action for action in actions]
    return max(float(state.pays[p]) + _against_the_first_action(state, p, ply + 1) for p in after)


@pytest.mark.parametrize("name", ["puct", "gumbel"])
@pytest.mark.parametrize("edges", [2, 4])
def test_replies_that_are_left_out_are_not_refuted(name, edges):
    """Of all positions of tic-tac-toe, with an evaluator that leaves good moves out."""
    game = make("tic_tac_toe")
    params, evaluate = linear(game, scale=2.0)
    solution = solve(game)
    live = ~np.asarray(solution.graph.states.terminated)
    states = jax.tree.map(lambda x: jnp.asarray(x)[live], solution.graph.states)
    run = jax.jit(SEARCHES[name](game, evaluate, 60, prove=True, max_edges=edges))
    found = run(params, jax.random.key(0), states)
    proven = check(states, found, np.asarray(solution.values)[live, 0])
    wide = np.asarray(states.legal_action_mask).sum(1) > edges
    assert (proven & wide).sum() > 100
