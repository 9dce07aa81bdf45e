"""A loop in the manner of Pgx's AlphaZero example, on current JAX: what a reader of it would run.

An iteration plays so many plies of fresh games by `mctx.gumbel_muzero_policy`, takes each game's outcome for
the value target (where the game ended in time) and the search's weights for the policy's, and goes once
through what was played in shuffled minibatches. Nothing is kept for the next iteration. Nothing of jaxplay
plays or learns; the rules are those of whoever makes `Rules`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from jax import Array

from jaxplay.benchmarks.extras import peer
from jaxplay.benchmarks.mctx_peer import by_turns


@dataclass(frozen=True)
class Sizes:
    """How large an iteration and the network are.

    Attributes:
        num_matches: games side by side.
        num_plies: of each, in an iteration.
        num_simulations: of each search.
        batch_size: of a gradient step; divides plies times matches.
        learning_rate: of Adam.
        channels: of a residual network of 3 x 3 convolutions; 0: a plain network of `width` units.
        depth: residual blocks, or hidden layers.
        width: units of a hidden layer.
        opening_plies: random plies, at most, before the first that is learned from; the example has none.
    """

    num_matches: int = 1024
    num_plies: int = 256
    num_simulations: int = 32
    batch_size: int = 4096
    learning_rate: float = 1e-3
    channels: int = 128
    depth: int = 6
    width: int = 256
    opening_plies: int = 0


class Rules(NamedTuple):
    """A game of two, as functions of one state with mover, mask of legal actions, rewards and end.

    Attributes:
        init: `key -> state`.
        step: `state, action -> state`; a finished game stays as it is, with rewards of 0.
        observe: `state -> observation`.
        num_actions: A.
    """

    init: Callable[[Array], Any]
    step: Callable[[Any, Array], Any]
    observe: Callable[[Any], Array]
    num_actions: int


class Loop(NamedTuple):
    """Pure functions.

    Attributes:
        init: `key -> carry`.
        iterate: `carry -> carry`, an iteration; jittable.
        act: `num_simulations -> (carry, states (N, ...), key) -> actions (N,)`, the strongest play that the
            carry knows; 0: by the policy alone.
        positions: of an iteration.
    """

    init: Callable[[Array], Any]
    iterate: Callable[[Any], Any]
    act: Callable[[int], Callable[[Any, Any, Array], Array]]
    positions: int


class Carry(NamedTuple):
    """What an iteration changes: the network's variables, the optimizer's state, the key."""

    variables: Any
    opt_state: Any
    key: Array


class Sample(NamedTuple):
    """Of plies, leaves `(T, M, ...)`, then of a batch; `known`: whether the game's outcome is."""

    observation: Array
    policy: Array
    value: Array
    known: Array


class Net(nn.Module):
    """Policy and value: residual blocks before activations, or plain layers."""

    sizes: Sizes
    num_actions: int

    @nn.compact
    def __call__(self, x: Array, *, train: bool) -> tuple[Array, Array]:
        """Logits `(N, A)` and values `(N,)` of observations `(N, ...)`."""
        x = x.astype(jnp.float32)
        if self.sizes.channels:
            return self._convolved(x, train)
        x = x.reshape(x.shape[0], -1)
        for _ in range(self.sizes.depth):
            x = nn.relu(nn.Dense(self.sizes.width)(x))
        return nn.Dense(self.num_actions)(x), jnp.tanh(nn.Dense(1)(x))[:, 0]

    def _convolved(self, x: Array, train: bool) -> tuple[Array, Array]:
        def norm(x: Array) -> Array:
            return nn.relu(nn.BatchNorm(use_running_average=not train, momentum=0.9)(x))

        def conv(x: Array, channels: int = self.sizes.channels, size: int = 3) -> Array:
            return nn.Conv(channels, (size, size))(x)

        x = conv(x)
        for _ in range(self.sizes.depth):
            x = x + conv(norm(conv(norm(x))))
        x = norm(x)
        policy = norm(conv(x, 2, 1)).reshape(x.shape[0], -1)
        value = norm(conv(x, 1, 1)).reshape(x.shape[0], -1)
        value = nn.Dense(1)(nn.relu(nn.Dense(self.sizes.channels)(value)))
        return nn.Dense(self.num_actions)(policy), jnp.tanh(value)[:, 0]


def pgx_rules(env_id: str) -> Rules:
    """A game of Pgx, by its own functions."""
    env = peer("pgx").make(env_id)
    return Rules(env.init, env.step, lambda state: state.observation, env.num_actions)


def alphazero_peer(rules: Rules, sizes: Sizes) -> Loop:
    """The loop on a game.

    Args:
        rules: of the game.
        sizes: of an iteration; the defaults are those of the example.
    """
    net = Net(sizes, rules.num_actions)
    optimizer = optax.adam(sizes.learning_rate)

    def init(key: Array) -> Carry:
        key, key_state, key_net = jax.random.split(key, 3)
        observation = rules.observe(rules.init(key_state))[None]
        variables = net.init(key_net, observation, train=False)
        return Carry(variables, optimizer.init(variables["params"]), key)

    def iterate(carry: Carry) -> Carry:
        key, key_play, key_learn = jax.random.split(carry.key, 3)
        made = _play(rules, sizes, net, carry.variables, key_play)
        variables, opt_state = _learn(sizes, net, optimizer, carry, made, key_learn)
        return Carry(variables, opt_state, key)

    def act(num_simulations: int) -> Callable[[Carry, Any, Array], Array]:
        def choose(carry: Carry, states: Any, key: Array) -> Array:
            if num_simulations:
                return _search(rules, net, carry.variables, states, key, num_simulations, scale=0.0).action
            return _predict(rules, net, carry.variables, states)[0].argmax(-1)

        return choose

    return Loop(init, iterate, act, sizes.num_matches * sizes.num_plies)


def _predict(rules: Rules, net: Net, variables: Any, states: Any) -> tuple[Array, Array]:
    """Logits of legal actions, and values."""
    found: Any = net.apply(variables, jax.vmap(rules.observe)(states), train=False)
    logits, value = found
    return jnp.where(states.legal_action_mask, logits, jnp.finfo(jnp.float32).min), value


def _search(
    rules: Rules, net: Net, variables: Any, states: Any, key: Array, num_simulations: int, scale: float
) -> Any:
    """The Gumbel search of mctx, with so much Gumbel noise."""
    mctx = peer("mctx")

    recurrent = by_turns(jax.vmap(rules.step), partial(_predict, rules, net))
    logits, value = _predict(rules, net, variables, states)
    root = mctx.RootFnOutput(prior_logits=logits, value=value, embedding=states)
    return mctx.gumbel_muzero_policy(
        params=variables,
        rng_key=key,
        root=root,
        recurrent_fn=recurrent,
        num_simulations=num_simulations,
        invalid_actions=~states.legal_action_mask,
        qtransform=mctx.qtransform_completed_by_mix_value,
        gumbel_scale=scale,
    )


def _begin(rules: Rules, sizes: Sizes, key: Array) -> Any:
    """Games `(M, ...)` before their first move, or after random ones that end none."""
    key_init, key_length, key_moves = jax.random.split(key, 3)
    states = jax.vmap(rules.init)(jax.random.split(key_init, sizes.num_matches))
    if sizes.opening_plies == 0:
        return states
    length = jax.random.randint(key_length, (sizes.num_matches,), 0, sizes.opening_plies + 1)

    def ply(states: Any, number: Array) -> tuple[Any, None]:
        legal = jnp.where(states.legal_action_mask, 0.0, -jnp.inf)
        moves = jax.random.categorical(jax.random.fold_in(key_moves, number), legal)
        after = jax.vmap(rules.step)(states, moves)
        plays = (number < length) & ~after.terminated
        return _choose(plays, after, states), None

    return jax.lax.scan(ply, states, jnp.arange(sizes.opening_plies))[0]


def _play(rules: Rules, sizes: Sizes, net: Net, variables: Any, key: Array) -> Sample:
    """Fresh games; where one ends, the next begins, where some match of the iteration began."""
    key, key_init = jax.random.split(key)
    first = _begin(rules, sizes, key_init)

    def ply(states: Any, key: Array) -> tuple[Any, Any]:
        key_search, key_reset = jax.random.split(key)
        found = _search(rules, net, variables, states, key_search, sizes.num_simulations, scale=1.0)
        after = jax.vmap(rules.step)(states, found.action)
        reward = jnp.take_along_axis(after.rewards, states.current_player[:, None], axis=1)[:, 0]
        made = (jax.vmap(rules.observe)(states), found.action_weights, reward, after.terminated)
        whose = jax.random.randint(key_reset, (sizes.num_matches,), 0, sizes.num_matches)
        fresh = jax.tree.map(lambda leaf: leaf[whose], first)
        return _choose(after.terminated, fresh, after), made

    def back(value: Array, now: tuple[Array, Array]) -> tuple[Array, Array]:
        reward, ended = now
        value = reward + jnp.where(ended, 0.0, -value)
        return value, value

    _, made = jax.lax.scan(ply, first, jax.random.split(key, sizes.num_plies))
    observation, policy, reward, ended = made
    _, value = jax.lax.scan(back, jnp.zeros(sizes.num_matches), (reward, ended), reverse=True)
    known = jnp.flip(jnp.cumsum(jnp.flip(ended, 0), axis=0), 0) > 0
    return Sample(observation, policy, value, known)


def _choose(flag: Array, yes: Any, no: Any) -> Any:
    """Trees of `(M, ...)`, chosen by `flag` `(M,)`."""
    return jax.tree.map(lambda a, b: jax.vmap(jnp.where)(flag, a, b), yes, no)


def _learn(
    sizes: Sizes, net: Net, optimizer: optax.GradientTransformation, carry: Carry, made: Sample, key: Array
) -> tuple[Any, Any]:
    """Once through all that was played."""
    flat = jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), made)
    order = jax.random.permutation(key, flat.value.shape[0])
    batches = jax.tree.map(lambda x: x[order].reshape(-1, sizes.batch_size, *x.shape[1:]), flat)

    def loss(params: Any, rest: Any, batch: Sample) -> tuple[Array, Any]:
        found: Any = net.apply({"params": params, **rest}, batch.observation, train=True, mutable=list(rest))
        (logits, value), rest = found
        policy = optax.softmax_cross_entropy(logits, batch.policy).mean()
        return policy + (optax.l2_loss(value, batch.value) * batch.known).mean(), rest

    def update(state: tuple[Any, Any], batch: Sample) -> tuple[tuple[Any, Any], None]:
        variables, opt_state = state
        rest = {name: leaf for name, leaf in variables.items() if name != "params"}
        gradients, rest = jax.grad(loss, has_aux=True)(variables["params"], rest, batch)
        changes, opt_state = optimizer.update(gradients, opt_state)
        return ({"params": optax.apply_updates(variables["params"], changes), **rest}, opt_state), None

    return jax.lax.scan(update, (carry.variables, carry.opt_state), batches)[0]
