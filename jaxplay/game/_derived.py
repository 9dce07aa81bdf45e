"""What follows from the fields of a game and of its states."""

from typing import Any

from jaxplay.game._protocol import Game, S
from jaxplay.struct import replace


def num_edges(game: Game[Any]) -> int:
    """`max(A, O)`: the length of `legal_action_mask`."""
    return max(game.num_actions, game.num_chance_outcomes)


def value_scale(game: Game[Any]) -> float:
    """The scale of every value in networks and trees: returns divided by this lie in [-1, 1].

    A game whose bounds hardly anybody comes near says a `usual_return` instead, so that its values are told
    apart; then networks take greater returns for this one.
    """
    return abs(float(getattr(game, "usual_return", 0.0))) or max(abs(game.min_return), abs(game.max_return))


def scalar_value(game: Game[Any]) -> bool:
    """Whether one number values a position: two-player zero-sum and one-player games."""
    return game.num_players == 1 or (game.num_players == 2 and game.zero_sum)


def strip(state: S) -> S:
    """`state` without mask and rewards (both None), as trees and replay store it (law 5)."""
    return replace(state, legal_action_mask=None, rewards=None)  # pyright: ignore[reportArgumentType]
