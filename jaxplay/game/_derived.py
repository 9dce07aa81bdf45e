"""What follows from the fields of a game and of its states."""

from typing import Any

from jaxplay.game._protocol import Game, S
from jaxplay.struct import replace


def num_edges(game: Game[Any]) -> int:
    """`max(A, O)`: the length of `legal_action_mask`."""
    return max(game.num_actions, game.num_chance_outcomes)


def value_scale(game: Game[Any]) -> float:
    """Returns divided by this lie in [-1, 1]: the scale of every value in networks and trees."""
    return max(abs(game.min_return), abs(game.max_return))


def scalar_value(game: Game[Any]) -> bool:
    """Whether one number values a position: two-player zero-sum and one-player games."""
    return game.num_players == 1 or (game.num_players == 2 and game.zero_sum)


def strip(state: S) -> S:
    """`state` without mask and rewards (both None), as trees and replay store it (law 5)."""
    return replace(state, legal_action_mask=None, rewards=None)  # pyright: ignore[reportArgumentType]
