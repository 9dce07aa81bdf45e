"""How a learner that searches plays: the search of its configuration, and the options of self-play."""

from typing import Any

from jaxplay import search
from jaxplay.config import TrainingConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import Evaluate
from jaxplay.game import Game
from jaxplay.learners.base import MakePolicy
from jaxplay.policies import Policy, from_search


def searching(config: TrainingConfig, game: Game[Any]) -> MakePolicy:
    """Policies from `config.search`, with its playout caps and kept trees.

    Raises:
        UserError: the game has hidden information.
    """
    if not game.perfect_information:
        told = f"{config.game} has hidden information, which searches would see"
        raise UserError(f"{told}; allowed instead of {config.learner.kind}: --learner policy_gradient")
    options = config.selfplay

    def make(
        evaluate: Evaluate,
        *,
        opponent: search.Opponent | None = None,
        num_simulations: int | None = None,
        learns: bool = True,
        explores: bool = True,
    ) -> Policy:
        if num_simulations == 0:
            return from_search(game, search.policy(game, evaluate), options)
        capped = learns and options.full_share < 1.0
        most = num_simulations or config.search.num_simulations
        capacity = 0
        if options.keep_nodes > 0:
            most = max(most, options.cheap_simulations) if capped else most
            capacity = options.keep_nodes + search.nodes_of(config.search, most)
        shape: Any = {"capacity": capacity, "opponent": opponent}
        full = search.build_search(
            config.search, game, evaluate, num_simulations=num_simulations, noise=explores, **shape
        )
        if not capped:
            return from_search(game, full, options)
        cheap = search.build_search(
            config.search, game, evaluate, num_simulations=options.cheap_simulations, noise=False, **shape
        )
        return from_search(game, full, options, cheap=cheap)

    return make
