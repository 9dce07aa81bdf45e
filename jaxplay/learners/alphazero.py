"""The AlphaZero learner: policy to the search's visits, value to outcome and search value, from replay."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array

from jaxplay.evaluator import Network, Params, Prediction
from jaxplay.game import Game, num_edges
from jaxplay.learners.base import Learner, LearnerState
from jaxplay.replay import Samples, insert, new_replay, sample
from jaxplay.samples import Moves
from jaxplay.shards import ONE_SHARD, Shards
from jaxplay.struct import replace
from jaxplay.values import view_of_frame


def alphazero(
    game: Game[Any],
    network: Network,
    optimizer: optax.GradientTransformation,
    *,
    replay_rows: int,
    min_rows: int,
    batch_size: int,
    num_updates: int,
    value_mix: float = 0.0,
    value_weight: float = 1.0,
    augment: bool = True,
    ema_decay: float = 0.999,
    shards: Shards = ONE_SHARD,
) -> Learner:
    """A learner that trains on positions drawn uniformly from a ring of recent ones.

    Args:
        game: whose positions are learned.
        network: trained to predict.
        optimizer: of the network's parameters.
        replay_rows: plies kept of every match; a multiple of the plies of one call of self-play.
        min_rows: no gradient step is taken before the ring holds so many plies of every match.
        batch_size: positions a gradient step, over all shards.
        num_updates: gradient steps a call.
        value_mix: share of the search's value in the value target; the rest is the outcome.
        value_weight: weight of the value loss; the policy loss has weight 1.
        augment: apply a random symmetry of the game to each sampled position.
        ema_decay: of the averaged parameters, per gradient step.
        shards: how matches and memory are divided.
    """
    loss = _make_loss(game, network, value_mix, value_weight)

    def init(key: Array, example: Moves) -> LearnerState:
        params = network.init(key)
        memory = jax.vmap(lambda _: new_replay(example, replay_rows))(jnp.arange(shards.local))
        return LearnerState(
            params, jax.tree.map(jnp.copy, params), optimizer.init(params), memory, jnp.int32(0)
        )

    def gradient(params: Params, memory: Any, key: Array) -> tuple[Any, dict[str, Array]]:
        key_sample, key_symmetry = jax.random.split(key)
        samples = sample(memory, key_sample, batch_size // shards.count)
        samples = samples._replace(state=unstrip(game, samples.state))
        if augment and game.num_symmetries > 1:
            samples = random_symmetry(game, samples, key_symmetry)
        (_, metrics), gradients = jax.value_and_grad(loss, has_aux=True)(params, samples)
        return gradients, metrics

    def one_update(
        memory: Any, state: tuple[Any, ...], key: Array
    ) -> tuple[tuple[Any, ...], dict[str, Array]]:
        params, ema, opt_state = state
        each = shards.map(lambda memory, key: gradient(params, memory, key), memory, shards.keys(key))
        gradients, metrics = shards.mean(each)
        changes, opt_state = optimizer.update(gradients, opt_state, params)
        params = optax.apply_updates(params, changes)
        ema = optax.incremental_update(params, ema, 1.0 - ema_decay)
        metrics["gradient_norm"] = optax.tree.norm(gradients)
        return (params, ema, opt_state), metrics

    def update(state: LearnerState, moves: Moves, key: Array) -> tuple[LearnerState, dict[str, Array]]:
        memory = shards.map(insert, state.memory, moves)
        keys = jax.random.split(key, num_updates)
        ready = memory.filled[0] >= min_rows

        def train(start: tuple[Any, ...]) -> tuple[tuple[Any, ...], dict[str, Array]]:
            return jax.lax.scan(lambda s, k: one_update(memory, s, k), start, keys)

        def wait(start: tuple[Any, ...]) -> tuple[tuple[Any, ...], dict[str, Array]]:
            nothing = jax.eval_shape(train, start)[1]
            return start, jax.tree.map(lambda m: jnp.full(m.shape, jnp.nan, m.dtype), nothing)

        start = (state.params, state.ema, state.opt_state)
        (params, ema, opt_state), metrics = jax.lax.cond(ready, train, wait, start)
        updates = state.updates + num_updates * ready
        state = LearnerState(params, ema, opt_state, memory, updates)
        return state, jax.tree.map(lambda m: m.mean(0), metrics)

    return Learner(init, update)


def _make_loss(
    game: Game[Any], network: Network, value_mix: float, value_weight: float
) -> Callable[[Params, Samples], tuple[Array, dict[str, Array]]]:
    """`params, Samples -> (loss, metrics)`."""

    def loss(params: Params, samples: Samples) -> tuple[Array, dict[str, Array]]:
        observations = jax.vmap(game.observe)(samples.state)
        prediction = jax.vmap(network.apply, (None, 0))(params, observations)
        frame = (1.0 - value_mix) * samples.to_come + value_mix * samples.search_value
        target = view_of_frame(game, frame, samples.state.current_player)
        policy, entropy = policy_loss(prediction.logits, samples.policy_target)
        value = value_loss(prediction, target)
        error = squared_error(prediction.value, target)
        policy, entropy = (weighted_mean(x, samples.policy_weight) for x in (policy, entropy))
        value, error = (weighted_mean(x, samples.value_weight) for x in (value, error))
        metrics = {"policy_loss": policy, "value_loss": value}
        metrics |= {"policy_gap": policy - entropy, "value_error": error}
        return policy + value_weight * value, metrics

    return loss


def policy_loss(logits: Array, target: Array) -> tuple[Array, Array]:
    """Cross-entropy `(N,)` over legal actions, and the target's own entropy `(N,)`, its least value."""
    legal = target >= 0.0
    log_policy = jax.nn.log_softmax(jnp.where(legal, logits, -1e9))
    share = jnp.maximum(target, 0.0)
    share = share / jnp.maximum(share.sum(-1, keepdims=True), 1e-9)
    entropy = -(share * jnp.log(jnp.maximum(share, 1e-9))).sum(-1)
    return -(share * log_policy).sum(-1), entropy


def value_loss(prediction: Prediction, target: Array) -> Array:
    """`(N,)`: cross-entropy of loss, draw and win where the network has them, else squared error.

    A target t between -1 and 1 is read as a win (or loss) of probability |t|, else a draw.
    """
    if prediction.outcome is None:
        return squared_error(prediction.value, target)
    target = jnp.clip(target, -1.0, 1.0)
    chances = jnp.stack([jnp.maximum(-target, 0.0), 1.0 - jnp.abs(target), jnp.maximum(target, 0.0)], axis=-1)
    return -(chances * jax.nn.log_softmax(prediction.outcome)).sum(-1)


def squared_error(value: Array, target: Array) -> Array:
    """`(N,)`: squared differences of `(N,)` or `(N, P)` arrays, averaged over players."""
    return ((value - target) ** 2).reshape(target.shape[0], -1).mean(-1)


def weighted_mean(values: Array, weights: Array) -> Array:
    """Mean of `values` `(N,)` by `weights` `(N,)`; 0 where all weights are."""
    return (values * weights).sum() / jnp.maximum(weights.sum(), 1.0)


def unstrip(game: Game[Any], states: Any) -> Any:
    """Stripped states `(N, ...)` with an empty mask and no rewards, for functions that want the fields."""
    size = states.terminated.shape
    mask = jnp.zeros((*size, num_edges(game)), bool)
    return replace(states, legal_action_mask=mask, rewards=jnp.zeros((*size, game.num_players), jnp.float32))


def random_symmetry(game: Game[Any], samples: Samples, key: Array) -> Samples:
    """Each position, and its policy target, under a symmetry drawn at random."""
    size = samples.policy_weight.shape
    index = jax.random.randint(key, size, 0, game.num_symmetries)
    source = np.argsort(np.asarray(game.action_permutation), axis=-1)
    policy = jnp.take_along_axis(samples.policy_target, jnp.asarray(source)[index], axis=-1)
    return samples._replace(state=jax.vmap(game.symmetry)(samples.state, index), policy_target=policy)
