"""Self-play on Pgx with mctx, as the examples of both have it: a scan over plies, each with a search.

Nothing of jaxplay plays, steps or searches; only the network is the same.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.benchmarks.env import PGX_NAMES
from jaxplay.benchmarks.extras import peer
from jaxplay.benchmarks.mctx_peer import by_turns
from jaxplay.evaluator import NetworkSizes, Prediction

POLICIES = {"pgx_mctx_muzero": "muzero_policy", "pgx_mctx_gumbel": "gumbel_muzero_policy"}
"""Searches of mctx, by the names of their cases."""


class Loop(NamedTuple):
    """What is played.

    Attributes:
        game: its name here.
        apply: the network, `params, observation -> Prediction`, unbatched.
        num_matches: games side by side.
        num_plies: of a call.
        num_simulations: of each search.
    """

    game: str
    apply: Callable[[Any, Array], Prediction]
    num_matches: int
    num_plies: int
    num_simulations: int


class Runs(NamedTuple):
    """A loop that is ready: `run(params, states, key)`, and `init(key)`, its first states."""

    run: Callable[[Any, Any, Array], Any]
    init: Callable[[Array], Any]


def loops(loop: Loop, fits: NetworkSizes) -> dict[str, Runs]:
    """Both loops by name; none where Pgx lacks the game, or observes other numbers of it.

    Args:
        loop: what is played.
        fits: what the network fits.
    """
    import pgx

    name: Any = PGX_NAMES.get(loop.game, loop.game)
    if name not in pgx.available_envs():
        return {}
    env = pgx.make(name)
    if env.num_actions != fits.num_actions or env.observation_shape != fits.observation:
        return {}

    def init(key: Array) -> Any:
        return jax.jit(jax.vmap(env.init))(jax.random.split(key, loop.num_matches))

    return {which: Runs(_play(loop, env, policy), init) for which, policy in POLICIES.items()}


def _play(loop: Loop, env: Any, policy: str) -> Callable[[Any, Any, Array], Any]:
    mctx = peer("mctx")
    search = getattr(mctx, policy)
    step = jax.vmap(peer("pgx.experimental").auto_reset(env.step, env.init))

    def predict(params: Any, states: Any) -> tuple[Array, Array]:
        found = jax.vmap(loop.apply, (None, 0))(params, states.observation)
        lowest = jnp.finfo(jnp.float32).min
        return jnp.where(states.legal_action_mask, found.logits, lowest), found.value

    recurrent = by_turns(jax.vmap(env.step), predict)

    def run(params: Any, states: Any, key: Array) -> Any:
        def ply(states: Any, key: Array) -> tuple[Any, Any]:
            key_search, key_reset = jax.random.split(key)
            logits, value = predict(params, states)
            found = search(
                params=params,
                rng_key=key_search,
                root=mctx.RootFnOutput(prior_logits=logits, value=value, embedding=states),
                recurrent_fn=recurrent,
                num_simulations=loop.num_simulations,
                invalid_actions=~states.legal_action_mask,
            )
            after = step(states, found.action, jax.random.split(key_reset, loop.num_matches))
            made = states.observation, found.action_weights, after.rewards, after.terminated, value
            return after, made

        return jax.lax.scan(ply, states, jax.random.split(key, loop.num_plies))

    return run
