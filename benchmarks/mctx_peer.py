"""mctx's searches on our games, as its users write them."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.benchmarks.extras import peer
from jaxplay.evaluator import Evaluate
from jaxplay.game import Game


def by_turns(step: Callable[[Any, Array], Any], predict: Callable[[Any, Any], tuple[Array, Array]]) -> Any:
    """What mctx's searches ask of a game whose two players move by turns, as its examples have it.

    Args:
        step: `states (M, ...), actions (M,) -> states`; a finished game stays as it is, with rewards of 0.
        predict: `params, states -> logits of legal actions, values`.
    """
    mctx: Any = peer("mctx")

    def recurrent(params: Any, rng_key: Array, action: Array, states: Any) -> Any:
        after = step(states, action)
        logits, value = predict(params, after)
        mover = states.current_player[:, None]
        return mctx.RecurrentFnOutput(
            reward=jnp.take_along_axis(after.rewards, mover, axis=1)[:, 0],
            discount=jnp.where(after.terminated, 0.0, -1.0),
            prior_logits=logits,
            value=jnp.where(after.terminated, 0.0, value),
        ), after

    return recurrent


def mctx_runs(game: Game[Any], evaluate: Evaluate, simulations: int) -> dict[str, Callable[..., Any]]:
    """`muzero_policy` and `gumbel_muzero_policy` as functions of parameters, key and states.

    Game, network and positions are ours, so that only the searches differ.
    """
    mctx = peer("mctx")

    def logits(prediction: Any, states: Any) -> Array:
        return jnp.where(states.legal_action_mask, prediction.logits, jnp.finfo(jnp.float32).min)

    def recurrent(params: Any, rng_key: Array, action: Array, states: Any) -> Any:
        after = jax.vmap(game.step)(states, action)
        over = states.terminated | after.terminated
        batch = jnp.arange(action.shape[0])
        reward = jnp.where(states.terminated, 0.0, after.rewards[batch, states.current_player])
        same = after.current_player == states.current_player
        prediction = evaluate(params, rng_key, after)
        output = mctx.RecurrentFnOutput(
            reward=reward,
            discount=jnp.where(over, 0.0, jnp.where(same, 1.0, -1.0)),
            prior_logits=logits(prediction, after),
            value=jnp.where(over, 0.0, prediction.value),
        )
        kept = jax.tree.map(lambda new, old: jax.vmap(jnp.where)(states.terminated, old, new), after, states)
        return output, kept

    def run(policy: Callable[..., Any]) -> Callable[..., Any]:
        def searched(params: Any, key: Array, states: Any) -> tuple[Array, Array]:
            prediction = evaluate(params, key, states)
            root = mctx.RootFnOutput(
                prior_logits=logits(prediction, states), value=prediction.value, embedding=states
            )
            illegal = ~states.legal_action_mask
            found = policy(params, key, root, recurrent, simulations, invalid_actions=illegal)
            return found.action, found.action_weights

        return searched

    return {"mctx_muzero": run(mctx.muzero_policy), "mctx_gumbel": run(mctx.gumbel_muzero_policy)}
