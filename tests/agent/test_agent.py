from types import SimpleNamespace
from typing import cast

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from saved_runs import random_params, save_run
from small_games import Nim
from small_runs import TRAINING

from jaxplay.agent import Agent, Programs, load
from jaxplay.checkpoint import accept_config
from jaxplay.errors import UserError
from jaxplay.evaluator import uniform
from jaxplay.game import make
from jaxplay.search import Search

KEY = jax.random.key(7)
GAME = make("tic_tac_toe")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return save_run(tmp_path_factory.mktemp("runs") / "ttt", steps=(0, 3))


@pytest.fixture(scope="module")
def agent(run):
    return load(run)


def position(*actions):
    state, step = GAME.init(KEY), jax.jit(GAME.step)
    for action in actions:
        state = step(state, jnp.int32(action))
    return state


@pytest.fixture(scope="module")
def states():
    """The first position, and one in which action 2 wins; leaves `(2, ...)`."""
    return jax.tree.map(lambda *x: jnp.stack(x), position(), position(0, 3, 1, 4))


def test_loads_the_averaged_parameters_of_the_newest_step(agent, run):
    assert agent.game == GAME
    for step, loaded in ((3, agent), (0, load(run, step=0))):
        jax.tree.map(np.testing.assert_array_equal, loaded.params, random_params(TRAINING, step))


def test_act_finds_the_win_with_as_long_a_search_as_the_run_says(agent, states):
    actions = agent.act(states, KEY)
    assert actions[1] == 2
    output = agent.search(states, KEY)
    np.testing.assert_array_equal(actions, output.action)
    np.testing.assert_array_equal(output.visits.sum(-1), 16)


def test_it_shows_itself_in_a_line(agent):
    assert (
        repr(agent)
        == f"Agent(name={agent.name!r}, game=TicTacToe(), num_simulations={agent.num_simulations})"
    )


def test_no_noise(agent, states):
    first, second = (agent.search(states, jax.random.key(i)).visits for i in range(2))
    np.testing.assert_array_equal(first, second)


def test_predict_masks_illegal_actions(agent, states):
    prediction = agent.predict(states)
    np.testing.assert_array_equal(jnp.isfinite(prediction.logits), states.legal_action_mask)
    assert jax.nn.softmax(prediction.logits[1])[2] > 0


def test_one_state_is_a_batch_of_one(agent, states):
    one = jax.tree.map(lambda x: x[1], states)
    batch = jax.tree.map(lambda x: x[1:], states)
    for found, expected in (
        (agent.predict(one), agent.predict(batch)),
        (agent.search(one, KEY)._replace(tree=None), agent.search(batch, KEY)._replace(tree=None)),
    ):
        jax.tree.map(lambda a, b: np.testing.assert_array_equal(a, b[0]), found, expected)
    tree = agent.search(one, KEY).tree
    np.testing.assert_array_equal(tree.visits[0], agent.search(batch, KEY).tree.visits[0, 0])


def test_compiles_once_for_each_batch_size_and_number_of_simulations(states):
    traced = []

    def make_search(num_simulations):
        def search(params, key, states):
            traced.append((num_simulations, states.terminated.shape[0]))
            return SimpleNamespace(action=jnp.zeros(states.terminated.shape, jnp.int32))

        return cast(Search, search)

    agent = Agent("counted", GAME, None, Programs(GAME, uniform(GAME), make_search), 2)
    for seed in range(3):
        assert agent.act(states, jax.random.key(seed)).shape == (2,)
        agent.act(states, KEY, num_simulations=2)
    agent.act(states, KEY, num_simulations=3)
    assert agent.act(jax.tree.map(lambda x: x[0], states), KEY).shape == ()
    assert traced == [(2, 2), (3, 2), (2, 1)]


def test_agents_of_equal_runs_share_programs(agent, run):
    assert load(run, step=0).player().act is agent.player().act
    assert agent.player(9).act is not agent.player().act


def test_errors(agent, run, tmp_path, states):
    with pytest.raises(UserError, match="num_simulations is 0; allowed: 1 or more"):
        agent.act(states, KEY, num_simulations=0)
    with pytest.raises(UserError, match="has no player 'mian'; did you mean 'main'"):
        load(run, player="mian")
    with pytest.raises(UserError, match="no step 7; allowed: 0, 3"):
        load(run, step=7)
    with pytest.raises(UserError, match="is not a run"):
        load(tmp_path)
    with pytest.raises(UserError, match="plays tic_tac_toe, not connect_four"):
        load(run, game="connect_four")
    with pytest.raises(UserError, match=r"plays TicTacToe\(\), not Nim"):
        load(run, game=Nim())


def test_a_run_names_no_code_to_import(tmp_path):
    run = save_run(tmp_path / "own", game="small_games:Nim")
    text = (run / "config.json").read_text()
    (run / "config.json").write_text(text.replace("small_games:Nim", "no_such_module:Game"))
    with pytest.raises(UserError, match="was changed since the run wrote it"):
        load(run)
    with pytest.raises(UserError, match="plays no_such_module:Game, which is not built in: name"):
        load(run, accept_config=True)
    accept_config(run)
    with pytest.raises(UserError, match="plays no_such_module:Game, which is not built in: name"):
        load(run)
    assert load(run, game=Nim()).game == Nim()
    with pytest.raises(UserError, match="does not fit"):
        load(run, game=Nim((3, 3)))
    with pytest.raises(UserError, match="No module named 'no_such_module'"):
        load(run, game="no_such_module:Game")


def test_options_of_the_game_come_from_the_run(tmp_path):
    options = (("rows", 4), ("columns", 4), ("k", 3))
    run = save_run(tmp_path / "small", game="connect_four", game_options=options)
    assert load(run).game.num_actions == load(run, game="connect_four").game.num_actions == 4


def test_a_thought_is_a_search_by_the_clock(agent, states):
    found = agent.think(states, KEY, 0.2)
    assert found.action[1] == 2
    np.testing.assert_array_equal(found.visits.sum(-1), found.num_simulations)
    one = agent.think(jax.tree.map(lambda x: x[1], states), KEY, 0.2)
    assert one.action == 2 and one.tree is None
    with pytest.raises(UserError, match=r"seconds is 0\.0; allowed: above 0"):
        agent.think(states, KEY, 0.0)
