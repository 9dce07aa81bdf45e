"""Search against a modelled opponent, held against enumeration."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from positions import linear, position, random_positions, value_against
from quick import quick_jit
from small_games import Race

from jaxplay import search
from jaxplay.evaluator import uniform
from jaxplay.game import make

GAME = make("tic_tac_toe")
PARAMS, EVALUATE = linear(GAME)


@pytest.mark.parametrize("moves", ["b2 a1", "b2 a1 c3", "a1 b2 c3 c1"])
@pytest.mark.parametrize("factory", [search.puct, search.gumbel])
def test_the_best_answer_to_a_known_opponent(moves, factory):
    """With proofs and enough simulations the value is that of enumeration, against this opponent only."""
    options = {} if factory is search.puct else {"noise": 0.0}
    run = factory(GAME, uniform(GAME), 300, prove=True, opponent=search.Opponent(EVALUATE), **options)
    states = position(GAME, moves)
    found = quick_jit(run)((None, PARAMS), jax.random.key(0), states)
    one = jax.tree.map(lambda x: x[0], states)
    searcher = int(one.current_player)
    value = value_against(GAME, EVALUATE, PARAMS, one, searcher)
    assert found.value[0] == pytest.approx(value, abs=0.0 if abs(value) == 1 else 0.2)
    after = GAME.step(one, found.action[0])
    assert value_against(GAME, EVALUATE, PARAMS, after, searcher) == value


def test_the_tree_holds_the_nodes_of_the_searcher_only():
    states = random_positions(GAME, 16, 4)
    run = search.puct(GAME, uniform(GAME), 40, opponent=search.Opponent(EVALUATE))
    found = quick_jit(run)((None, PARAMS), jax.random.key(0), states)
    for element in range(16):
        nodes = list(search.walk(GAME, found.tree, element))
        assert {node.player for node in nodes if not node.terminated} == {int(states.current_player[element])}


def test_what_the_opponent_thinks_of_its_position():
    """Its own estimate after each action of the root, from its own evaluator."""
    states = random_positions(GAME, 16, 3)
    run = search.puct(GAME, uniform(GAME), 40, opponent=search.Opponent(EVALUATE))
    found = quick_jit(run)((None, PARAMS), jax.random.key(0), states)
    for action in range(9):
        after = jax.vmap(GAME.step)(states, jnp.full(16, action))
        expected = EVALUATE(PARAMS, None, after).value
        seen = np.asarray(found.visits[:, action] > 0) & ~np.asarray(after.terminated)
        np.testing.assert_allclose(found.opponent_value[seen, action], expected[seen], atol=1e-6)
    unseen = np.asarray(found.visits == 0)
    assert (np.asarray(found.opponent_value)[unseen] == 0).all()


def test_a_drawn_reply_follows_the_policy():
    """The opponent's first replies to one action over many trees, against its own policy."""
    states = jax.tree.map(lambda x: jnp.repeat(x, 4000, axis=0), position(GAME, ""))
    opponent = search.Opponent(EVALUATE, sample=True)
    run = search.puct(GAME, uniform(GAME), 1, opponent=opponent)
    found = quick_jit(run)((None, PARAMS), jax.random.key(0), states)
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
        from jaxplay.evaluator import Prediction

        batch = states.terminated.shape[0]
        return Prediction(jnp.tile(jnp.array([[0.0, 1.0]]), (batch, 1)), jnp.zeros(batch))

    run = search.puct(game, uniform(game), 200, opponent=search.Opponent(always_roll))
    states = jax.vmap(lambda key: game.init())(jax.random.split(jax.random.key(0), 2))
    found = quick_jit(run)((None, None), jax.random.key(0), states)
    players = {node.player for node in search.walk(game, found.tree) if not node.terminated}
    assert players == {0, -1}
    assert found.action.tolist() == [1, 1]
    assert (jnp.abs(found.q) <= 1).all()


def test_games_without_an_opponent_are_refused():
    with pytest.raises(ValueError, match="two players"):
        search.puct(Race(players=1), uniform(Race(players=1)), 4, opponent=search.Opponent(EVALUATE))
