"""Every line of play against a fixed agent: a proof, not a sample, that it does not lose."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import Game, num_edges
from jaxplay.solve._reachable import MAX_STATES, reachable
from jaxplay.solve.graph import Graph


class Lines(NamedTuple):
    """All games in which an agent meets every legal move of its opponent (and every outcome of chance).

    Attributes:
        won: the number of games that the agent wins.
        drawn: the number of games in which both earn the same.
        lost: the number of games that the agent loses.
        num_states: the number of positions that occur in them.
    """

    won: int
    drawn: int
    lost: int
    num_states: int


def every_line(
    game: Game[Any],
    act: Callable[[Any, Array, Any], Array],
    params: Any = None,
    *,
    key: Array,
    max_states: int = MAX_STATES,
) -> tuple[Lines, Lines]:
    """Play an agent against every line of play, from each seat.

    The agent is asked once about each position that it can meet, so it plays the same there in every
    line, even if it uses its key.

    Args:
        game: a game for two players, of perfect information, with rewards at the end only.
        act: the agent, as the arena takes it: `(params, key, states (B, ...)) -> (B,) int32`.
        params: the agent's parameters.
        key: the random key of the agent's choices.
        max_states: the largest number of positions to enumerate from one seat.

    Returns:
        The lines with the agent in seat 0, and in seat 1.

    Raises:
        UserError: the game is of another kind, or the agent chose an illegal action.
    """
    if game.num_players != 2:
        raise UserError(f"lines of play are counted for two players; this game has {game.num_players}")

    def follow(given: tuple[Any, Array, int], states: Any) -> Array:
        params, key, seat = given
        chosen = jnp.arange(num_edges(game))[None] == act(params, key, states)[:, None]
        return chosen | (states.current_player != seat)[:, None]

    first, second = (
        _count(reachable(game, max_states=max_states, follow=follow, params=(params, key, seat)), seat)
        for seat in (0, 1)
    )
    return first, second


def _count(graph: Graph, seat: int) -> Lines:
    """Count the lines of a graph in which the player in `seat` has one move everywhere."""
    if not graph.states.terminated[graph.levels[0]].all():
        raise UserError("the agent chose an illegal action")
    gain = graph.rewards[..., seat] - graph.rewards[..., 1 - seat]
    parent, edge = np.nonzero(graph.child >= 0)
    ends = graph.states.terminated[graph.child[parent, edge]]
    if gain[parent, edge][~ends].any():
        raise UserError("lines of play are counted only where all rewards come at the end")
    count = _ways(graph)[parent]
    won, drawn, lost = (int(count[ends & (np.sign(gain[parent, edge]) == sign)].sum()) for sign in (1, 0, -1))
    return Lines(won, drawn, lost, graph.num_states)


def _ways(graph: Graph) -> np.ndarray:
    """`(S,)` float64: the number of lines from the first position to each."""
    ways = np.zeros(graph.num_states)
    ways[0] = 1
    for level in reversed(graph.levels):
        parent, edge = np.nonzero(graph.child[level] >= 0)
        np.add.at(ways, graph.child[level][parent, edge], ways[level][parent])
    return ways
