"""A loop in the manner of PureJaxRL on Pgx: proximal policy optimization by self-play, all in one program.

What a reader of that library's single-file examples would write for a Pgx game: a `scan` of vectorized plies
with automatic reset, advantages by GAE from ply to ply (the next value turned around where the other player
moves), epochs of shuffled minibatches, Adam. Pgx steps and resets; nothing of jaxplay plays or learns.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array

GAE_LAMBDA, CLIP, ENTROPY, VALUE = 0.95, 0.2, 0.05, 0.5


class Sizes(NamedTuple):
    """What both loops are given alike.

    Attributes:
        num_matches: games side by side.
        num_plies: of each, a step.
        width: units of a hidden layer.
        depth: hidden layers.
        num_epochs: passes over a step's plies.
        num_minibatches: gradient steps of a pass.
    """

    num_matches: int
    num_plies: int
    width: int
    depth: int
    num_epochs: int
    num_minibatches: int


class Ply(NamedTuple):
    """One ply of all games, leaves `(M, ...)`."""

    observation: Array
    legal: Array
    player: Array
    action: Array
    log_prob: Array
    value: Array
    reward: Array
    ended: Array


def ppo_on_pgx(env_id: str, sizes: Sizes) -> tuple[Callable[[Any], Any], Callable[[Array], Any]]:
    """A whole step, `carry -> carry`, and what makes the first carry of a key."""
    import pgx

    env: Any = pgx.make(env_id)  # pyright: ignore[reportArgumentType]
    optimizer = optax.adam(3e-4)
    reset, step = jax.vmap(env.init), jax.vmap(_auto_reset(env))

    def init(key: Array) -> Any:
        state = reset(jax.random.split(key, sizes.num_matches))
        inputs = state.observation[0].size
        params = _network(key, inputs, env.num_actions, sizes)
        return params, optimizer.init(params), state, key

    def run(carry: Any) -> Any:
        params, opt_state, state, key = carry
        key, key_play, key_learn = jax.random.split(key, 3)

        def ply(state: Any, key: Array) -> tuple[Any, Ply]:
            key_act, key_reset = jax.random.split(key)
            logits, value = _apply(params, state.observation, state.legal_action_mask)
            action = jax.random.categorical(key_act, logits)
            log_prob = _log_prob(logits, action)
            after = step(state, action, jax.random.split(key_reset, sizes.num_matches))
            reward = jnp.take_along_axis(after.rewards, state.current_player[:, None], axis=1)[:, 0]
            made = Ply(
                observation=state.observation,
                legal=state.legal_action_mask,
                player=state.current_player,
                action=action,
                log_prob=log_prob,
                value=value,
                reward=reward,
                ended=after.terminated,
            )
            return after, made

        state, plies = jax.lax.scan(ply, state, jax.random.split(key_play, sizes.num_plies))
        _, last = _apply(params, state.observation, state.legal_action_mask)
        advantage, target = _advantages(plies, last, state.current_player)
        flat = jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), (plies, advantage, target))
        params, opt_state = _learn(optimizer, sizes, params, opt_state, flat, key_learn)
        return params, opt_state, state, key

    return run, init


def _auto_reset(env: Any) -> Callable[[Any, Array, Array], Any]:
    def step(state: Any, action: Array, key: Array) -> Any:
        after = env.step(state, action)
        fresh = env.init(key)
        ended = after.terminated
        kept = jax.tree.map(lambda new, old: jnp.where(ended, new, old), fresh, after)
        return kept.replace(rewards=after.rewards, terminated=ended)

    def go_on(state: Any, action: Array, key: Array) -> Any:
        return step(state.replace(terminated=jnp.zeros_like(state.terminated)), action, key)

    return go_on


def _network(key: Array, inputs: int, actions: int, sizes: Sizes) -> Any:
    widths = [inputs, *[sizes.width] * sizes.depth, actions + 1]
    keys = jax.random.split(key, len(widths))
    pairs = zip(keys, widths, widths[1:], strict=False)
    return [(jax.random.normal(k, (a, b)) / jnp.sqrt(a), jnp.zeros(b)) for k, a, b in pairs]


def _apply(params: Any, observation: Array, legal: Array) -> tuple[Array, Array]:
    x = observation.reshape(observation.shape[0], -1).astype(jnp.float32)
    for weights, bias in params[:-1]:
        x = jax.nn.relu(x @ weights + bias[None])
    out = x @ params[-1][0] + params[-1][1][None]
    return jnp.where(legal, out[:, :-1], -1e9), out[:, -1]


def _log_prob(logits: Array, action: Array) -> Array:
    return jnp.take_along_axis(jax.nn.log_softmax(logits), action[:, None], axis=1)[:, 0]


def _advantages(plies: Ply, last_value: Array, last_player: Array) -> tuple[Array, Array]:
    def back(carry: Any, ply: Ply) -> tuple[Any, Array]:
        gae, value, player = carry
        sign = jnp.where(player == ply.player, 1.0, -1.0) * (1.0 - ply.ended)
        delta = ply.reward + sign * value - ply.value
        gae = delta + GAE_LAMBDA * sign * gae
        return (gae, ply.value, ply.player), gae

    first = (jnp.zeros_like(last_value), last_value, last_player)
    _, gae = jax.lax.scan(back, first, plies, reverse=True)
    return gae, gae + plies.value


def _learn(
    optimizer: optax.GradientTransformation, sizes: Sizes, params: Any, opt_state: Any, flat: Any, key: Array
) -> tuple[Any, Any]:
    total = sizes.num_matches * sizes.num_plies

    def epoch(carry: Any, key: Array) -> tuple[Any, None]:
        order = jax.random.permutation(key, total)
        batches = jax.tree.map(lambda x: x[order].reshape(sizes.num_minibatches, -1, *x.shape[1:]), flat)
        return jax.lax.scan(update, carry, batches)[0], None

    def update(carry: Any, batch: Any) -> tuple[Any, None]:
        params, opt_state = carry
        changes, opt_state = optimizer.update(jax.grad(_loss)(params, *batch), opt_state)
        return (optax.apply_updates(params, changes), opt_state), None

    return jax.lax.scan(epoch, (params, opt_state), jax.random.split(key, sizes.num_epochs))[0]


def _loss(params: Any, ply: Ply, advantage: Array, target: Array) -> Array:
    logits, value = _apply(params, ply.observation, ply.legal)
    log_probs = jax.nn.log_softmax(logits)
    ratio = jnp.exp(_log_prob(logits, ply.action) - ply.log_prob)
    advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    clipped = jnp.clip(ratio, 1 - CLIP, 1 + CLIP)
    policy = -jnp.minimum(ratio * advantage, clipped * advantage).mean()
    entropy = -(jnp.exp(log_probs) * jnp.where(ply.legal, log_probs, 0.0)).sum(-1).mean()
    return policy + VALUE * ((value - target) ** 2).mean() - ENTROPY * entropy
