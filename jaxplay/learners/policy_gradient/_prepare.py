"""From a trajectory to decisions with advantages: what a step learns from."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.config import PolicyGradientConfig
from jaxplay.evaluator import Params
from jaxplay.learners.base import Setting
from jaxplay.learners.policy_gradient._critic import (
    CriticBatch,
    action_values,
    expected_sarsa,
    features_of,
)
from jaxplay.learners.policy_gradient._decisions import (
    Decisions,
    Estimates,
    Pending,
    decisions_of,
    estimate,
    nothing_pending,
    rewards_by_player,
    settle,
    still_pending,
)
from jaxplay.learners.policy_gradient._loss import Batch, log_policy_of
from jaxplay.learners.policy_gradient._shaping import hints_of, mixed, shaped_rewards
from jaxplay.learners.positions import unstrip
from jaxplay.perspective import view_of_frame
from jaxplay.rollout import Trajectory
from jaxplay.struct import pytree, replace


@pytree
class Carry:
    """What a learner keeps of trajectories; in its state with a leading axis of shards.

    Attributes:
        pending: decisions whose sequel is not known; None with a central critic, which needs none.
        baseline: `(P,)` float32, mean return of each seat; None without.
    """

    pending: Pending | None
    baseline: Array | None


class Told(NamedTuple):
    """Parameters besides those that are trained, and what counts in this step.

    Attributes:
        magnet: of the magnet; None where it has none.
        critic: of the central critic; None without.
        hint_weight: `()` float32, what the opponent's estimates count; None without.
    """

    magnet: Params
    critic: Params
    hint_weight: Array | None


Prepare = Callable[[Params, Told, Trajectory, Carry], tuple[Batch, Carry]]
"""`params, Told, trajectory of one shard, Carry -> batch of all its decisions, Carry`."""


def empty_carry(config: PolicyGradientConfig, setting: Setting, example: Trajectory) -> Carry:
    """What a learner keeps before its first trajectory, like `example`; of one shard."""
    game = setting.game
    pending = None if config.has_critic else nothing_pending(game, example)
    has_baseline = config.advantage == "baseline"
    return Carry(pending, jnp.zeros((game.num_players,), jnp.float32) if has_baseline else None)


def make_prepare(config: PolicyGradientConfig, setting: Setting) -> Prepare:
    """How decisions get their advantages; see `PolicyGradientConfig.advantage`."""
    game = setting.game

    def prepare(params: Params, told: Told, made: Trajectory, carry: Carry) -> tuple[Batch, Carry]:
        moved = (made.policy_weight > 0.0) | (made.value_weight > 0.0)
        decisions = decisions_of(game, made)
        ratio = _ratios(setting, params, decisions) if config.vtrace else None
        if config.has_critic:
            found, critic = _by_critic(config, setting, told, made, moved, ratio)
            return _batch(config, setting, told, decisions, found, critic), carry
        decisions, found, carry = _by_sequel(config, setting, told, made, moved, decisions, ratio, carry)
        return _batch(config, setting, told, decisions, found, None), carry

    return prepare


def _by_sequel(
    config: PolicyGradientConfig,
    setting: Setting,
    told: Told,
    made: Trajectory,
    moved: Array,
    decisions: Decisions,
    ratio: Array | None,
    carry: Carry,
) -> tuple[Decisions, Estimates, Carry]:
    """Estimates from what followed; pending decisions come first, a row for each player."""
    game, pending = setting.game, carry.pending
    assert pending is not None
    if carry.baseline is not None:
        decisions = replace(decisions, value=carry.baseline[decisions.player])
    made, hinted = _with_hints(setting, told, made, moved)
    by_player = rewards_by_player(game, made.rewards)
    decay: Any = {"decay": 1.0 if config.advantage == "baseline" else config.gae_lambda}
    decay |= {"discount": config.discount}
    over = made.terminated, made.truncated
    found, sequel = estimate(by_player, decisions, *over, ratio=ratio, **decay)
    found = hinted(decisions.value, found)
    both = (pending.decisions, decisions), (settle(pending, sequel, **decay), found)
    decisions_all, found_all = (jax.tree.map(lambda a, b: jnp.concatenate([a, b]), *each) for each in both)
    kept = still_pending(pending, decisions, by_player, made.ended)
    return decisions_all, found_all, replace(carry, pending=kept)


def _with_hints(
    setting: Setting, told: Told, made: Trajectory, moved: Array
) -> tuple[Trajectory, Callable[[Array, Estimates], Estimates]]:
    """The trajectory with an exploiter's rewards, and what it makes of values `(T, M)` and estimates."""
    game, weight = setting.game, told.hint_weight
    if setting.minimax is None or weight is None:
        return made, lambda value, found: found
    hints = hints_of(game, made, moved)
    if setting.minimax.form == "edge":
        shaped = replace(made, rewards=shaped_rewards(game, made, hints, weight))
        return shaped, lambda value, found: found
    return made, lambda value, found: mixed(game, made, value, hints, found, weight)


def _by_critic(
    config: PolicyGradientConfig,
    setting: Setting,
    told: Told,
    made: Trajectory,
    moved: Array,
    ratio: Array | None,
) -> tuple[Estimates, CriticBatch]:
    """Estimates by the critic, which need no sequel: of what followed, if that is known, with `central`.

    Returns:
        Estimates `(T, M)`, and what the critic learns.
    """
    game, rows = setting.game, made.player.shape
    made, hinted = _with_hints(setting, told, made, moved)
    states = jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), made.state)
    features = features_of(game, unstrip(game, states), made.player.reshape(-1))
    values = action_values(game, told.critic, features)
    values = values.reshape(*rows, *values.shape[1:])
    taken = jnp.take_along_axis(values, made.action[..., None, None], axis=2)[:, :, 0]
    expected = (made.policy_target[..., None] * values).sum(2)
    shape: Any = {"decay": config.gae_lambda, "discount": config.discount}
    target, known = expected_sarsa(made, moved, taken, expected, ratio=ratio, **shape)
    come = jnp.where(known[..., None], target, taken) if config.advantage == "central" else taken
    gain, worth = (view_of_frame(game, frame, made.player) for frame in (come - expected, expected))
    if gain.ndim > made.player.ndim:
        gain, worth = gain[..., 0], worth[..., 0]
    flat = (leaf.reshape(-1, *leaf.shape[2:]) for leaf in (made.action, target, known.astype(jnp.float32)))
    found = hinted(worth, Estimates(gain, worth, jnp.ones_like(moved)))
    return found, CriticBatch(features, *flat)


def _batch(
    config: PolicyGradientConfig,
    setting: Setting,
    told: Told,
    decisions: Decisions,
    found: Estimates,
    critic: CriticBatch | None,
) -> Batch:
    """All decisions in one row; those without a sequel have no weight."""
    game = setting.game
    flat, estimates = jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), (decisions, found))
    observation = jax.vmap(game.observe)(unstrip(game, flat.state))
    legal, magnet = flat.legal_action_mask, None
    if config.magnet == "uniform":
        magnet = log_policy_of(jnp.zeros(legal.shape), legal)
    elif told.magnet is not None:
        logits = setting.network.predict(told.magnet, observation).logits
        magnet = log_policy_of(logits, legal)
    return Batch(
        observation=observation,
        legal_action_mask=legal,
        action=flat.action,
        log_prob=flat.log_prob,
        behavior=flat.behavior,
        magnet=magnet,
        advantage=estimates.advantage,
        target=estimates.target,
        weight=flat.weight * estimates.known,
        seat=flat.player,
        critic=critic,
    )


def _ratios(setting: Setting, params: Params, decisions: Decisions) -> Array:
    """`(T, M)`: the probability of each action by `params` over that when it was made."""
    game, network = setting.game, setting.network

    def log_prob(decision: Decisions) -> Array:
        logits = network.apply(params, game.observe(unstrip(game, decision.state))).logits
        return log_policy_of(logits, decision.legal_action_mask)[decision.action]

    return jnp.exp(jax.vmap(jax.vmap(log_prob))(decisions) - decisions.log_prob)
