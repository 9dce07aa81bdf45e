"""Play without search: the evaluator's own policy, in the form in which searches report."""

from typing import Any

import jax.numpy as jnp

from jaxplay.errors import UserError
from jaxplay.evaluator import Evaluate
from jaxplay.game import Game
from jaxplay.search._call import Call, as_search
from jaxplay.search._output import Search, SearchOutput
from jaxplay.search._priors import read_prediction, whole_prior


def policy(game: Game[Any], evaluate: Evaluate) -> Search:
    """A `Search` that asks the evaluator once and does not search, so that hidden information stays hidden.

    Its `action` is the likeliest legal one, `action_weights` and `prior` are the evaluator's policy over
    legal actions, and `value` is the evaluator's. Nothing was visited: visits, `q`, depths and
    `num_simulations` are 0, `opponent_value`, `opponent_known` and `tree` are None.

    Args:
        game: whose positions are played.
        evaluate: priors and values.

    Returns:
        A search that disregards `num_simulations`, and raises UserError if it is given a `tree`.
    """

    def run(call: Call) -> SearchOutput:
        if call.tree is not None:
            raise UserError("a policy searches no tree; allowed: tree=None")
        prediction = evaluate(call.params, call.key, call.states)
        legal = call.states.legal_action_mask[:, : game.num_actions]
        evaluation = read_prediction(prediction, legal)
        prior = whole_prior(evaluation, legal)
        weights = jnp.maximum(prior, 0.0)
        none = jnp.zeros(prior.shape[:1], jnp.int32)
        return SearchOutput(
            action=jnp.argmax(prior, axis=-1).astype(jnp.int32),
            action_weights=weights,
            value=evaluation.value,
            visits=jnp.zeros(prior.shape, jnp.int32),
            q=jnp.zeros_like(weights),
            prior=weights,
            depth=jnp.zeros(none.shape, jnp.float32),
            max_depth=none,
            num_simulations=none,
            opponent_value=None,
            opponent_known=None,
            finite=evaluation.sound | call.states.terminated,
            tree=None,
        )

    return as_search(game, run)
