"""How a policy-gradient learner plays: it samples from its policy, and does not search."""

from typing import Any

from jax import Array

from jaxplay.config import SelfPlayConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import Evaluate, Params
from jaxplay.game import Game
from jaxplay.learners.base import MakePolicy
from jaxplay.policies import Decision, Memory, Policy, from_evaluate
from jaxplay.search import Opponent

SEARCHING = {"full_share": 1.0, "keep_nodes": 0, "surprise_share": 0.0, "resign_value": -1.0}
"""Options of self-play that are for searches, and what they are without."""


def check_selfplay(options: SelfPlayConfig) -> None:
    """Refuse options that would change what is sampled, or mean nothing.

    Raises:
        UserError: one is set.
    """
    for name, off in SEARCHING.items():
        if getattr(options, name) != off:
            allowed = f"allowed for a learner by policy gradients: {off}"
            raise UserError(f"selfplay.{name} is {getattr(options, name)!r}; {allowed}")


def playing(game: Game[Any]) -> MakePolicy:
    """Policies of `game` that sample what an evaluator says."""

    def make(
        evaluate: Evaluate,
        *,
        opponent: Opponent | None = None,
        num_simulations: int | None = None,
        learns: bool = True,
        explores: bool = True,
    ) -> Policy:
        if num_simulations:
            raise UserError(f"a policy of {num_simulations} simulations; allowed for policy gradients: 0")
        policy = from_evaluate(game, evaluate)
        return policy if opponent is None else _own(policy)

    return make


def _own(policy: Policy) -> Policy:
    """`policy` by its own part of `jaxplay.search.SearchParams`: it reads nothing of the opponent."""

    def act(params: Params, key: Array, states: Any, ply: Array, memory: Memory) -> tuple[Decision, Memory]:
        return policy.act(params.own, key, states, ply, memory)

    return Policy(act)
