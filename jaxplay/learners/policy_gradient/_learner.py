"""The learner: a policy that plays as it is, and gradient steps on the decisions of each step."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array

from jaxplay.config import PolicyGradientConfig
from jaxplay.evaluator import Params
from jaxplay.learners.base import Learner, LearnerState, Setting, build_learner
from jaxplay.learners.minimax import weight_at
from jaxplay.learners.policy_gradient._critic import critic_loss, init_critic
from jaxplay.learners.policy_gradient._loss import Batch, Weights, make_loss
from jaxplay.learners.policy_gradient._playing import check_selfplay, playing
from jaxplay.learners.policy_gradient._prepare import Carry, Told, empty_carry, make_prepare
from jaxplay.learners.policy_gradient._schedule import averaging, make_adam, scheduled
from jaxplay.learners.policy_gradient._shaping import check_form
from jaxplay.struct import pytree, replace

CRITIC_SEED = 0
"""A learner that starts anew has the same first critic each time."""

LEAST_DEVIATION = 0.1
"""Of advantages, which are at most 2: where they all but vanish, as between players who always do the same,
dividing by less would drown entropy and magnet in noise, and nobody would try anything else again."""


@pytree
class Besides:
    """What a policy-gradient learner trains or keeps besides its network, alike in all shards.

    Attributes:
        magnet: parameters of the magnet; None where it has none.
        critic: parameters of the central critic; None without one, as the next.
        critic_opt_state: its optimizer's.
    """

    magnet: Params
    critic: Params
    critic_opt_state: Any


class _Fit(NamedTuple):
    """What gradient steps change."""

    params: Params
    ema: Params
    opt_state: Any
    critic: Params
    critic_opt_state: Any
    updates: Array


Gradient = Callable[[Params, Params, Batch, Weights], tuple[tuple[Any, Any], dict[str, Array]]]
"""`params, critic, batch, weights -> (gradients of both), metrics`."""


@build_learner.register
def policy_gradient(config: PolicyGradientConfig, setting: Setting) -> Learner:
    """A learner that samples from its policy, and learns from each move once it knows what followed.

    Args:
        config: of the learner.
        setting: where it learns, games with hidden information included. Of `setting.minimax` the forms
            `target` and `edge` are for it.

    Raises:
        UserError: an option of self-play that searches have, or a form of `setting.minimax` that needs one.
    """
    check_selfplay(setting.training.selfplay)
    check_form(setting.minimax)
    network, shards = setting.network, setting.shards
    optimizer, critic_optimizer = setting.optimizer or make_adam(config), _critic_optimizer(config)
    prepare, train = make_prepare(config, setting), _make_train(config, setting, optimizer, critic_optimizer)
    each_step = config.num_epochs * config.num_minibatches

    def besides(params: Params) -> Besides:
        magnet = jax.tree.map(jnp.copy, params) if config.magnet in ("fixed", "refreshed") else None
        critic = None
        if config.has_critic:
            critic = init_critic(setting.game, config.critic_width, jax.random.key(CRITIC_SEED))
        return Besides(magnet, critic, None if critic is None else critic_optimizer.init(critic))

    def init(key: Array, example: Any) -> LearnerState:
        params = network.init(key)
        one = empty_carry(config, setting, example)
        memory = jax.tree.map(lambda leaf: jnp.stack([leaf] * shards.local), one)
        ema, none = jax.tree.map(jnp.copy, params), (jnp.int32(0), jnp.int32(0))
        return LearnerState(params, ema, optimizer.init(params), memory, *none, besides(params))

    def update(state: LearnerState, made: Any, key: Array) -> tuple[LearnerState, dict[str, Array]]:
        kept = state.besides
        if kept.magnet is not None:
            kept = replace(kept, magnet=_magnet_now(config, state, each_step))
        told = Told(kept.magnet, kept.critic, _hint_weight(setting, state))
        prepared = shards.map(partial(prepare, state.params, told), made, state.memory)
        batch, memory, metrics = _scaled(config, setting, *prepared)
        now = Weights(
            scheduled(config, config.entropy_weight, config.entropy_end, state.updates),
            scheduled(config, config.magnet_weight, config.magnet_end, state.updates),
        )
        start = _Fit(
            state.params, state.ema, state.opt_state, kept.critic, kept.critic_opt_state, state.updates
        )
        fit, trained = train(start, batch, now, key)
        kept = Besides(kept.magnet, fit.critic, fit.critic_opt_state)
        state = LearnerState(fit.params, fit.ema, fit.opt_state, memory, fit.updates, state.began, kept)
        return state, metrics | trained | {"entropy_weight": now.entropy, "magnet_weight": now.magnet}

    def restart(state: LearnerState, params: Params) -> LearnerState:
        memory, zero = jax.tree.map(jnp.zeros_like, state.memory), jnp.zeros_like(state.updates)
        return LearnerState(params, params, optimizer.init(params), memory, zero, zero, besides(params))

    return Learner(playing(setting.game), init, update, restart, acting=lambda state: state.params)


def _magnet_now(config: PolicyGradientConfig, state: LearnerState, each_step: int) -> Params:
    """The magnet: at a learner's first step a copy of what it starts with; a refreshed one ever again."""
    due = state.updates == 0
    if config.magnet == "refreshed":
        due = state.updates % config.magnet_updates < each_step
    return jax.tree.map(lambda new, old: jnp.where(due, new, old), state.ema, state.besides.magnet)


def _hint_weight(setting: Setting, state: LearnerState) -> Array | None:
    """What an opponent's estimates count; None where they are not used."""
    if setting.minimax is None or setting.minimax.form == "none":
        return None
    return weight_at(*setting.minimax.schedule, state.in_generation)


def _scaled(
    config: PolicyGradientConfig, setting: Setting, batch: Batch, memory: Carry
) -> tuple[Batch, Carry, dict[str, Array]]:
    """Advantages in units of their deviation in all shards, the seats' means, and what the values explain."""
    shards = setting.shards

    def mean(values: Array) -> Array:
        total, weight = shards.mean(((values * batch.weight).sum(1), batch.weight.sum(1)))
        return total / jnp.maximum(weight, 1e-6)

    deviation = jnp.sqrt(jnp.maximum(mean(batch.advantage**2) - mean(batch.advantage) ** 2, 0.0))
    spread = mean(batch.target**2) - mean(batch.target) ** 2
    left = mean(batch.advantage**2) - mean(batch.advantage) ** 2
    metrics = {"advantage_deviation": deviation, "explained_variance": 1.0 - left / jnp.maximum(spread, 1e-6)}
    if memory.baseline is not None:
        seats = jax.nn.one_hot(batch.seat, memory.baseline.shape[-1]) * batch.weight[..., None]
        total, count = shards.mean(((seats * batch.target[..., None]).sum(1), seats.sum(1)))
        share = jnp.where(count > 0.0, 1.0 - config.baseline_decay, 0.0)
        moved = share * total / jnp.maximum(count, 1e-6)
        memory = replace(memory, baseline=(1.0 - share)[None] * memory.baseline + moved[None])
    if config.normalize:
        batch = batch._replace(advantage=batch.advantage / jnp.maximum(deviation, LEAST_DEVIATION))
    return batch, memory, metrics


def _critic_optimizer(config: PolicyGradientConfig) -> optax.GradientTransformation:
    return optax.chain(optax.clip_by_global_norm(10.0), optax.adam(config.critic_learning_rate))


def _make_gradient(config: PolicyGradientConfig, setting: Setting) -> Gradient:
    """Gradients of both losses of one shard's part of a batch."""
    loss = make_loss(config, setting.network)

    def gradient(params: Params, critic: Params, batch: Batch, now: Weights) -> Any:
        (_, metrics), own = jax.value_and_grad(loss, has_aux=True)(params, batch, now)
        if batch.critic is None:
            return (own, None), metrics
        error, theirs = jax.value_and_grad(critic_loss, argnums=1)(setting.game, critic, batch.critic)
        return (own, theirs), metrics | {"critic_loss": error}

    return gradient


def _make_train(
    config: PolicyGradientConfig,
    setting: Setting,
    optimizer: optax.GradientTransformation,
    critic_optimizer: optax.GradientTransformation,
) -> Callable[[_Fit, Batch, Weights, Array], tuple[_Fit, dict[str, Array]]]:
    """`_Fit, batch (S, N, ...), weights, key -> _Fit, metrics`: all passes over a step's decisions."""
    gradient, shards = _make_gradient(config, setting), setting.shards

    def apply(fit: _Fit, gradients: tuple[Any, Any]) -> _Fit:
        changes, opt_state = optimizer.update(gradients[0], fit.opt_state, fit.params)
        params = optax.apply_updates(fit.params, changes)
        ema = optax.incremental_update(params, fit.ema, averaging(config, fit.updates))
        fit = fit._replace(params=params, ema=ema, opt_state=opt_state, updates=fit.updates + 1)
        if fit.critic is None:
            return fit
        changes, opt_state = critic_optimizer.update(gradients[1], fit.critic_opt_state, fit.critic)
        return fit._replace(critic=optax.apply_updates(fit.critic, changes), critic_opt_state=opt_state)

    def train(start: _Fit, batch: Batch, now: Weights, key: Array) -> tuple[_Fit, dict[str, Array]]:
        size = batch.weight.shape[1] // config.num_minibatches

        def one(fit: _Fit, rows: Array) -> tuple[_Fit, dict[str, Array]]:
            def of_shard(batch: Batch, rows: Array) -> Any:
                part = jax.tree.map(lambda leaf: leaf[rows], batch)
                return gradient(fit.params, fit.critic, part, now)

            gradients, metrics = shards.mean(shards.map(of_shard, batch, rows))
            metrics["gradient_norm"] = optax.tree.norm(gradients[0])
            return apply(fit, gradients), metrics

        def epoch(fit: _Fit, key: Array) -> tuple[_Fit, dict[str, Array]]:
            orders = jax.vmap(lambda k: jax.random.permutation(k, batch.weight.shape[1]))(shards.keys(key))
            orders = orders[:, : size * config.num_minibatches]
            rows = orders.reshape(shards.local, config.num_minibatches, size).swapaxes(0, 1)
            return jax.lax.scan(one, fit, rows)

        fit, metrics = jax.lax.scan(epoch, start, jax.random.split(key, config.num_epochs))
        return fit, jax.tree.map(jnp.mean, metrics)

    return train
