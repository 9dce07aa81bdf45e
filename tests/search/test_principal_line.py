"""Principal variations and depths as arrays, held against a walk through the tree in NumPy."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from positions import linear, random_positions
from quick import quick_jit
from small_games import Race

from jaxplay import search
from jaxplay.evaluator import uniform
from jaxplay.game import CHANCE, make

LENGTH = 6
DICE = Race(length=5)


@cache
def searched(kind):
    """A game, a search of late and early positions of it, and its lines."""
    if kind == "dice":
        game, params, states = DICE, None, jax.tree.map(lambda x: jnp.stack([x] * 4), DICE.init())
        run = search.puct(game, uniform(game), 90)
    else:
        game = make("tic_tac_toe")
        params, evaluate = linear(game)
        states = random_positions(game, 24, 7)
        run = search.gumbel(game, evaluate, 40, max_edges=7)

    def both(params, key, states):
        found = run(params, key, states)
        return found, search.principal_line(game, found, LENGTH)

    return game, jax.device_get(quick_jit(both)(params, jax.random.key(0), states))


@pytest.mark.parametrize("kind", ["dice", "gumbel"])
def test_depths_are_those_of_the_nodes(kind):
    """Every simulation counts once in each edge that it took, ends of games that are met again included."""
    game, (found, _) = searched(kind)
    taken = found.tree.visits.astype(int).sum((0, 2))
    np.testing.assert_allclose(found.depth, taken / found.num_simulations, rtol=1e-6)
    for element in range(len(found.action)):
        nodes = list(search.walk(game, found.tree, element))
        assert found.max_depth[element] == max(node.depth for node in nodes)


def expected_line(game, found, element):
    """The most visited edge of each node, of equals the one that is better for its player."""
    tree, node, entries = search.one_tree(found.tree, element), 0, []
    while len(entries) < LENGTH:
        visits, player = tree.visits[node].astype(float), int(tree.state.current_player[node])
        q = tree.value_sum[node][:, 0] * (-1 if player == 1 else 1) / np.maximum(visits, 1)
        labels = np.arange(len(q)) if tree.labels is None else tree.labels[node]
        edge = int(np.argmax(visits + 0.4 * q))
        if node == 0:
            edge = int(np.flatnonzero(labels == found.action[element])[0])
        elif not visits.any():
            break
        entries.append(int(labels[edge]))
        node = int(tree.children[node, edge])
        if node < 0:
            break
    return entries + [-1] * (LENGTH - len(entries))


@pytest.mark.parametrize("kind", ["dice", "gumbel"])
def test_lines(kind):
    game, (found, lines) = searched(kind)
    assert lines.shape == (len(found.action), LENGTH) and lines.dtype == np.int32
    np.testing.assert_array_equal(lines[:, 0], found.action)
    for element in range(len(found.action)):
        assert lines[element].tolist() == expected_line(game, found, element)
    if kind == "gumbel":
        assert (found.action != found.visits.argmax(-1)).any() and (lines == -1).any()


def test_a_line_passes_through_chance_and_can_be_played():
    game, (_, lines) = searched("dice")
    state, met = DICE.init(), []
    for entry in lines[0]:
        met.append(int(state.current_player) == CHANCE)
        assert state.legal_action_mask[entry] and not state.terminated
        state = game.step(state, jnp.int32(entry))
    assert sum(met) >= 2


def test_no_line_without_a_tree():
    game = make("tic_tac_toe")
    found = search.policy(game, uniform(game))(None, jax.random.key(0), random_positions(game, 4, 2))
    with pytest.raises(ValueError, match="tree"):
        search.principal_line(game, found, 3)
