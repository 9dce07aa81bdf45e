"""UCT with random playouts (Kocsis and Szepesvári 2006), the baseline that needs no network."""

import math
from typing import Any, Unpack

from jaxplay.evaluator import Evaluate, rollout
from jaxplay.game import Game
from jaxplay.search import rules
from jaxplay.search.by_rule import by_rule
from jaxplay.search.nodes import TreeOptions
from jaxplay.search.output import Search


def uct(
    game: Game[Any],
    num_simulations: int,
    *,
    evaluate: Evaluate | None = None,
    exploration: float = math.sqrt(2.0),
    num_rollouts: int = 1,
    **options: Unpack[TreeOptions],
) -> Search:
    """A batched UCT search; its parameters are None unless `evaluate` has some.

    Args:
        game: whose positions are searched.
        num_simulations: N, at most, at each call.
        evaluate: values of leaves (its priors are not used); None: random playouts.
        exploration: weight of exploration.
        num_rollouts: playouts whose mean values a leaf.
        options: see `TreeOptions`.

    Raises:
        ValueError: options that do not fit the game.
    """
    evaluate = rollout(game, num_rollouts) if evaluate is None else evaluate
    return by_rule(game, evaluate, num_simulations, rules.uct(exploration), **options)
