"""Players that need no training, whose strength stays what it is: what ratings are anchored on."""

from functools import cache
from typing import Any, Unpack

import jax
from jax import Array

from jaxplay.arena.entrants import Player
from jaxplay.errors import UserError
from jaxplay.evaluator import rollout
from jaxplay.game import Game, random_action
from jaxplay.rollout.seats import Act
from jaxplay.search import Search, TreeOptions, puct

MCTS_C_INIT = 4.0
"""Exploration where priors are equal. Connect Four, 100 simulations, share of outcomes kept on
`jaxplay.arena.outcomes` with 1, 2, 4 and 8: 0.69, 0.75, 0.78, 0.76."""


def random_player() -> Player:
    """Plays legal actions, each as likely as the others."""
    return Player("random", _random_act)


def mcts_player(game: Game[Any], num_simulations: int) -> Player:
    """Tree search whose leaves are valued by one random game each.

    Raises:
        UserError: see `mcts`.
    """
    return Player(f"mcts:{num_simulations}", _mcts_act(game, num_simulations))


@cache
def mcts(game: Game[Any], num_simulations: int, **options: Unpack[TreeOptions]) -> Search:
    """The search of `mcts_player`. The same arguments give the same function, so it compiles once.

    Raises:
        UserError: the game has hidden information, which the search would see.
    """
    if not game.perfect_information:
        raise UserError("mcts needs a game of perfect information: it would see what is hidden")
    return puct(game, rollout(game), num_simulations, c_init=MCTS_C_INIT, **options)


def _random_act(params: None, key: Array, states: Any) -> Array:
    keys = jax.random.split(key, states.terminated.shape[0])
    return jax.vmap(random_action)(states.legal_action_mask, keys)


@cache
def _mcts_act(game: Game[Any], num_simulations: int) -> Act:
    search = mcts(game, num_simulations)
    return lambda params, key, states: search(params, key, states).action
