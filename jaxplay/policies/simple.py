"""Policies without search: from a network, a table, a script, at random."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Evaluate, Params
from jaxplay.game import Game, scalar_value
from jaxplay.policies.policy import Act, Decision, Memory, Policy


def from_evaluate(game: Game[Any], evaluate: Evaluate, *, sample: bool = True) -> Policy:
    """The policy that an evaluator itself says, as a network that is not searched with.

    Args:
        game: that is played.
        evaluate: of positions; its logits are the policy, over legal actions.
        sample: whether moves are sampled from the policy, or the likeliest ones are made.
    """

    def act(params: Params, key: Array, states: Any, ply: Array, memory: Memory) -> tuple[Decision, Memory]:
        key_evaluate, key_sample = jax.random.split(key)
        prediction = evaluate(params, key_evaluate, states)
        legal = states.legal_action_mask[:, : game.num_actions]
        logits = jnp.where(legal, prediction.logits.astype(jnp.float32), -jnp.inf)
        action = jax.random.categorical(key_sample, logits) if sample else jnp.argmax(logits, axis=-1)
        return _without_search(logits, action, prediction.value.astype(jnp.float32)), memory

    return Policy(act)


def from_table(game: Game[Any], index: Callable[[Any], Array], *, sample: bool = True) -> Policy:
    """A policy whose parameters are a table of probabilities, `(rows, A)` float32.

    Args:
        game: that is played.
        index: `states (B, ...) -> (B,) int32`, the row of each state: its information state's number.
        sample: whether moves are sampled, or the likeliest ones are made.
    """

    def act(params: Params, key: Array, states: Any, ply: Array, memory: Memory) -> tuple[Decision, Memory]:
        legal = states.legal_action_mask[:, : game.num_actions]
        logits = jnp.where(legal, jnp.log(params[index(states)]), -jnp.inf)
        action = jax.random.categorical(key, logits) if sample else jnp.argmax(logits, axis=-1)
        return _without_search(logits, action, _no_value(game, states)), memory

    return Policy(act)


def from_act(game: Game[Any], choose: Act) -> Policy:
    """A policy from a function that only says what to play: a script, or uniform random play."""

    def act(params: Params, key: Array, states: Any, ply: Array, memory: Memory) -> tuple[Decision, Memory]:
        action = choose(params, key, states)
        chosen = jnp.arange(game.num_actions)[None] == action[:, None]
        logits = jnp.where(chosen, 0.0, -jnp.inf)
        return _without_search(logits, action, _no_value(game, states)), memory

    return Policy(act)


def legal_probs(game: Game[Any], evaluate: Evaluate) -> Callable[[Params, Any], Array]:
    """`params, states (B, ...) -> (B, A)` float32: an evaluator's policy over legal actions, 0 elsewhere.

    Args:
        game: that is played.
        evaluate: of positions; its logits are the policy. What is random in it is always the same.
    """

    def ask(params: Params, states: Any) -> Array:
        logits = evaluate(params, jax.random.key(0), states).logits.astype(jnp.float32)
        legal = states.legal_action_mask[:, : game.num_actions]
        return jnp.where(legal, jax.nn.softmax(jnp.where(legal, logits, -jnp.inf)), 0.0)

    return ask


def _without_search(logits: Array, action: Array, value: Array) -> Decision:
    action, zero = action.astype(jnp.int32), jnp.zeros(action.shape, jnp.float32)
    log_policy = jax.nn.log_softmax(logits)
    return Decision(
        action=action,
        log_prob=jnp.take_along_axis(log_policy, action[:, None], axis=-1)[:, 0],
        policy_target=jnp.exp(log_policy),
        value=value,
        policy_weight=jnp.float32(1.0),
        surprise=zero,
        depth=zero,
    )


def _no_value(game: Game[Any], states: Any) -> Array:
    view = () if scalar_value(game) else (game.num_players,)
    return jnp.zeros((*states.terminated.shape, *view), jnp.float32)
