"""The AlphaZero learner: policy to the search's visits, value to outcome and search value, from replay."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import optax
from jax import Array

from jaxplay.evaluator import Network, Params
from jaxplay.game import Game
from jaxplay.learners.base import Learner, LearnerState
from jaxplay.learners.losses import Weights, make_loss
from jaxplay.learners.minimax import Minimax, weights_now
from jaxplay.learners.positions import random_symmetry, whole
from jaxplay.learners.reanalysis import Reanalysis, reanalyze
from jaxplay.replay import clear, insert, new_replay, sample
from jaxplay.rollout import Trajectory
from jaxplay.shards import ONE_SHARD, Shards

Gradient = Callable[[Params, Any, Array, Weights], tuple[Any, dict[str, Array]]]
"""`params, memory of a shard, key, weights -> (gradients, metrics)`."""

POLICY_AND_VALUE = Weights()


def alphazero(
    game: Game[Any],
    network: Network,
    optimizer: optax.GradientTransformation,
    *,
    replay_rows: int,
    min_rows: int,
    batch_size: int,
    num_updates: int,
    weights: Weights = POLICY_AND_VALUE,
    augment: bool = True,
    ema_decay: float = 0.999,
    reanalysis: Reanalysis | None = None,
    minimax: Minimax | None = None,
    candidates: int = 1,
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
        weights: of the losses, and the value target; what is to be predicted besides, `network` predicts.
        augment: apply a random symmetry of the game to each sampled position.
        ema_decay: of the averaged parameters, per gradient step.
        reanalysis: what is searched again before the gradient steps, by the averaged parameters; None:
            nothing.
        minimax: what it learns from its opponent's estimates; None: nothing. Its weight is that of the
            generation's gradient steps before the call.
        candidates: see `jaxplay.replay.sample`.
        shards: how matches and memory are divided.

    Raises:
        ValueError: reanalysis, which would write over what `minimax` learns from.
    """
    if minimax is not None and reanalysis is not None:
        raise ValueError("reanalysis replaces the values that minimax learns from; allowed: one of the two")
    gradient = _make_gradient(game, network, weights, batch_size // shards.count, augment, candidates)

    def init(key: Array, example: Trajectory) -> LearnerState:
        params = network.init(key)
        memory = jax.vmap(lambda _: new_replay(example, replay_rows))(jnp.arange(shards.local))
        ema = jax.tree.map(jnp.copy, params)
        return LearnerState(params, ema, optimizer.init(params), memory, jnp.int32(0), jnp.int32(0))

    def one_update(
        memory: Any, now: Weights, state: tuple[Any, ...], key: Array
    ) -> tuple[tuple[Any, ...], dict[str, Array]]:
        params, ema, opt_state = state
        each = shards.map(lambda memory, key: gradient(params, memory, key, now), memory, shards.keys(key))
        gradients, metrics = shards.mean(each)
        changes, opt_state = optimizer.update(gradients, opt_state, params)
        params = optax.apply_updates(params, changes)
        ema = optax.incremental_update(params, ema, 1.0 - ema_decay)
        metrics["gradient_norm"] = optax.tree.norm(gradients)
        return (params, ema, opt_state), metrics

    def train(
        memory: Any, now: Weights, start: tuple[Any, ...], key: Array, ready: Array
    ) -> tuple[Any, dict[str, Array]]:
        keys = jax.random.split(key, num_updates)

        def learn(start: tuple[Any, ...]) -> tuple[tuple[Any, ...], dict[str, Array]]:
            return jax.lax.scan(lambda s, k: one_update(memory, now, s, k), start, keys)

        def wait(start: tuple[Any, ...]) -> tuple[tuple[Any, ...], dict[str, Array]]:
            nothing = jax.eval_shape(learn, start)[1]
            return start, jax.tree.map(lambda m: jnp.full(m.shape, jnp.nan, m.dtype), nothing)

        end, metrics = jax.lax.cond(ready, learn, wait, start)
        return end, jax.tree.map(lambda m: m.mean(0), metrics)

    def update(state: LearnerState, moves: Trajectory, key: Array) -> tuple[LearnerState, dict[str, Array]]:
        memory = shards.map(insert, state.memory, moves)
        ready, besides = memory.filled[0] >= min_rows, {}
        if reanalysis is not None:
            again = partial(reanalyze, game, reanalysis, state.ema, ready)
            memory, moved = shards.map(again, memory, shards.keys(jax.random.fold_in(key, num_updates)))
            besides["reanalysis_change"] = shards.mean(moved)
        start = (state.params, state.ema, state.opt_state)
        now = weights_now(weights, minimax, state.in_generation)
        (params, ema, opt_state), metrics = train(memory, now, start, key, ready)
        updates = state.updates + num_updates * ready
        return LearnerState(params, ema, opt_state, memory, updates, state.began), metrics | besides

    def restart(state: LearnerState, params: Params) -> LearnerState:
        memory = jax.vmap(clear)(state.memory)
        zero = jnp.zeros_like(state.updates)
        return LearnerState(params, params, optimizer.init(params), memory, zero, zero)

    return Learner(init, update, restart)


def _make_gradient(
    game: Game[Any], network: Network, weights: Weights, batch_size: int, augment: bool, candidates: int
) -> Gradient:
    """The gradient of the loss of `batch_size` positions of one shard."""
    loss = make_loss(game, network)

    def gradient(params: Params, memory: Any, key: Array, now: Weights) -> tuple[Any, dict[str, Array]]:
        key_sample, key_symmetry = jax.random.split(key)
        drawn = sample(memory, key_sample, batch_size, replies=weights.reply > 0.0, candidates=candidates)
        samples = whole(game, drawn)
        if augment and game.num_symmetries > 1:
            samples = random_symmetry(game, samples, key_symmetry)
        (_, metrics), gradients = jax.value_and_grad(loss, has_aux=True)(params, samples, now)
        return gradients, metrics

    return gradient
