"""Who sits where in a match, and what a match came to."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from jaxplay.arena.result import ArenaResult
from jaxplay.errors import UserError
from jaxplay.game import Game
from jaxplay.rollout.seats import Results, rotations
from jaxplay.rollout.sides import side_of_seats


def find_seats(game: Game[Any], num_entrants: int, num_games: int) -> np.ndarray:
    """`(N, P)` int32: who sits where in a match; see `jaxplay.rollout.seats.rotations`.

    Raises:
        UserError: the wrong number of players for the game, or of games.
    """
    sides = side_of_seats(game)
    num_sides = int(sides.max()) + 1
    if num_entrants not in (num_sides, game.num_players):
        teams = f" in {num_sides} teams" if num_sides < game.num_players else ""
        raise UserError(f"this game has {game.num_players} players{teams}, {num_entrants} given")
    if num_games < 1 or num_games % num_entrants:
        raise UserError(f"num_games {num_games} is not a positive multiple of {num_entrants}")
    if num_entrants == game.num_players:
        sides = np.arange(num_entrants, dtype=np.int32)
    return rotations(sides, num_entrants, num_games)


def as_result(
    game: Game[Any], names: Sequence[str], seats: np.ndarray, parts: Sequence[Results]
) -> ArenaResult:
    """The result of a match of games in `seats` `(N, P)`, which were played in `parts`."""
    returns = np.concatenate([part.returns for part in parts])
    plies, cut = (np.concatenate(ends) for ends in zip(*((p.plies, p.truncated) for p in parts), strict=True))
    return ArenaResult(tuple(names), side_of_seats(game), seats, returns, plies, cut)
