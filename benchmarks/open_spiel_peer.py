"""OpenSpiel's tree search as a player of matches on the host."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from jax import Array

from jaxplay.arena.host import HostPlayer
from jaxplay.errors import UserError

UCT_C = 2.0
"""Exploration constant in OpenSpiel's examples of this bot."""
MEMORY_MB = 1000
"""Most memory of a tree."""


def mcts_bot(
    game_name: str,
    num_simulations: int = 1000,
    *,
    num_rollouts: int = 1,
    seed: int = 0,
    to_open_spiel: Callable[[int], int] = int,
) -> HostPlayer:
    """OpenSpiel's C++ MCTS with random rollouts and solved subtrees.

    Its position is made by replaying the game from the start, so its rules must be those of the game
    that is played.

    Args:
        game_name: as OpenSpiel calls the game, with parameters if any.
        num_simulations: of each move.
        num_rollouts: random games a simulation.
        seed: of the bot, which keeps its own generator: its moves depend on all that it was asked.
        to_open_spiel: from our action (or chance outcome) to OpenSpiel's; one to one.

    Raises:
        UserError: OpenSpiel is not installed.
    """
    game, bot = _game_and_bot(game_name, num_simulations, num_rollouts, seed)

    def act(state: Any, history: tuple[int, ...], key: Array) -> int:
        theirs = game.new_initial_state()
        for action in history:
            theirs.apply_action(to_open_spiel(action))
        chosen = bot.step(theirs)
        return next(
            action for action in range(game.num_distinct_actions()) if to_open_spiel(action) == chosen
        )

    return HostPlayer(f"open_spiel_mcts:{num_simulations}", act)


def searched_alone(game_name: str, num_simulations: int) -> Callable[[], int]:
    """A search of the first position, from nothing at each call.

    Raises:
        UserError: OpenSpiel is not installed.
    """
    game, bot = _game_and_bot(game_name, num_simulations, 1, 0)
    state = game.new_initial_state()
    return lambda: bot.step(state)


def _game_and_bot(game_name: str, num_simulations: int, num_rollouts: int, seed: int) -> tuple[Any, Any]:
    pyspiel = _pyspiel()
    game = pyspiel.load_game(game_name)
    evaluator = pyspiel.RandomRolloutEvaluator(num_rollouts, seed)
    return game, pyspiel.MCTSBot(game, evaluator, UCT_C, num_simulations, MEMORY_MB, True, seed, False)


def _pyspiel() -> Any:
    try:
        return import_module("pyspiel")
    except ImportError as error:
        raise UserError("OpenSpiel is not installed: pip install 'jaxplay[peers]'") from error
