"""Search against a modelled opponent, held against enumeration."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from positions import linear, position, random_positions, value_against
from quick import quick_jit
from small_games import Race

from jaxplay import search
from jaxplay.errors import UserError
from jaxplay.evaluator import Prediction, uniform
from jaxplay.game import make
from jaxplay.search import SearchParams

GAME = make("tic_tac_toe")
PARAMS, EVALUATE = linear(GAME)


@pytest.mark.parametrize("moves", ["b2 a1", "b2 a1 c3", "a1 b2 c3 c1"])
@pytest.mark.parametrize("factory", [search.puct, search.gumbel])
def test_the_best_answer_to_a_known_opponent(moves, factory):
    """With proofs and enough simulations the value is that of enumeration, against this opponent only."""
    options = {} if factory is search.puct else {"noise": 0.0}
    run = factory(GAME, uniform(GAME), 300, prove=True, opponent=search.Opponent(EVALUATE), **options)
    states = position(GAME, moves)
    found = quick_jit(run)(SearchParams(opponent=PARAMS), jax.random.key(0), states)
    one = jax.tree.map(lambda x: x[0], states)
    searcher = int(one.current_player)
    value = value_against(GAME, EVALUATE, PARAMS, one, searcher)
    assert found.value[0] == pytest.approx(value, abs=0.0 if abs(value) == 1 else 0.2)
    after = GAME.step(one, found.action[0])
    assert value_against(GAME, EVALUATE, PARAMS, after, searcher) == value


def test_the_tree_holds_the_nodes_of_the_searcher_only():
    states = random_positions(GAME, 16, 4)
    run = search.puct(GAME, uniform(GAME), 40, opponent=search.Opponent(EVALUATE))
    found = quick_jit(run)(SearchParams(opponent=PARAMS), jax.random.key(0), states)
    for element in range(16):
        nodes = list(search.walk(GAME, found.tree, element))
        assert {node.player for node in nodes if not node.terminated} == {int(states.current_player[element])}


def test_what_the_opponent_thinks_of_its_position():
    """Its own estimate after each action of the root that leaves it to move, from its own evaluator."""
    states = random_positions(GAME, 16, 6)
    run = search.puct(GAME, uniform(GAME), 40, opponent=search.Opponent(EVALUATE))
    found = quick_jit(run)(SearchParams(opponent=PARAMS), jax.random.key(0), states)
    for action in range(9):
        after = jax.vmap(GAME.step)(states, jnp.full(16, action))
        expected = EVALUATE(PARAMS, None, after).value
        known = np.asarray(found.visits[:, action] > 0) & ~np.asarray(after.terminated)
        np.testing.assert_array_equal(found.opponent_known[:, action], known)
        np.testing.assert_allclose(found.opponent_value[known, action], expected[known], atol=1e-6)
    assert 0 < found.opponent_known.sum() < (found.visits > 0).sum()


def test_an_estimate_of_exactly_nothing_is_known():
    """The mask does not read the value: an opponent that says 0 of everything said something."""
    run = search.puct(GAME, uniform(GAME), 4, opponent=search.Opponent(uniform(GAME)))
    found = quick_jit(run)(SearchParams(), jax.random.key(0), position(GAME))
    assert (found.opponent_value == 0).all()
    np.testing.assert_array_equal(found.opponent_known, found.visits > 0)
    assert found.opponent_known.sum() == 4


class Layers(NamedTuple):
    """Parameters of a network of one's own that happen to be a tuple."""

    weights: jax.Array
    scale: jax.Array


@pytest.mark.parametrize("kind", [tuple, Layers])
@pytest.mark.parametrize("factory", [search.puct, search.gumbel])
@pytest.mark.parametrize("modelled", [False, True])
def test_parameters_may_be_a_tuple(factory, kind, modelled):
    """Evaluators get their parameters as they are, whatever kind of tree these are."""
    layers = Layers(PARAMS, jnp.float32(2.0))
    layers = layers if kind is Layers else tuple(layers)

    def evaluate(params, key, states):
        weights, scale = params
        assert type(params) is kind
        return EVALUATE(scale * weights, key, states)

    def found(evaluate, params):
        opponent = {"opponent": search.Opponent(evaluate)} if modelled else {}
        params = SearchParams(params, params) if modelled else params
        return quick_jit(factory(GAME, evaluate, 4, **opponent))(params, jax.random.key(0), states)

    states = random_positions(GAME, 4, 3)
    jax.tree.map(np.testing.assert_array_equal, found(evaluate, layers), found(EVALUATE, 2.0 * PARAMS))


@pytest.mark.parametrize("factory", [search.puct, search.gumbel])
@pytest.mark.parametrize("params", [None, (None, PARAMS), PARAMS])
def test_a_search_with_an_opponent_says_what_it_takes(factory, params):
    run = factory(GAME, uniform(GAME), 4, opponent=search.Opponent(EVALUATE))
    with pytest.raises(UserError, match=f"params is a {type(params).__name__}; allowed .* SearchParams"):
        run(params, jax.random.key(0), position(GAME))


def test_a_drawn_reply_follows_the_policy():
    """The opponent's first replies to one action over many trees, against its own policy."""
    states = jax.tree.map(lambda x: jnp.repeat(x, 4000, axis=0), position(GAME, ""))
    opponent = search.Opponent(EVALUATE, sample=True)
    run = search.puct(GAME, uniform(GAME), 1, opponent=opponent)
    found = quick_jit(run)(SearchParams(opponent=PARAMS), jax.random.key(0), states)
    assert (found.visits[:, 0] == 1).all()
    after = jax.tree.map(lambda x: x[None], GAME.step(jax.tree.map(lambda x: x[0], states), jnp.int32(0)))
    policy = jax.nn.softmax(
        jnp.where(after.legal_action_mask, EVALUATE(PARAMS, None, after).logits, -jnp.inf)
    )
    boards = jax.vmap(lambda s: GAME.observe(s, jnp.int32(1)))(jax.tree.map(lambda x: x[1], found.tree.state))
    replies = np.asarray(boards[..., 0]).reshape(4000, 9).mean(0)
    np.testing.assert_allclose(replies, policy[0], atol=0.03)


def test_double_moves_and_dice_of_the_opponent():
    """In a dice race the opponent rolls again after a high roll: it moves until the turn has passed."""
    game = Race(players=2, length=6)

    def always_roll(params, key, states):
        batch = states.terminated.shape[0]
        return Prediction(jnp.tile(jnp.array([[0.0, 1.0]]), (batch, 1)), jnp.zeros(batch))

    run = search.puct(game, uniform(game), 200, opponent=search.Opponent(always_roll))
    states = jax.vmap(lambda key: game.init())(jax.random.split(jax.random.key(0), 2))
    found = quick_jit(run)(SearchParams(), jax.random.key(0), states)
    players = {node.player for node in search.walk(game, found.tree) if not node.terminated}
    assert players == {0, -1}
    assert found.action.tolist() == [1, 1]
    assert (jnp.abs(found.q) <= 1).all()


def test_games_without_an_opponent_are_refused():
    with pytest.raises(ValueError, match="two players"):
        search.puct(Race(players=1), uniform(Race(players=1)), 4, opponent=search.Opponent(EVALUATE))
