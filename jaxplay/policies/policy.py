"""What a policy is: how a player chooses, whatever it does to find out."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Params


class Decision(NamedTuple):
    """What a policy decides in B positions, and what a learner may learn from it.

    Attributes:
        action: `(B,)` int32, the move that is made.
        log_prob: `(B,)` float32, the logarithm of the probability with which it was sampled.
        policy_target: `(B, A)` float32 probabilities, 0 where an action is illegal.
        value: `(B,)` or `(B, P)` float32, what the position is thought to be worth, as the player to move
            sees it, scaled (`jaxplay.perspective`).
        policy_weight: `()` or `(B,)` float32, the weight of `policy_target`; 0 where it shall not be learned.
        surprise: `(B,)` float32, how far the policy moved from what it began with, in nats; 0 where it does
            not search.
        depth: `(B,)` float32, mean depth of its simulations; 0 where it does not search.
        opponent_value: `(B,)` float32, what a modelled opponent thinks of the position that `action` leaves
            it, for itself, scaled; None where nobody is modelled.
        opponent_known: `(B,)` bool, where `opponent_value` says anything; None as before.
    """

    action: Array
    log_prob: Array
    policy_target: Array
    value: Array
    policy_weight: Array
    surprise: Array
    depth: Array
    opponent_value: Array | None = None
    opponent_known: Array | None = None


Memory = Any
"""What a policy carries from one move to the next: kept trees, a recurrent state; None of most."""


def _remember_nothing(params: Params, states: Any) -> Memory:
    return None


def _follow_nothing(memory: Memory, actions: Array, states: Any) -> Memory:
    return memory


class Policy(NamedTuple):
    """How a player chooses; pure functions of batches.

    Attributes:
        act: `params, key, states (B, ...), ply (B,), memory -> Decision, memory`. A player is to move in
            every state; `ply` counts the decisions of the game so far.
        begin: `params, states -> memory`, before the first move of a rollout.
        follow: `memory, actions (B,), states (B, ...) -> memory`, after `actions` led to `states`, or to the
            first states of other games where a game ended.
    """

    act: Callable[[Params, Array, Any, Array, Memory], tuple[Decision, Memory]]
    begin: Callable[[Params, Any], Memory] = _remember_nothing
    follow: Callable[[Memory, Array, Any], Memory] = _follow_nothing


Act = Callable[[Params, Array, Any], Array]
"""`params, key, states (B, ...) -> (B,) int32`: a policy that only says what it plays."""


def as_act(policy: Policy) -> Act:
    """A policy that remembers nothing as a function of states alone, as at the first ply of a game."""

    def act(params: Params, key: Array, states: Any) -> Array:
        ply = jnp.zeros(states.terminated.shape, jnp.int32)
        return policy.act(params, key, states, ply, policy.begin(params, states))[0].action

    return act
