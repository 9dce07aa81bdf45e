"""Who plays in a lane: actions and values that tell by whose parameters they were found."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import Array
from quick import quick_jit
from small_lanes import Talk, read_lanes
from small_runs import TRAINING

from jaxplay import search
from jaxplay.evaluator import Evaluate, Prediction
from jaxplay.perspective import perspective
from jaxplay.search import Opponent, SearchParams, TreeOptions
from jaxplay.selfplay import Temperature, apart, by_halves, lane_play, lanewise, together
from jaxplay.training import make_game, make_network

GAME = Talk((0, 1) * 20)
LANES, MATCHES, PLIES = 4, 16, 8
HALF = MATCHES // 2
LEARNER, OPPONENTS = 7, np.array([1, 2, 3, 4])
NO_NOISE: dict[str, Any] = {"dirichlet_fraction": 0.0}


def speak(params: Array, key: Array, states: Any) -> Prediction:
    """Parameters are the number to say; the value tells them, and in what follows what the other said."""
    size = states.ply.shape
    logits = jnp.broadcast_to(60.0 * jax.nn.one_hot(params, GAME.num_actions), (*size, GAME.num_actions))
    frame = jnp.broadcast_to((params + 1.0) / 16.0, size)
    return Prediction(logits, frame * perspective(GAME, states.current_player)[..., 0])


def listen(params: Array, key: Array, states: Any) -> Prediction:
    """As `speak`, but the value tells the number that the mover heard last."""
    heard = jnp.take_along_axis(states.last, 1 - states.current_player[:, None], axis=-1)[:, 0]
    value = (heard + 1.0) / 16.0 * perspective(GAME, states.current_player)[..., 0]
    return speak(params, key, states)._replace(value=value)


def others(evaluate: Evaluate = speak, *, loop: bool = False) -> Evaluate:
    return lanewise(evaluate, LANES, HALF, loop=loop)


def both(*, loop: bool = False) -> Evaluate:
    return by_halves(speak, others(loop=loop), MATCHES)


def puct(evaluate: Evaluate, leaves: int, **options: Any) -> search.Search:
    return search.puct(GAME, evaluate, 4, leaves=leaves, **NO_NOISE, **options)


def rounds(evaluate: Evaluate, **options: Any) -> search.Search:
    return search.gumbel(GAME, evaluate, 4, max_considered=4, parallel=True, **options)


MODEL = TreeOptions(opponent=Opponent(others(), sample=True))
FINDS = {
    "policy": lambda: together(search.policy(GAME, both())),
    "one search": lambda: together(puct(both(loop=True), 1)),
    "one search of two leaves": lambda: together(puct(both(), 2)),
    "one search in rounds": lambda: together(rounds(both(loop=True))),
    "a search and a policy": lambda: apart(puct(speak, 2), search.policy(GAME, others())),
    "two searches": lambda: apart(rounds(speak), puct(others(loop=True), 2)),
}
MODELS = {
    "leaves": lambda: apart(puct(listen, 2, **MODEL), search.policy(GAME, others()), models_opponent=True),
    "rounds": lambda: apart(rounds(listen, **MODEL), search.policy(GAME, others()), models_opponent=True),
}


def record(find: Any, own: Any = LEARNER) -> Any:
    """Trajectory of games that do not end, who made them `(T, M)`, and whose turn it was."""
    play = lane_play(
        GAME,
        find,
        num_lanes=LANES,
        num_matches=MATCHES,
        num_plies=PLIES,
        period=1000,
        max_opening_plies=3,
        temperature=Temperature(1.0, 1.0, 0),
    )
    lanes = play.init(jax.random.key(0), jnp.zeros(LANES), jnp.asarray(OPPONENTS))
    found = quick_jit(play.play)(own, jnp.asarray(OPPONENTS), lanes, jax.random.key(1))
    before, found = jax.device_get((lanes, found))
    played = read_lanes(GAME, before, found.moves, found.lanes)
    assert not played.ended.any() and 0.7 < played.moved.mean() < 1
    return found.moves, np.where(played.mine, LEARNER, np.repeat(OPPONENTS, MATCHES // LANES)), played


@pytest.mark.parametrize("name", FINDS)
def test_each_plays_by_its_own_parameters(name):
    """In its actions, and in every node of its trees: the mean of their values is one number."""
    moves, who, played = record(FINDS[name]())
    np.testing.assert_array_equal(moves.action[played.moved], who[played.moved])
    np.testing.assert_allclose(moves.value[played.moved, 0], (who[played.moved] + 1) / 16, atol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_each_models_the_opponent_of_its_lane(name):
    """Where that has said its number already, it is all that the learner hears in its tree."""
    moves, who, played = record(MODELS[name](), SearchParams(jnp.int32(LEARNER)))
    np.testing.assert_array_equal(moves.action[played.moved], who[played.moved])
    heard = np.take_along_axis(moves.state.last, 1 - moves.player[..., None], -1)[..., 0]
    other = np.broadcast_to(np.repeat(OPPONENTS, MATCHES // LANES), heard.shape)
    settled = played.moved & played.mine & (heard == other)
    assert settled.sum() > 20
    np.testing.assert_allclose(moves.value[settled, 0], (other[settled] + 1) / 16, atol=1e-6)


@pytest.mark.parametrize("times", [1, 3])
def test_lanes_evaluate_as_single_networks_do(times):
    """All at once and one after the other, a batch of lanes or several; by real networks."""
    game = make_game(TRAINING)
    network = make_network(TRAINING.network, game)
    params = quick_jit(jax.vmap(network.init))(jax.random.split(jax.random.key(0), LANES))
    actions = jnp.arange(times * HALF) % game.num_actions
    states = quick_jit(jax.vmap(lambda action: game.step(game.init(jax.random.key(0)), action)))(actions)
    lane = np.tile(np.repeat(np.arange(LANES), HALF // LANES), times)
    own = jax.tree.map(lambda leaf: leaf[lane], params)
    expected = quick_jit(jax.vmap(network.apply))(own, jax.vmap(game.observe)(states))
    for loop in (False, True):
        evaluate = lanewise(network.on(game), LANES, HALF, loop=loop)
        found = quick_jit(evaluate)(params, jax.random.key(0), states)
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-5), found, expected)
