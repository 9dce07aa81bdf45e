"""Networks: one function of one position, the same wherever it is called."""

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from quick import quick_jit
from small_games import Coins

from jaxplay.errors import UserError
from jaxplay.evaluator import NetworkSizes, sizes
from jaxplay.game import random_action, strip
from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.learners.positions import unstrip
from jaxplay.networks import Auxiliary, line_mlp, mlp, resnet

GAME = TicTacToe()
SIZES = sizes(GAME)
NETWORKS = {
    "mlp": mlp(SIZES, width=16, depth=1),
    "mlp scalar": mlp(SIZES, width=16, depth=1, value_head="scalar"),
    "lines": line_mlp(SIZES, GAME.lines, width=16, depth=1),
    "mlp bfloat16": mlp(SIZES, width=16, depth=1, bfloat16=True),
    "lines bfloat16": line_mlp(SIZES, GAME.lines, width=16, depth=1, bfloat16=True),
    "resnet": resnet(SIZES, channels=8, depth=1),
    "resnet scalar": resnet(SIZES, channels=8, depth=1, value_head="scalar"),
    "resnet bfloat16": resnet(SIZES, channels=8, depth=1, bfloat16=True),
}
each = pytest.mark.parametrize("name", NETWORKS)


@cache
def evaluator(name: str) -> Any:
    """A network on the game, compiled once."""
    return quick_jit(NETWORKS[name].on(GAME))


def predict(name: str, params: Any, states: Any) -> Any:
    return evaluator(name)(params, jax.random.key(0), states)


@cache
def some_params(name: str) -> Any:
    """Parameters that are not zero anywhere, as after training."""
    params = jax.eval_shape(NETWORKS[name].init, jax.random.key(0))
    leaves, tree = jax.tree.flatten(params)
    noise = np.random.default_rng(0)
    return tree.unflatten([jnp.asarray(0.3 * noise.normal(size=x.shape).astype(np.float32)) for x in leaves])


@cache
def some_states(batch: int = 6) -> Any:
    """Positions a few random moves into the game."""

    def play(key: Any) -> Any:
        def ply(state: Any, key: Any) -> Any:
            return GAME.step(state, random_action(state.legal_action_mask, key)), None

        return jax.lax.scan(ply, GAME.init(key), jax.random.split(key, 3))[0]

    return quick_jit(jax.vmap(play))(jax.random.split(jax.random.key(2), batch))


@pytest.mark.parametrize("name", ["mlp", "resnet bfloat16"])
def test_initialization(name):
    """Nested dicts of float32, made under `jit` from the key alone; first predictions are mild."""
    init = quick_jit(NETWORKS[name].init)
    first, again, other = (init(jax.random.key(seed)) for seed in (0, 0, 1))
    check_nested(first)
    jax.tree.map(np.testing.assert_array_equal, first, again)
    differs = jax.tree.map(lambda a, b: bool((a != b).any()), first, other)
    assert differs["heads"]["policy"]["kernel"] and differs["stem"]["kernel"]
    prediction = predict(name, first, some_states())
    assert np.abs(prediction.logits).max() < 0.5 and np.abs(prediction.value).max() < 0.5


def check_nested(tree: Any) -> None:
    """Plain dicts all the way down to float32 arrays."""
    if type(tree) is dict:
        for part in tree.values():
            check_nested(part)
    else:
        assert isinstance(tree, jax.Array) and tree.dtype == jnp.float32


@each
def test_predictions_have_their_shapes_and_bounds(name):
    prediction = predict(name, some_params(name), some_states())
    assert prediction.logits.shape == (6, 9) and prediction.value.shape == (6,)
    assert prediction.logits.dtype == prediction.value.dtype == jnp.float32
    assert (np.abs(prediction.value) < 1).all() and np.unique(prediction.value).size > 1
    if prediction.outcome is not None:
        assert prediction.outcome.shape == (6, 3) and prediction.outcome.dtype == jnp.float32
        loss, _, win = np.exp(prediction.outcome - jax.nn.logsumexp(prediction.outcome, -1, keepdims=True)).T
        np.testing.assert_allclose(prediction.value, win - loss, atol=1e-6)


@each
def test_nothing_leaks_between_positions(name):
    """With one position of the batch changed, the predictions of all others stay equal, bit for bit."""
    params, states = some_params(name), some_states()
    before = predict(name, params, states)
    changed = jax.tree.map(lambda leaf: leaf.at[2].set(leaf[3]), states)
    after = predict(name, params, changed)
    others = np.array([0, 1, 3, 4, 5])
    jax.tree.map(lambda a, b: np.testing.assert_array_equal(a[others], b[others]), before, after)
    assert (before.logits[2] != after.logits[2]).any() and before.value[2] != after.value[2]


@each
def test_self_play_and_training_see_the_same_function(name):
    """States with their masks, as in search, and stripped ones, as from replay; alone and in a batch."""
    network, params, states = NETWORKS[name], some_params(name), some_states()
    playing = predict(name, params, states)
    stored = unstrip(GAME, strip(states))
    training = quick_jit(network.predict)(params, jax.vmap(GAME.observe)(stored))
    jax.tree.map(np.testing.assert_array_equal, playing, training)
    alone = quick_jit(network.apply)(params, GAME.observe(jax.tree.map(lambda leaf: leaf[4], states)))
    tolerance = 0.05 if "bfloat16" in name else 1e-5
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a[4], b, atol=tolerance), playing, alone)


@pytest.mark.parametrize("name", ["mlp", "lines", "resnet"])
def test_bfloat16_computes_roughly_the_same(name):
    """Equal parameters: near the float32 prediction, and not equal to it."""
    params, states = some_params(name), some_states()
    exact, rough = (predict(each, params, states) for each in (name, f"{name} bfloat16"))
    np.testing.assert_allclose(rough.logits, exact.logits, atol=0.1)
    assert (rough.logits != exact.logits).any()


@pytest.mark.parametrize("members", [0, 2])
def test_gradients_of_bfloat16_are_roughly_those_of_float32(members):
    """Of one network, and of several that learn beside each other from the same positions."""
    observations = jax.vmap(GAME.observe)(some_states())

    def slope(name: str, params: Any) -> Any:
        def loss(params: Any) -> Any:
            found = NETWORKS[name].predict(params, observations)
            return jnp.mean(found.logits**2) + jnp.mean(found.value)

        return quick_jit(jax.vmap(jax.grad(loss)) if members else jax.grad(loss))(params)

    params = some_params("mlp")
    if members:
        params = jax.tree.map(lambda leaf: jnp.stack([leaf, 0.5 * leaf]), params)
    exact, rough = (slope(name, params) for name in ("mlp", "mlp bfloat16"))
    largest = max(float(np.abs(leaf).max()) for leaf in jax.tree.leaves(exact))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=0.03 * largest), rough, exact)
    assert any((a != b).any() for a, b in zip(jax.tree.leaves(rough), jax.tree.leaves(exact), strict=True))


@pytest.mark.parametrize("make", [mlp, resnet])
def test_several_players_get_a_value_each(make):
    """Games that one number does not value: `(P,)`, and no outcome whatever the head."""
    network = make(NetworkSizes((3, 3, 2), 9, num_values=3))
    params = jax.eval_shape(network.init, jax.random.key(0))
    prediction = jax.eval_shape(network.apply, params, jnp.zeros((3, 3, 2)))
    assert prediction.value.shape == (3,) and prediction.outcome is None


def test_sizes_are_read_from_the_game():
    assert sizes(GAME) == NetworkSizes((3, 3, 2), 9, 0)
    assert sizes(Coins()) == NetworkSizes((5,), 5, 0, ownership_size=5, has_score=True)


@pytest.mark.parametrize("make", [mlp, resnet])
@pytest.mark.parametrize("points", [0, 4])
def test_auxiliary_heads(make, points):
    """Those asked for and defined by the game, one for each; without them parameters are what they were."""
    fits = NetworkSizes((3, 3, 2), 9, 0, ownership_size=points, has_score=True)
    plain, rich = make(fits), make(fits, auxiliary=Auxiliary(reply=True, endings=True))
    params = jax.eval_shape(rich.init, jax.random.key(0))
    prediction = jax.eval_shape(rich.apply, params, jnp.zeros((3, 3, 2)))
    assert prediction.reply.shape == (9,) and prediction.score.shape == ()
    assert getattr(prediction.ownership, "shape", None) == ((points,) if points else None)
    heads = jax.eval_shape(plain.init, jax.random.key(0))["heads"]
    more = {"reply", "score"} | ({"ownership"} if points else set())
    assert heads.keys() == {"policy", "value"} and params["heads"].keys() - heads.keys() == more


def test_auxiliary_heads_begin_where_the_others_leave_off():
    """The same key draws the same policy and value with them and without."""
    plain, rich = mlp(SIZES, width=4, depth=1), mlp(SIZES, width=4, depth=1, auxiliary=Auxiliary(reply=True))
    first, second = (quick_jit(network.init)(jax.random.key(0)) for network in (plain, rich))
    second["heads"].pop("reply")
    jax.tree.map(np.testing.assert_array_equal, first, second)


@pytest.mark.parametrize("shape", [(7,), (3, 3), (2, 3, 3, 1)])
def test_a_convolution_refuses_observations_that_are_not_planes(shape):
    with pytest.raises(UserError, match="resnet needs observations"):
        resnet(NetworkSizes(shape, 9, 0))


def test_a_perceptron_takes_observations_of_any_shape():
    for shape in [(7,), (3, 3), (2, 3, 3, 1), ()]:
        network = mlp(NetworkSizes(shape, 5, 0), width=4, depth=1)
        params = jax.eval_shape(network.init, jax.random.key(0))
        assert jax.eval_shape(network.apply, params, jnp.zeros(shape)).logits.shape == (5,)
