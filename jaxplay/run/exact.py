"""Exact exploitability of a network's policy beside its training, in games small enough to enumerate."""

from collections.abc import Callable
from typing import Any

import jax
from jax import Array

from jaxplay.errors import UserError
from jaxplay.evaluator import Evaluate
from jaxplay.game import Game
from jaxplay.policies import legal_probs
from jaxplay.solve import behaviour, game_tree, sequence_form

MOST_HISTORIES = 60_000
"""Of a game that is enumerated while it is trained; its tree takes seconds."""

Measure = Callable[[Any], Array]
"""`params -> ()` float32: exploitability, NashConv divided by the number of players."""


def exact_measure(game: Game[Any], evaluate: Evaluate) -> Measure | None:
    """How exploitable an evaluator's own policy is in all seats; None where the game is too large.

    Args:
        game: in which something is hidden.
        evaluate: says the policy.
    """
    try:
        form = sequence_form(game_tree(game, max_histories=MOST_HISTORIES))
    except UserError:
        return None
    table = behaviour.asked(form, legal_probs(game, evaluate))
    return jax.jit(lambda params: behaviour.gaps(form, table(params)).exploitability)
