"""Exact play: the value of every position, from the ends of the game backwards.

Each player maximizes its own return (max^n, Luckhardt and Irani 1986), which in a two-player zero-sum
game is minimax; chance is averaged. Rewards count when they are earned and who moves is read from the
position, so double moves and rewards on the way need no care.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from jaxplay.game import CHANCE, Game
from jaxplay.solve._reachable import MAX_STATES, reachable
from jaxplay.solve.graph import Graph

TOLERANCE = 1e-6
"""Action values that differ by less count as equal, because rewards are float32."""

Choose = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""`(numbers (n,), q (n, E, P), legal (n, E)) -> (n, E)`: probabilities of the moves of decision nodes."""


@dataclass(frozen=True)
class Solution:
    """Exact play in S positions, numbered as in `graph`.

    Attributes:
        graph: the positions and their moves.
        values: `(S, P)` float64, the returns of the rest of the game by player id; zero at an end.
        action_values: `(S, A)` float64, the mover's return of the rest of the game; -inf for illegal
            actions.
        optimal: `(S, A)` bool, the actions of the greatest value.
        fastest: `(S, A)` bool, those of `optimal` that end the game soonest if the value is above zero, and
            latest if it is not.
        distance: `(S,)` float64, the number of moves to the end, chance outcomes included, if all players
            play `fastest`; with chance it is an expectation.
    """

    graph: Graph
    values: np.ndarray
    action_values: np.ndarray
    optimal: np.ndarray
    fastest: np.ndarray
    distance: np.ndarray

    def index(self, states: Any) -> Any:
        """`(B,)` int32: the numbers of `states`, -1 where they cannot be reached. Also under `jax.jit`."""
        return self.graph.table.index(states)


def solve(game: Game[Any], *, max_states: int = MAX_STATES) -> Solution:
    """Solve a game of perfect information by enumerating it.

    Ties in a game of more than two players go to the lowest action.

    Args:
        game: a game of perfect information, with or without chance, for any number of players.
        max_states: the largest number of positions to enumerate.

    Raises:
        UserError: the game hides information, is too large or lets positions repeat.
    """
    graph = reachable(game, max_states=max_states)
    values = backward(graph, lambda number, q, legal: _first(_best(own(graph, number, q), legal)))
    every = np.arange(graph.num_states)
    q = np.full(graph.child.shape, -np.inf)
    for level in graph.levels[1:]:
        q[level] = own(graph, level, action_values(graph, level, values))
    legal = (graph.child >= 0) & (graph.player != CHANCE)[:, None]
    optimal = _best(q, legal)
    fastest, distance = _distances(graph, optimal, values[every, graph.player] > TOLERANCE)
    q = np.where(legal, q, -np.inf)
    q, optimal, fastest = (x[:, : game.num_actions] for x in (q, optimal, fastest))
    return Solution(graph, values, q, optimal, fastest, distance)


def backward(graph: Graph, choose: Choose) -> np.ndarray:
    """`(S, P)` float64: values by player id when decisions are taken by `choose`."""
    values = np.zeros((graph.num_states, graph.game.num_players))
    for level in graph.levels[1:]:
        q = action_values(graph, level, values)
        weights = choose(level, q, graph.child[level] >= 0)
        if graph.probs is not None:
            chance = graph.player[level] == CHANCE
            weights = np.where(chance[:, None], graph.probs[level], weights)
        values[level] = np.einsum("ne,nep->np", weights, np.where(weights[..., None] > 0, q, 0))
    return values


def action_values(graph: Graph, number: np.ndarray, values: np.ndarray) -> np.ndarray:
    """`(n, E, P)` float64: what each move earns at once and afterwards; meaningless for illegal moves."""
    return graph.rewards[number] + values[graph.child[number]]


def own(graph: Graph, number: np.ndarray, q: np.ndarray) -> np.ndarray:
    """`(n, E)`: the mover's part of `q`, `(n, E, P)`."""
    return np.take_along_axis(q, graph.player[number][:, None, None], axis=2)[..., 0]


def _best(q: np.ndarray, legal: np.ndarray) -> np.ndarray:
    """`(n, E)` bool: the legal moves of the greatest value."""
    q = np.where(legal, q, -np.inf)
    return legal & (q >= q.max(axis=1, keepdims=True) - TOLERANCE)


def _first(moves: np.ndarray) -> np.ndarray:
    """`(n, E)`: probability one for the first of `moves`."""
    return (moves & (np.cumsum(moves, axis=1) == 1)).astype(float)


def _distances(graph: Graph, optimal: np.ndarray, winning: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The optimal moves that hurry or delay, `(S, E)` bool, and the number of moves to the end, `(S,)`."""
    distance, chosen = np.zeros(graph.num_states), np.zeros_like(optimal)
    for level in graph.levels[1:]:
        after = 1 + distance[graph.child[level]]
        chosen[level] = _best(np.where(winning[level, None], -after, after), optimal[level])
        weights = _first(chosen[level])
        if graph.probs is not None:
            weights = weights + graph.probs[level]
        distance[level] = (weights * after).sum(axis=1)
    return chosen, distance
