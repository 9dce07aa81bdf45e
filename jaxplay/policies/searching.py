"""A policy from a search, with the options that self-play has: playout caps and kept trees."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.config import SelfPlayConfig
from jaxplay.evaluator import Params
from jaxplay.game import Game
from jaxplay.policies.policy import Decision, Memory, Policy
from jaxplay.policies.temperature import sample_actions
from jaxplay.search import Search, SearchOutput, empty_tree, reuse


def from_search(
    game: Game[Any], search: Search, options: SelfPlayConfig, *, cheap: Search | None = None
) -> Policy:
    """Search, and sample a move from the visits.

    With `cheap`, most plies are searched by it (playout-cap randomization, Wu 2019, section 3.1): the choice
    is made once a ply for the whole batch, because a batch takes as long as its dearest search. What a cheap
    search finds is played and not learned.

    Args:
        game: that is played.
        search: the full search. With `options.keep_nodes` it, and `cheap`, have room for so many kept nodes.
        options: temperatures, `full_share` and `keep_nodes`.
        cheap: without noise; None: every ply is searched in full.
    """
    keeps = options.keep_nodes > 0

    def run(search: Search, params: Params, key: Array, states: Any, tree: Any) -> SearchOutput:
        found = search(params, key, states, tree=tree) if keeps else search(params, key, states)
        return found if keeps else found._replace(tree=None)

    def find(
        params: Params, key_search: Array, key_cap: Array, states: Any, tree: Any
    ) -> tuple[SearchOutput, Array]:
        given = (params, key_search, states, tree)
        if cheap is None:
            return run(search, *given), jnp.float32(1.0)
        is_full = jax.random.bernoulli(key_cap, options.full_share)
        found = jax.lax.cond(is_full, partial(run, search), partial(run, cheap), *given)
        return found, is_full.astype(jnp.float32)

    def act(params: Params, key: Array, states: Any, ply: Array, memory: Memory) -> tuple[Decision, Memory]:
        key_search, key_sample, key_cap = jax.random.split(key, 3)
        found, weight = find(params, key_search, key_cap, states, memory)
        action, log_prob = sample_actions(options, found, ply, key_sample)
        return decision(found, action, log_prob, weight), found.tree

    def begin(params: Params, states: Any) -> Memory:
        return empty_tree(jax.eval_shape(search, params, jax.random.key(0), states).tree)

    def follow(memory: Memory, actions: Array, states: Any) -> Memory:
        return reuse(game, memory, actions, states, options.keep_nodes)

    return Policy(act, begin, follow) if keeps else Policy(act)


def decision(found: SearchOutput, action: Array, log_prob: Array, policy_weight: Array) -> Decision:
    """What a search found, and the move that was made of it."""
    value, known = None, None
    if found.opponent_value is not None and found.opponent_known is not None:
        value = jnp.take_along_axis(found.opponent_value, action[:, None], axis=-1)[:, 0]
        known = jnp.take_along_axis(found.opponent_known, action[:, None], axis=-1)[:, 0]
    return Decision(
        action=action,
        log_prob=log_prob,
        policy_target=found.action_weights,
        value=found.value,
        policy_weight=policy_weight,
        surprise=surprise(found),
        depth=found.depth,
        opponent_value=value,
        opponent_known=known,
    )


def surprise(found: SearchOutput) -> Array:
    """`(B,)`: Kullback-Leibler divergence from the root's prior to what the search made of it, in nats.

    The prior is that which the search started from, noise included, as in KataGo.
    """
    target = found.action_weights
    ratio = jnp.log(jnp.maximum(target, 1e-9)) - jnp.log(jnp.maximum(found.prior, 1e-9))
    return jnp.maximum((target * ratio).sum(-1), 0.0)
