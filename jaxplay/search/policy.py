"""Play without search: the evaluator's own policy, in the form in which searches report."""

from typing import Any

import jax.numpy as jnp
from jax import Array

from jaxplay.evaluator import Evaluate, Params
from jaxplay.game import Game
from jaxplay.search.nodes import legal_prior
from jaxplay.search.output import Search, SearchOutput
from jaxplay.search.tree import Tree


def policy(game: Game[Any], evaluate: Evaluate) -> Search:
    """A `Search` that asks the evaluator once and does not search.

    Its `action` is the likeliest legal one, `action_weights` and `prior` are the evaluator's policy over
    legal actions, and `value` is the evaluator's. Nothing was visited: visits, `q`, depths and
    `num_simulations` are 0, `opponent_value`, `opponent_known` and `tree` are None.

    Args:
        game: whose positions are played.
        evaluate: its policy and value.

    Returns:
        A search that disregards `num_simulations`, and raises ValueError if it is given a `tree`.
    """

    def search(
        params: Params,
        key: Array,
        states: Any,
        *,
        num_simulations: Array | None = None,
        tree: Tree | None = None,
    ) -> SearchOutput:
        if tree is not None:
            raise ValueError("a policy searches no tree; allowed: tree=None")
        prediction = evaluate(params, key, states)
        prior = legal_prior(prediction, states.legal_action_mask[:, : game.num_actions])
        weights = jnp.maximum(prior, 0.0)
        none = jnp.zeros(prior.shape[:1], jnp.int32)
        return SearchOutput(
            action=jnp.argmax(prior, axis=-1).astype(jnp.int32),
            action_weights=weights,
            value=prediction.value.astype(jnp.float32),
            visits=jnp.zeros(prior.shape, jnp.int32),
            q=jnp.zeros_like(weights),
            prior=weights,
            depth=jnp.zeros(none.shape, jnp.float32),
            max_depth=none,
            num_simulations=none,
            opponent_value=None,
            opponent_known=None,
            tree=None,
        )

    return search
