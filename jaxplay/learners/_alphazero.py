"""The AlphaZero learner: policy to the search's visits, value to outcome and search value, from replay."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array

from jaxplay.config import AlphaZeroConfig, SelfPlayConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import Network, Params
from jaxplay.game import Game
from jaxplay.learners.base import Learner, LearnerState, Setting, build_learner
from jaxplay.learners.losses import LossWeights, make_loss
from jaxplay.learners.minimax import minimax_value_target, weights_now
from jaxplay.learners.optimizer import make_optimizer
from jaxplay.learners.playing import searching
from jaxplay.learners.positions import random_symmetry, whole
from jaxplay.learners.reanalysis import Reanalysis, reanalyze
from jaxplay.replay import clear, insert, new_replay, sample
from jaxplay.rollout import Trajectory
from jaxplay.search import build_search

Gradient = Callable[[Params, Any, Array, Array, LossWeights], tuple[Any, dict[str, Array]]]
"""`params, memory, shard, key, weights -> (gradients, metrics)`."""

CANDIDATES = 3
"""In lanes, half of the positions in replay, or a little less, are the opponents'."""


@build_learner.register
def alphazero(config: AlphaZeroConfig, setting: Setting) -> Learner:
    """A learner that searches, and trains on positions sampled uniformly from a ring of recent ones.

    Args:
        config: of the learner.
        setting: where it learns. The weight of `setting.minimax` is that of the generation's gradient steps
            before the call.

    Raises:
        UserError: the game has hidden information; or reanalysis of an exploiter that models its opponents.
    """
    game, network, shards, minimax = setting.game, setting.network, setting.shards, setting.minimax
    optimizer = setting.optimizer or make_optimizer(config)
    rows, least = _rows(config, setting.training.selfplay)
    weights, reanalysis = loss_weights(config, game, network), _reanalysis(config, setting)
    train = _make_train(config, setting, weights, optimizer)

    def init(key: Array, example: Trajectory) -> LearnerState:
        params = network.init(key)
        memory = new_replay(example, rows, shards.local)
        ema = jax.tree.map(jnp.copy, params)
        return LearnerState(params, ema, optimizer.init(params), memory, jnp.int32(0), jnp.int32(0))

    def update(state: LearnerState, made: Trajectory, key: Array) -> tuple[LearnerState, dict[str, Array]]:
        if minimax is not None and minimax.form == "target":
            made = minimax_value_target(game, made)
        memory = insert(state.memory, made)
        ready, besides = memory.filled[0] >= least, {}
        if reanalysis is not None:
            keys = shards.keys(jax.random.fold_in(key, config.num_updates))
            memory, moved = reanalyze(game, reanalysis, state.ema, ready, memory, keys)
            besides["reanalysis_change"] = shards.mean(moved)
        now = weights_now(weights, minimax, state.in_generation)
        fit = Fit(state.params, state.ema, state.opt_state)
        fit, metrics = train(memory, now, fit, key, ready)
        updates = state.updates + config.num_updates * ready
        return LearnerState(*fit, memory, updates, state.began), metrics | besides

    def restart(state: LearnerState, params: Params) -> LearnerState:
        memory, zero = clear(state.memory), jnp.zeros_like(state.updates)
        return LearnerState(params, params, optimizer.init(params), memory, zero, zero)

    policy = searching(setting.training, game)
    return Learner(policy, init, update, restart, endings=weights.endings)


class Fit(NamedTuple):
    """What gradient steps change: fields of `LearnerState`."""

    params: Params
    ema: Params
    opt_state: Any


def _make_train(
    config: AlphaZeroConfig,
    setting: Setting,
    weights: LossWeights,
    optimizer: optax.GradientTransformation,
) -> Callable[..., tuple[Fit, dict[str, Array]]]:
    """`memory, weights, Fit, key, ready -> Fit, metrics`: gradient steps, where the replay is `ready`."""
    gradient, shards = _make_gradient(config, setting, weights), setting.shards

    def one_update(memory: Any, now: LossWeights, fit: Fit, key: Array) -> tuple[Fit, dict[str, Array]]:
        each = shards.map(
            lambda shard, k: gradient(fit.params, memory, shard, k, now),
            jnp.arange(shards.local),
            shards.keys(key),
        )
        gradients, metrics = shards.mean(each)
        changes, opt_state = optimizer.update(gradients, fit.opt_state, fit.params)
        params = optax.apply_updates(fit.params, changes)
        ema = optax.incremental_update(params, fit.ema, 1.0 - config.ema_decay)
        metrics["gradient_norm"] = optax.tree.norm(gradients)
        return Fit(params, ema, opt_state), metrics

    def train(
        memory: Any, now: LossWeights, start: Fit, key: Array, ready: Array
    ) -> tuple[Fit, dict[str, Array]]:
        keys = jax.random.split(key, config.num_updates)

        def learn(start: Fit) -> tuple[Fit, dict[str, Array]]:
            return jax.lax.scan(lambda fit, k: one_update(memory, now, fit, k), start, keys)

        def wait(start: Fit) -> tuple[Fit, dict[str, Array]]:
            nothing = jax.eval_shape(learn, start)[1]
            return start, jax.tree.map(lambda m: jnp.full(m.shape, jnp.nan, m.dtype), nothing)

        end, metrics = jax.lax.cond(ready, learn, wait, start)
        return end, jax.tree.map(lambda m: m.mean(0), metrics)

    return train


def loss_weights(config: AlphaZeroConfig, game: Game[Any], network: Network) -> LossWeights:
    """What each loss counts: what the network does not predict counts nothing."""
    state = jax.eval_shape(game.init, jax.eval_shape(jax.random.key, 0))
    params = jax.eval_shape(network.init, jax.eval_shape(jax.random.key, 0))
    said = jax.eval_shape(network.apply, params, jax.eval_shape(game.observe, state))
    return LossWeights(
        value=config.value_weight,
        value_mix=config.value_mix,
        reply=0.0 if said.reply is None else config.reply_weight,
        ownership=0.0 if said.ownership is None else config.ownership_weight,
        score=0.0 if said.score is None else config.score_weight,
    )


def _rows(config: AlphaZeroConfig, options: SelfPlayConfig) -> tuple[int, int]:
    """Plies kept of every match, a multiple of those of one call, and how many there must be to learn."""
    matches, plies = options.num_matches, options.num_plies
    rows = max(config.replay_positions // matches // plies, 1) * plies
    return rows, min(-(-config.min_positions // matches), rows)


def _reanalysis(config: AlphaZeroConfig, setting: Setting) -> Reanalysis | None:
    """What is searched again before gradient steps, by the averaged parameters; None: nothing."""
    if config.reanalysis_plies == 0:
        return None
    if setting.minimax is not None:
        raise UserError(
            f"reanalysis_plies is {config.reanalysis_plies}; allowed for learners that model their opponents:"
            " 0, as replay does not tell which opponent a position was played against"
        )
    evaluate = setting.network.on(setting.game)
    greedy = build_search(setting.training.search, setting.game, evaluate, noise=False)
    return Reanalysis(greedy, config.reanalysis_plies)


def _make_gradient(config: AlphaZeroConfig, setting: Setting, weights: LossWeights) -> Gradient:
    """The gradient of the loss of one shard's part of a batch.

    In lanes, about half of the positions teach no policy: three times as many are looked at.
    """
    game = setting.game
    loss, size = make_loss(game, setting.network), config.batch_size // setting.shards.count
    candidates = CANDIDATES if setting.in_lanes else 1

    def gradient(
        params: Params, memory: Any, shard: Array, key: Array, now: LossWeights
    ) -> tuple[Any, dict[str, Array]]:
        key_sample, key_symmetry = jax.random.split(key)
        replies = weights.reply > 0.0
        sampled = sample(memory, shard, key_sample, size, replies=replies, candidates=candidates)
        samples = whole(game, sampled)
        if config.augment and game.num_symmetries > 1:
            samples = random_symmetry(game, samples, key_symmetry)
        (_, metrics), gradients = jax.value_and_grad(loss, has_aux=True)(params, samples, now)
        return gradients, metrics

    return gradient
