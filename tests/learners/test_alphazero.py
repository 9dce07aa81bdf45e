"""The AlphaZero learner: losses and updates by hand, on a network of two parameters."""

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from quick import quick_jit

from jaxplay.config import AlphaZeroConfig, MinimaxConfig, SelfPlayConfig, TrainingConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import Network, Prediction
from jaxplay.game import strip
from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.learners import Setting, alphazero
from jaxplay.learners.losses import policy_loss, value_loss, weighted_mean
from jaxplay.learners.positions import random_symmetry, unstrip
from jaxplay.replay import Samples
from jaxplay.rollout import Trajectory
from jaxplay.shards import Shards
from jaxplay.struct import replace

GAME = TicTacToe()
PLIES, MATCHES = 2, 3
RATE = 0.5


def constant_network() -> Network:
    """Predicts its parameters, whatever it sees."""

    def init(key: Any) -> Any:
        return {"logits": jnp.arange(9.0) / 4, "value": jnp.float32(0.25)}

    def apply(params: Any, observation: Any) -> Prediction:
        return Prediction(params["logits"] + 0 * observation.sum(), params["value"])

    return Network(init, apply)


TARGET = np.array([0.5, 0.25, 0.25, 0, 0, 0, 0, 0, 0], np.float32)
LEGAL = np.arange(9) < 7


@cache
def some_moves(
    player: int = 0, ends: bool = True, potential: float | None = None, thought: float = 0.0
) -> Any:
    """Equal moves of `player`, with a leading axis of one shard: each ends its game, worth 1 to player 0.

    Those of `answered` are modelled to leave an opponent that `thought` so of them.
    """
    state = strip(replace(GAME.init(jax.random.key(0)), current_player=jnp.int32(player)))
    shape = (1, PLIES, MATCHES)

    def fill(leaf: Any, dtype: Any = None) -> Any:
        leaf = jnp.asarray(leaf, dtype)
        return jnp.broadcast_to(leaf, (*shape, *leaf.shape))

    return Trajectory(
        state=jax.tree.map(fill, state),
        player=fill(player),
        action=fill(0),
        legal_action_mask=fill(LEGAL),
        policy_target=fill(TARGET),
        log_prob=fill(0.0),
        value=fill([0.5], jnp.float32),
        rewards=fill([1.0], jnp.float32),
        terminated=fill(ends),
        truncated=fill(False),
        policy_weight=fill(1.0),
        value_weight=fill(1.0),
        potential=None if potential is None else fill([potential], jnp.float32),
        opponent_value=fill(thought),
        opponent_known=fill(False),
    )


def answered(moves: Any) -> Any:
    """Games of two moves, the first of which an opponent answers; the second teaches no value."""
    first = jnp.broadcast_to(jnp.arange(PLIES)[:, None] == 0, moves.player.shape)
    return replace(
        moves,
        rewards=jnp.where(first[..., None], 0.0, moves.rewards),
        terminated=moves.terminated & ~first,
        value_weight=moves.value_weight * first,
        opponent_known=first,
    )


@cache
def updated(
    moves_of: tuple[Any, ...] = (),
    calls: int = 1,
    shards: int = 1,
    began: int = 0,
    since: int = 0,
    minimax: MinimaxConfig | None = None,
    min_rows: int = 1,
    answers: bool = False,
    **options: Any,
) -> Any:
    """State and metrics after `calls` updates with equal moves (arguments of `some_moves`).

    `began` is how many gradient steps earlier generations had, `since` how many there were since then.
    """
    matches = MATCHES * shards
    arguments: Any = {"augment": False, "ema_decay": 0.75, "num_updates": 1, "batch_size": 6} | options
    config = AlphaZeroConfig(
        replay_positions=2 * PLIES * matches, min_positions=min_rows * matches, **arguments
    )
    training = TrainingConfig(
        game="tic_tac_toe",
        selfplay=SelfPlayConfig(num_matches=matches, num_plies=PLIES),
        learner=config,
        num_shards=shards,
    )
    setting = Setting(
        training, GAME, constant_network(), minimax, shards=Shards(shards), optimizer=optax.sgd(RATE)
    )
    learner = alphazero(config, setting)
    one = answered(some_moves(*moves_of)) if answers else some_moves(*moves_of)
    moves = jax.tree.map(lambda leaf: jnp.repeat(leaf, shards, axis=0), one)
    example = jax.tree.map(lambda leaf: leaf[0], one)
    state = quick_jit(lambda key: learner.init(key, example))(jax.random.key(0))
    state = replace(state, updates=jnp.int32(began + since), began=jnp.int32(began))
    update, metrics = quick_jit(learner.update), {}
    for call in range(calls):
        state, metrics = update(state, moves, jax.random.key(call))
    return jax.device_get((state, metrics))


def by_hand(value_target: float, steps: int = 1, value_weight: float = 1.0) -> Any:
    """Parameters, their average, and the last losses, by the formulas of softmax and squared error."""
    logits, value = np.arange(9.0) / 4, 0.25
    average, losses = (logits, value), ()
    share, legal = TARGET, LEGAL
    for _ in range(steps):
        policy = np.where(legal, np.exp(logits), 0.0)
        policy = policy / policy.sum()
        losses = (-(share[:3] * np.log(policy[:3])).sum(), (value - value_target) ** 2)
        gradient = (policy - share, value_weight * 2 * (value - value_target))
        logits, value = logits - RATE * gradient[0], value - RATE * gradient[1]
        average = tuple(0.75 * old + 0.25 * new for old, new in zip(average, (logits, value), strict=True))
    return (logits, value), average, losses


def assert_learned(found: Any, expected: Any) -> None:
    (state, metrics), ((logits, value), average, losses) = found, expected
    np.testing.assert_allclose(state.params["logits"], logits, rtol=1e-5)
    np.testing.assert_allclose(state.params["value"], value, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(state.ema["logits"], average[0], rtol=1e-5)
    np.testing.assert_allclose(state.ema["value"], average[1], rtol=1e-5)
    if losses:
        np.testing.assert_allclose([metrics["policy_loss"], metrics["value_loss"]], losses, rtol=1e-3)


@pytest.mark.parametrize(("player", "target"), [(0, 1.0), (1, -1.0)])
def test_an_update_by_hand(player, target):
    """The game is worth 1 to player 0: a win where player 0 moves, a loss where player 1 does."""
    state, metrics = updated((player,))
    assert_learned((state, metrics), by_hand(target))
    assert state.updates == 1
    entropy = -(0.5 * np.log(0.5) + 0.5 * np.log(0.25))
    np.testing.assert_allclose(metrics["policy_gap"], metrics["policy_loss"] - entropy, atol=1e-5)
    np.testing.assert_allclose(metrics["value_error"], metrics["value_loss"], rtol=1e-6)


def test_the_average_follows_every_gradient_step():
    state, _ = updated(calls=2, num_updates=2)
    expected, average, _ = by_hand(1.0, steps=4)
    assert_learned((state, {}), (expected, average, ()))
    assert state.updates == 4


def test_the_value_target_mixes_outcome_and_search():
    """An outcome of 1 and a search value of 0.5, a quarter of the latter; the loss has its weight."""
    found = updated(value_mix=0.25, value_weight=0.125)
    assert_learned(found, by_hand(0.75 * 1.0 + 0.25 * 0.5, value_weight=0.125))


@pytest.mark.parametrize(("player", "sign"), [(0, 1.0), (1, -1.0)])
def test_the_weight_of_the_opponents_value_falls_with_gradient_steps(player, sign):
    """Half of it at first, a quarter after one step of two; the outcome is 1, and -v a half.

    The search's own value of 0.5 for player 0 counts nothing. Gradient steps of earlier generations make no
    difference.
    """
    moves = (player, True, None, -0.5)
    state, _ = updated(moves, calls=2, began=7, minimax=MinimaxConfig("target", 0.5, 2), answers=True)
    assert (state.updates, state.began, state.in_generation) == (9, 7, 2)
    value = 0.25 - RATE * 2 * (0.25 - (0.5 * sign + 0.5 * 0.5))
    value = value - RATE * 2 * (value - (0.75 * sign + 0.25 * 0.5))
    np.testing.assert_allclose(state.params["value"], value, rtol=1e-6)


@pytest.mark.parametrize("minimax", [MinimaxConfig("target", anneal_updates=1), MinimaxConfig("edge")])
def test_without_weight_learning_is_what_it_was_bit_for_bit(minimax):
    """But for the values that replay keeps; edges of searches are none of the learner's business."""
    found = []
    for form in (None, minimax):
        state, metrics = updated((0, True, None, -0.5), since=1, minimax=form, answers=True)
        found.append((replace(state, memory=replace(state.memory, value=None)), metrics))
    jax.tree.map(np.testing.assert_array_equal, *found)


@pytest.mark.parametrize(("player", "sign"), [(0, 1.0), (1, -1.0)])
def test_the_value_learns_what_a_potential_leaves(player, sign):
    """Of an outcome of 1 and a potential of -0.5 with weight 0.5: (1 + 0.25) / 1.5, as the mover sees it."""
    found = updated((player, True, -0.5), minimax=MinimaxConfig("potential", 0.5))
    assert_learned(found, by_hand(sign * 1.25 / 1.5))


def test_reanalysis_does_not_go_with_minimax():
    for form in ("none", "target", "edge", "potential"):
        with pytest.raises(UserError, match=r"reanalysis_plies is 1; allowed for learners that model .*: 0"):
            updated(minimax=MinimaxConfig(form), reanalysis_plies=1)


def test_shards_average_their_gradients():
    """Three shards with equal moves: the update of one."""
    assert_learned(updated(shards=3), by_hand(1.0))


def test_positions_of_unfinished_games_teach_the_policy_only():
    state, metrics = updated((0, False))
    (logits, _), _, losses = by_hand(1.0)
    np.testing.assert_allclose(state.params["logits"], logits, rtol=1e-5)
    assert state.params["value"] == 0.25 and metrics["value_loss"] == 0.0
    np.testing.assert_allclose(metrics["policy_loss"], losses[0], rtol=1e-3)


def test_no_gradient_step_before_the_ring_holds_enough():
    """Three rows are wanted and two arrive at a call: the first call only remembers."""
    state, metrics = updated(min_rows=3)
    assert state.updates == 0 and state.params["value"] == 0.25 and state.ema["value"] == 0.25
    assert all(np.isnan(value) for value in metrics.values())
    assert state.memory.filled == [PLIES]
    state, metrics = updated(calls=2, min_rows=3)
    assert_learned((state, metrics), by_hand(1.0))
    assert state.updates == 1


def test_policy_loss_by_hand():
    logits = jnp.log(jnp.array([[1.0, 2.0, 5.0, 100.0], [1.0, 1.0, 1.0, 1.0]]))
    target = jnp.array([[0.5, 0.5, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
    legal = jnp.array([[True, True, True, False], [True, False, False, False]])
    loss, entropy = policy_loss(logits, target, legal)
    np.testing.assert_allclose(loss, [-0.5 * np.log(1 / 8) - 0.5 * np.log(2 / 8), 0.0], atol=1e-6)
    np.testing.assert_allclose(entropy, [np.log(2), 0.0], atol=1e-6)


def test_policy_targets_are_normalized():
    """Half precision leaves sums beside one."""
    logits = jnp.array([[0.0, 1.0, 2.0]])
    legal = jnp.ones((1, 3), bool)
    loss, _ = policy_loss(logits, jnp.array([[0.5, 0.25, 0.25]]), legal)
    scaled, _ = policy_loss(logits, jnp.array([[0.51, 0.255, 0.255]]), legal)
    np.testing.assert_allclose(loss, scaled, rtol=1e-6)


def test_illegal_actions_have_no_gradient():
    target, legal = jnp.array([[0.75, 0.25, 0.0]]), jnp.array([[True, True, False]])
    gradient = jax.grad(lambda x: policy_loss(x, target, legal)[0].sum())(jnp.zeros((1, 3)))
    np.testing.assert_allclose(gradient, [[-0.25, 0.25, 0.0]], atol=1e-6)


@pytest.mark.parametrize(
    ("target", "chances"), [(1.0, [0, 0, 1]), (-1.0, [1, 0, 0]), (0.0, [0, 1, 0]), (-0.25, [0.25, 0.75, 0])]
)
def test_value_loss_by_hand(target, chances):
    """Cross-entropy of loss, draw and win; a target between is a chance of the end it is nearer to."""
    outcome = jnp.log(jnp.array([[0.5, 0.375, 0.125]])) + 3.0
    prediction = Prediction(jnp.zeros((1, 2)), jnp.zeros(1), outcome)
    loss = value_loss(prediction, jnp.array([target]))
    np.testing.assert_allclose(loss, [-(np.array(chances) * np.log([0.5, 0.375, 0.125])).sum()], rtol=1e-5)


def test_squared_errors_are_averaged_over_players():
    alone = Prediction(jnp.zeros((2, 2)), jnp.array([0.5, -0.5]))
    np.testing.assert_allclose(value_loss(alone, jnp.array([1.0, 0.5])), [0.25, 1.0])
    three = Prediction(jnp.zeros((1, 2)), jnp.array([[0.0, 0.5, 1.0]]))
    np.testing.assert_allclose(value_loss(three, jnp.array([[1.0, 0.5, 0.5]])), [1.25 / 3], rtol=1e-6)


def test_weights_of_zero_exclude():
    assert weighted_mean(jnp.array([1.0, 5.0, 3.0]), jnp.array([1.0, 0.0, 1.0])) == 2.0
    assert weighted_mean(jnp.array([1.0, 5.0]), jnp.zeros(2)) == 0.0


def test_symmetries_move_policy_and_position_together():
    """A policy target and a mask that copy the board must still copy it under every symmetry drawn."""
    state = GAME.init(jax.random.key(0))
    for cell in (0, 1, 5):
        state = GAME.step(state, jnp.int32(cell))
    size = 64
    states = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (size, *leaf.shape)), unstrip_one(state))
    one = jnp.ones(size)
    empty = copied(states) == 0
    samples = Samples(states, empty, copied(states), one[:, None], one[:, None], one, one)
    moved = quick_jit(lambda key: random_symmetry(GAME, samples, key))(jax.random.key(1))
    np.testing.assert_array_equal(moved.policy_target, copied(moved.state))
    np.testing.assert_array_equal(moved.legal_action_mask, copied(moved.state) == 0)
    assert len(np.unique(moved.policy_target, axis=0)) == GAME.num_symmetries
    np.testing.assert_array_equal(moved.state.current_player, states.current_player)


def unstrip_one(state: Any) -> Any:
    batch = jax.tree.map(lambda leaf: leaf[None], strip(state))
    return jax.tree.map(lambda leaf: leaf[0], unstrip(GAME, batch))


def copied(states: Any) -> Any:
    """`(N, 9)`: 0.25 on cells of the mover, 0.75 on the other's, 0 on empty ones."""
    planes = jax.vmap(GAME.observe)(states).reshape(-1, 9, 2)
    return 0.25 * planes[..., 0] + 0.75 * planes[..., 1]


def test_augmentation_is_asked_for_by_the_learner():
    """A network that ignores the board learns the target averaged over symmetries, or as it is."""
    plain, _ = updated(num_updates=64)
    mixed, _ = updated(num_updates=64, augment=True)
    corners = [0, 2, 6, 8]
    assert np.ptp(mixed.params["logits"][corners[:2]]) < np.ptp(plain.params["logits"][corners[:2]])
