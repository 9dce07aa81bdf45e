"""Trees that outlive a move."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from positions import linear, random_positions
from quick import quick_jit
from small_games import Race

from jaxplay import search
from jaxplay.game import make, resolve_chance
from jaxplay.search._halving import halving_table
from jaxplay.search._reuse import most_visits
from jaxplay.search._tree import count_dtype
from jaxplay.struct import replace

GAME = make("connect_four")
PARAMS, EVALUATE = linear(GAME)
SIMULATIONS, CAPACITY = 24, 64
KEEP = CAPACITY - SIMULATIONS
SEARCH = search.puct(GAME, EVALUATE, SIMULATIONS, capacity=CAPACITY)
KEPT = quick_jit(partial(search.reuse, GAME, keep=KEEP))


@pytest.fixture(scope="module")
def states():
    return random_positions(GAME, 32, 30)


@pytest.fixture(scope="module")
def found(states):
    return quick_jit(SEARCH)(PARAMS, jax.random.key(0), states)


@pytest.fixture(scope="module")
def moved(states, found):
    """The positions after the actions found, and the trees that are kept of them."""
    after = jax.vmap(GAME.step)(states, found.action)
    mixed = replace(found.tree, mixed=jnp.ones_like(found.tree.mixed))
    return after, KEPT(mixed, found.action, after)


def lines(tree, element, root_too=False):
    """What `walk` tells of a tree, node by node."""
    nodes = list(search.walk(GAME, tree, element))
    return [(n.depth, n.action, n.visits, round(n.q, 5), n.player, n.terminated) for n in nodes][
        1 - root_too :
    ]


def test_the_tree_below_the_move_is_kept_as_it_was(found, moved):
    after, kept = moved
    for element in np.flatnonzero(~np.asarray(after.terminated)):
        whole = lines(found.tree, element)
        name = GAME.action_to_string(int(found.action[element]))
        start = next(i for i, line in enumerate(whole) if line[:2] == (1, name))
        below = []
        for line in whole[start + 1 :]:
            if line[0] == 1:
                break
            below.append((line[0] - 1, *line[1:]))
        assert lines(kept, element) == below
        assert len(below) < KEEP


def test_a_search_goes_on_where_the_other_stopped(found, moved):
    after, kept = moved
    live = ~np.asarray(after.terminated)
    before = np.asarray(kept.visits[0]).sum(-1)
    again = quick_jit(SEARCH)(PARAMS, jax.random.key(1), after, tree=kept)
    np.testing.assert_array_equal(again.visits.sum(1)[live], SIMULATIONS + before[live])
    np.testing.assert_array_equal(again.num_simulations[live], SIMULATIONS)
    assert (before[live] > 0).all()
    player = jnp.asarray(again.tree.state.current_player[0])
    np.testing.assert_array_equal(player[live], after.current_player[live])


def test_a_kept_root_may_have_its_own_noise(moved):
    """The old root's prior had it, and the new root's was that of an interior node."""
    assert moved[1].mixed.shape == (1, 32) and not moved[1].mixed.any()


def test_counts_do_not_overflow(states, found, moved):
    """With as many visits as 16 bits hold beside those to come a tree is kept, with one more it is not."""
    after = moved[0]
    live = np.flatnonzero(~np.asarray(after.terminated))
    batch = jnp.arange(len(after.terminated))
    child = found.tree.children[0, batch, found.action]
    most = 2**15 - 1 - CAPACITY
    assert found.tree.visits.dtype == jnp.int16 and most_visits(found.tree) == most
    was = found.tree.visits[child, batch].sum(-1)
    for visits in (most, most + 1):
        more = (visits - was).astype(jnp.int16)
        tree = replace(found.tree, visits=found.tree.visits.at[child, batch, 3].add(more))
        again = KEPT(tree, found.action, after)
        expected = visits if visits == most else 0
        assert (np.asarray(again.visits[0]).astype(int).sum(-1)[live] == expected).all()
    assert count_dtype(2**14 - 1) == jnp.int16 and count_dtype(2**14) == jnp.int32


def test_nothing_is_kept_of_another_position(states, found):
    other = jax.tree.map(lambda x: jnp.roll(x, 1, axis=0), jax.vmap(GAME.step)(states, found.action))
    kept = KEPT(found.tree, found.action, other)
    assert kept.size == 1
    fresh = quick_jit(SEARCH)(PARAMS, jax.random.key(5), other)
    again = quick_jit(SEARCH)(PARAMS, jax.random.key(5), other, tree=kept)
    np.testing.assert_array_equal(fresh.visits, again.visits)


def test_what_does_not_fit_is_left_out_and_found_again(states, found):
    """With room for three nodes the oldest three stay, and links to the others are cut."""
    after = jax.vmap(GAME.step)(states, found.action)
    small = quick_jit(partial(search.reuse, GAME, keep=3))(found.tree, found.action, after)
    assert small.size <= 3
    assert (small.children < 3).all() and (small.next_child < 3).all()
    again = quick_jit(SEARCH)(PARAMS, jax.random.key(1), after, tree=small)
    live = ~np.asarray(after.terminated)
    kept = np.asarray(small.visits[0]).sum(-1)
    np.testing.assert_array_equal(again.visits.sum(1)[live], SIMULATIONS + kept[live])


def test_an_empty_tree_is_as_good_as_none(states, found):
    shapes = jax.eval_shape(SEARCH, PARAMS, jax.random.key(0), states).tree
    again = quick_jit(SEARCH)(PARAMS, jax.random.key(0), states, tree=search.empty_tree(shapes))
    np.testing.assert_array_equal(found.visits, again.visits)
    np.testing.assert_array_equal(found.value, again.value)


def test_gumbel_counts_anew_in_a_kept_tree(states):
    run = search.gumbel(GAME, EVALUATE, SIMULATIONS, noise=0.0, capacity=CAPACITY)
    first = quick_jit(run)(PARAMS, jax.random.key(0), states)
    after = jax.vmap(GAME.step)(states, first.action)
    kept = search.reuse(GAME, first.tree, first.action, after, KEEP)
    again = quick_jit(run)(PARAMS, jax.random.key(1), after, tree=kept)
    full = np.asarray(after.legal_action_mask).all(1) & ~np.asarray(after.terminated)
    new = np.asarray(again.visits - kept.visits[0])[full]
    widths = np.bincount(halving_table(7, SIMULATIONS)[7])
    expected = [(widths > rank).sum() for rank in range(7)]
    np.testing.assert_array_equal(np.sort(new, axis=1)[:, ::-1], [expected] * full.sum())
    assert np.asarray(kept.visits[0])[full].sum() > 0


def test_a_tree_of_another_search_is_refused(states, found):
    other = search.puct(GAME, EVALUATE, 8)
    with pytest.raises(ValueError, match="not one of this search"):
        jax.eval_shape(partial(other, tree=found.tree), PARAMS, jax.random.key(0), states)


def test_behind_chance_the_outcome_that_fell_is_kept():
    """Trees of a dice race are kept through rolls that were simulated, and the state is the one rolled."""
    game = Race(players=2, length=6)

    def evaluate(params, key, states):
        from jaxplay.evaluator import Prediction

        return Prediction(jnp.zeros((states.terminated.shape[0], 2)), jnp.zeros(states.terminated.shape))

    states = jax.vmap(lambda key: game.init())(jax.random.split(jax.random.key(0), 64))
    run = search.puct(game, evaluate, 60, capacity=120)
    first = quick_jit(run)(None, jax.random.key(0), states)
    after = jax.vmap(game.step)(states, jnp.ones(64, jnp.int32))
    after = jax.vmap(lambda s, k: resolve_chance(game, s, k))(after, jax.random.split(jax.random.key(1), 64))
    kept = quick_jit(partial(search.reuse, game, keep=60))(first.tree, jnp.ones(64, jnp.int32), after)
    assert len(set(np.asarray(after.scores[:, 0]).tolist())) == 3
    np.testing.assert_array_equal(kept.state.scores[0], after.scores)
    assert (np.asarray(kept.visits[0]).sum(-1) > 0).all()
