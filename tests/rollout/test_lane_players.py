"""Who plays in a lane: actions and values that tell by whose parameters they were found."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import Array
from quick import quick_jit
from rolling import RANDOM, in_lanes, seated
from small_lanes import Talk, read_lanes
from small_runs import TRAINING

from jaxplay import search
from jaxplay.config import SelfPlayConfig
from jaxplay.evaluator import Evaluate, Prediction
from jaxplay.networks import build_network
from jaxplay.perspective import perspective
from jaxplay.policies import Policy, from_search
from jaxplay.rollout import Roster, by_halves, joint, lanewise, paired
from jaxplay.search import Opponent, TreeOptions
from jaxplay.training import make_game

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


def policy(search: search.Search) -> Policy:
    return from_search(GAME, search, SelfPlayConfig(**RANDOM))


MODEL = TreeOptions(opponent=Opponent(others(), sample=True))
DECIDES = {
    "policy": lambda: joint(policy(search.policy(GAME, both()))),
    "one search": lambda: joint(policy(puct(both(loop=True), 1))),
    "one search of two leaves": lambda: joint(policy(puct(both(), 2))),
    "one search in rounds": lambda: joint(policy(rounds(both(loop=True)))),
    "a search and a policy": lambda: paired(policy(puct(speak, 2)), policy(search.policy(GAME, others()))),
    "two searches": lambda: paired(policy(rounds(speak)), policy(puct(others(loop=True), 2))),
}
MODELS = {"leaves": lambda: puct(listen, 2, **MODEL), "rounds": lambda: rounds(listen, **MODEL)}


def record(decide: Any) -> Any:
    """Moves of games that do not end, who made them `(T, M)`, and whose turn it was."""
    options: dict[str, Any] = {"num_lanes": LANES, "num_matches": MATCHES, "num_plies": PLIES} | RANDOM
    play = in_lanes(GAME, decide, period=1000, max_opening_plies=3, **options)
    matches = seated(play.init(jax.random.key(0)), jnp.zeros(LANES), jnp.asarray(OPPONENTS))
    roster = Roster(jnp.int32(LEARNER), jnp.asarray(OPPONENTS))
    found = quick_jit(play.play)(roster, matches, jax.random.key(1))
    before, found = jax.device_get((matches, found))
    played = read_lanes(GAME, before, found.trajectory, found.matches)
    assert not played.ended.any() and 0.7 < played.moved.mean() < 1
    who = np.where(played.mine, LEARNER, np.repeat(OPPONENTS, MATCHES // LANES))
    return found.trajectory, who, played


@pytest.mark.parametrize("name", DECIDES)
def test_each_plays_by_its_own_parameters(name):
    """In its actions, and in every node of its trees: the mean of their values is one number."""
    moves, who, played = record(DECIDES[name]())
    np.testing.assert_array_equal(moves.action[played.moved], who[played.moved])
    np.testing.assert_allclose(moves.value[played.moved, 0], (who[played.moved] + 1) / 16, atol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_each_models_the_opponent_of_its_lane(name):
    """Where that has said its number already, it is all that the learner hears in its tree."""
    own, theirs = policy(MODELS[name]()), policy(search.policy(GAME, others()))
    moves, who, played = record(paired(own, theirs, models_opponent=True))
    np.testing.assert_array_equal(moves.action[played.moved], who[played.moved])
    heard = np.take_along_axis(moves.state.last, 1 - moves.player[..., None], -1)[..., 0]
    other = np.broadcast_to(np.repeat(OPPONENTS, MATCHES // LANES), heard.shape)
    settled = played.moved & played.mine & (heard == other)
    assert settled.sum() > 20
    np.testing.assert_allclose(moves.value[settled, 0], (other[settled] + 1) / 16, atol=1e-6)


ALONE = 8
"""Matches of the learner with itself, before those in lanes."""


@pytest.mark.parametrize("kind", ["one search", "a search and a policy"])
def test_a_learner_plays_with_itself_beside_lanes(kind):
    """It moves in all of those matches at every ply, and learns from both seats."""
    size, own = MATCHES + ALONE, ALONE + HALF
    if kind == "one search":
        decide = joint(policy(puct(by_halves(speak, others(), size, own), 1)))
    else:
        decide = paired(policy(puct(speak, 1)), policy(search.policy(GAME, others())), num_own=own)
    options: dict[str, Any] = {"num_lanes": LANES, "num_plies": PLIES} | RANDOM
    play = in_lanes(GAME, decide, period=1000, num_matches=size, num_selfplay=ALONE, **options)
    matches = seated(play.init(jax.random.key(0)), jnp.zeros(LANES), jnp.asarray(OPPONENTS))
    roster = Roster(jnp.int32(LEARNER), jnp.asarray(OPPONENTS))
    found = jax.device_get(quick_jit(play.play)(roster, matches, jax.random.key(1)))
    alone = jax.tree.map(lambda x: x[:, :ALONE], found.trajectory)
    laned = jax.tree.map(lambda x: x[:, ALONE:], found.trajectory)
    assert found.matches.lanes.waited.shape == (MATCHES,)
    np.testing.assert_array_equal(found.matches.episodes.ply[:ALONE], PLIES)
    assert (alone.action == LEARNER).all() and (alone.policy_weight == 1).all()
    np.testing.assert_array_equal(
        alone.player, np.broadcast_to(np.arange(PLIES)[:, None] % 2, alone.player.shape)
    )
    np.testing.assert_allclose(alone.value[..., 0], (LEARNER + 1) / 16, atol=1e-6)
    assert set(laned.action[laned.policy_weight > 0]) == {LEARNER}
    assert set(laned.action[laned.value_weight > 0]) == {LEARNER, *OPPONENTS}


@pytest.mark.parametrize("times", [1, 3])
def test_lanes_evaluate_as_single_networks_do(times):
    """All at once and one after the other, a batch of lanes or several; by real networks."""
    game = make_game(TRAINING)
    network = build_network(TRAINING.network, game)
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
