"""`check_game`: holds any game against the laws of `jaxplay.game`, by random play.

A game's test is one line: `jaxplay.testing.check_game(MyGame())`. Of small games of hidden information every
history is looked at. An error says which law is broken, and by which moves: `replay` leads there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from jaxplay.game import Game, strip
from jaxplay.testing.alone import check_alone, check_names, check_pictures
from jaxplay.testing.knowledge import check_knowledge
from jaxplay.testing.law import GameLawError
from jaxplay.testing.moves import check_ends, check_moves
from jaxplay.testing.play import LANES, replay, timed_play
from jaxplay.testing.statistics import Statistics, find_oddities, measure, tell_game
from jaxplay.testing.twins import check_twins
from jaxplay.testing.types import check_types
from jaxplay.testing.value import check_import, check_notation, check_value

__all__ = ["GameLawError", "Report", "Statistics", "check_game", "replay"]


@dataclass(frozen=True)
class Report:
    """What `check_game` saw of a game that keeps the laws.

    Attributes:
        plies: Moves played, chance outcomes among them.
        games: Games that came to their end; where none did in so many plies, the first that did.
        state_bytes: Size of one state.
        stripped_bytes: Size of one state as trees and replay store it.
        steps_per_second: Moves of random play on this machine, 32 games side by side, new games included.
        histories: Histories of the game, where information is hidden and they are few enough to be listed.
        information_states: Information states that were seen, where information is hidden.
        seen: How long and wide random games were, and who won; None where none came to its end in time.
        oddities: What breaks no law and may be a mistake all the same, a sentence each.
        example: A game in words, for its author to see whether the right player won; empty without one.
    """

    plies: int
    games: int
    state_bytes: int
    stripped_bytes: int
    steps_per_second: float
    histories: int | None = None
    information_states: int | None = None
    seen: Statistics | None = None
    oddities: tuple[str, ...] = ()
    example: str = ""


def check_game(
    game: Game[Any],
    *,
    num_plies: int = 4096,
    seed: int = 0,
    may_be_cut: bool = False,
    may_forget: bool = False,
    tell: Callable[[str], Any] = lambda text: None,
) -> Report:
    """Play random games and hold every move against the laws.

    Args:
        game: The game.
        num_plies: Moves to play, about.
        seed: Another seed plays other games.
        may_be_cut: Whether games may outlast `max_plies`: those without a natural end. Of all others one is
            played to its end, however long that takes.
        may_forget: Whether observations of hidden information may be less than information states (law 9).
        tell: A function that is given a few words about each part of the check before it begins.

    Raises:
        GameLawError: the first law found broken, the moves that lead there, and how to replay them.
    """
    tell("value, types and notation")
    check_value(game)
    first = check_types(game)
    check_notation(game)
    check_import(type(game).__module__)
    tell("playing random moves")
    moves, steps_per_second = timed_play(game, max(1, num_plies // LANES), seed)
    tell("each move alone and in a batch (law 2)")
    check_alone(game, moves)
    tell("positions, moves and symmetries (laws 1 to 6, and 8)")
    check_moves(game, moves, may_be_cut)
    tell("ends of games (law 7)")
    games = int(moves.after.terminated.sum()) if may_be_cut else check_ends(game, moves, seed)
    tell("names of moves, and pictures (law 10)")
    check_names(game, moves)
    check_pictures(game, moves)
    tell("what players know (law 9)")
    hidden = not may_forget and not game.perfect_information
    known = check_knowledge(game, moves) if hidden else (None, None)
    dealt = game.perfect_information and game.num_players > 1 and game.num_chance_outcomes > 0
    odd = check_twins(game, moves) if hidden or dealt else []
    seen = measure(game, moves)
    return Report(
        moves.action.size,
        games,
        _bytes(first),
        _bytes(strip(first)),
        steps_per_second,
        *known,
        seen,
        (*odd, *find_oddities(game, moves, seen)),
        tell_game(game, moves),
    )


def _bytes(shapes: Any) -> int:
    return sum(int(np.prod(leaf.shape)) * leaf.dtype.itemsize for leaf in jax.tree.leaves(shapes))
