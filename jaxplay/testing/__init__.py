"""`check_game`: holds any game against the laws of `jaxplay.game`, by random play.

A game's test is one line: `jaxplay.testing.check_game(MyGame())`.
"""

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from jaxplay.game import Game, strip
from jaxplay.testing.alone import check_alone, check_drawings
from jaxplay.testing.law import GameLawError
from jaxplay.testing.moves import check_moves
from jaxplay.testing.play import LANES, replay, timed_play
from jaxplay.testing.types import check_types
from jaxplay.testing.value import check_import, check_notation, check_value

__all__ = ["GameLawError", "Report", "check_game", "replay"]


@dataclass(frozen=True)
class Report:
    """What `check_game` saw of a game that keeps the laws.

    Attributes:
        plies: moves played, chance outcomes among them.
        games: games that came to their end.
        state_bytes: size of one state.
        stripped_bytes: size of one state as trees and replay store it.
        steps_per_second: moves of random play on this machine, 32 games side by side, new games included.
    """

    plies: int
    games: int
    state_bytes: int
    stripped_bytes: int
    steps_per_second: float


def check_game(game: Game[Any], *, num_plies: int = 4096, seed: int = 0, may_be_cut: bool = False) -> Report:
    """Play random games and hold every move against the laws.

    Args:
        game: the game.
        num_plies: moves to play, about.
        seed: another seed plays other games.
        may_be_cut: whether games may outlast `max_plies`: those without a natural end.

    Raises:
        GameLawError: the first law found broken, the moves that lead there, and how to replay them.
    """
    check_value(game)
    first = check_types(game)
    check_notation(game)
    check_import(type(game).__module__)
    moves, steps_per_second = timed_play(game, max(1, num_plies // LANES), seed)
    check_alone(game, moves)
    check_moves(game, moves, may_be_cut)
    check_drawings(game, moves)
    ended = moves.after.terminated
    return Report(ended.size, int(ended.sum()), _bytes(first), _bytes(strip(first)), steps_per_second)


def _bytes(shapes: Any) -> int:
    return sum(int(np.prod(leaf.shape)) * leaf.dtype.itemsize for leaf in jax.tree.leaves(shapes))
