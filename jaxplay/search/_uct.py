"""UCT with random playouts (Kocsis and Szepesvári 2006), the baseline that needs no network."""

import math
from typing import Any, Unpack

from jaxplay.evaluator import Evaluate, rollout
from jaxplay.game import Game
from jaxplay.search import rules
from jaxplay.search._output import Search
from jaxplay.search._simulator import TreeOptions
from jaxplay.search._tree_search import tree_search


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
        num_simulations: the most simulations of a call.
        evaluate: values of leaves; None: random playouts. Its priors say which edges are kept (`max_edges`)
            and which action is played where nothing was visited, and are not used otherwise.
        exploration: weight of exploration.
        num_rollouts: playouts whose mean values a leaf.
        options: see `TreeOptions`.

    Raises:
        UserError: options that do not fit the game.
    """
    evaluate = rollout(game, num_rollouts) if evaluate is None else evaluate
    return tree_search(game, evaluate, num_simulations, rules.uct(exploration), **options)
