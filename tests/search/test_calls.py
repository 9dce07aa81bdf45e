"""What searches refuse, each in a sentence that tells what is allowed."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from positions import position, random_positions
from quick import quick_jit

from jaxplay import search
from jaxplay.errors import UserError
from jaxplay.evaluator import uniform
from jaxplay.game import make
from jaxplay.struct import replace

GAME, HIDDEN = make("tic_tac_toe"), make("kuhn_poker")
KEY = jax.random.key(0)
SEARCHES = {
    "puct": search.puct,
    "gumbel": search.gumbel,
    "uct": lambda game, evaluate, n, **options: search.uct(game, n, **options),
    "tree_search": lambda game, evaluate, n, **options: search.tree_search(
        game, evaluate, n, search.rules.puct(), **options
    ),
}
POLICY = {"policy": lambda game, evaluate, n: search.policy(game, evaluate)}


@pytest.mark.parametrize("name", SEARCHES | POLICY)
def test_states_are_a_batch(name):
    run = (SEARCHES | POLICY)[name](GAME, uniform(GAME), 4)
    one = GAME.init(KEY)
    for states, message in (
        (one, "states is one state; allowed: a batch of them"),
        (jax.tree.map(lambda x: jnp.zeros((0, *x.shape), x.dtype), one), r"batch axes of sizes \(0,\)"),
        (jax.tree.map(lambda x: x[None, None], one), r"batch axes of sizes \(1, 1\)"),
        (KEY, "states is a .*; allowed: a batch of states of TicTacToe"),
    ):
        with pytest.raises(UserError, match=message) as error:
            run(None, KEY, states)
        assert "\n" not in str(error.value)


def test_a_budget_is_an_integer_for_each_element():
    run: Any = search.puct(GAME, uniform(GAME), 4)
    states = random_positions(GAME, 3, 2)
    for budget in (jnp.zeros(2, jnp.int32), jnp.zeros((3, 1), jnp.int32), jnp.zeros(3), 2.0):
        with pytest.raises(UserError, match=r"num_simulations is .*; allowed: integers of shape \(3,\)"):
            run(None, KEY, states, num_simulations=budget)
    found = quick_jit(partial(run, num_simulations=3))(None, KEY, states)
    assert found.visits.sum(1).tolist() == [3, 3, 3]


def played(*moves):
    state = HIDDEN.init(KEY)
    for move in moves:
        state = HIDDEN.step(state, jnp.int32(move))
    return state


QUEEN = jax.tree.map(lambda *x: jnp.stack(x), played(1, 0, 0, 1), played(1, 2, 0, 1))
"""A Queen that passed and was bet at, against a Jack and a King: the same information state."""


@pytest.mark.parametrize("name", SEARCHES)
def test_hidden_information_is_not_looked_at(name):
    with pytest.raises(UserError, match=r"KuhnPoker.* has hidden information.*sees_everything=True") as error:
        SEARCHES[name](HIDDEN, uniform(HIDDEN), 8)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", SEARCHES)
def test_a_game_may_be_searched_with_open_cards(name):
    """The caller says so: then it folds against a King and calls against a Jack."""
    run = SEARCHES[name](HIDDEN, uniform(HIDDEN), 48, sees_everything=True)
    found = quick_jit(run)(None, KEY, QUEEN)
    calls, folds = found.action[0], found.action[1]
    assert [HIDDEN.action_to_string(int(a)) for a in (calls, folds)] == ["bet", "pass"]


def test_a_sampler_redraws_what_is_hidden():
    """The other card becomes a Jack or a King by chance: what it was leaves no trace."""

    def redraw(state, key):
        other = jnp.where(jax.random.bernoulli(key), 2, 0).astype(state.cards.dtype)
        return replace(state, cards=state.cards.at[1].set(other))

    run = quick_jit(search.puct(HIDDEN, uniform(HIDDEN), 32, sample_hidden=redraw))
    states = jax.tree.map(lambda x: jnp.repeat(x, 8, axis=0), QUEEN)
    again = jax.tree.map(lambda x: jnp.repeat(x[::-1], 8, axis=0), QUEEN)
    found, other = run(None, KEY, states), run(None, KEY, again)
    np.testing.assert_array_equal(found.visits, other.visits)
    np.testing.assert_array_equal(found.value, other.value)
    assert set(np.asarray(found.tree.state.cards[0, :, 1]).tolist()) == {0, 2}


def test_the_evaluators_policy_sees_no_more_than_the_player():
    found = search.policy(HIDDEN, uniform(HIDDEN))(None, KEY, QUEEN)
    np.testing.assert_array_equal(found.action_weights, 0.5)


def test_trees_of_hidden_games_have_a_size():
    assert search.tree_bytes(HIDDEN, 8) == search.tree_bytes(HIDDEN, 8, sees_everything=True)


def test_a_tree_is_asked_for():
    found = search.policy(GAME, uniform(GAME))(None, KEY, position(GAME))
    for read in (search.principal_variation, partial(search.principal_line, length=3)):
        with pytest.raises(UserError, match="the search has no tree"):
            read(GAME, found)
