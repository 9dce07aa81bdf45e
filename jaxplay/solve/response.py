"""How much a policy gives away in an enumerated game: values, best responses and exploitability."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import CHANCE, Game, num_edges
from jaxplay.solve._build_form import sequence_form
from jaxplay.solve._build_traces import form_of
from jaxplay.solve._exact import Solution, backward, own
from jaxplay.solve._reachable import reachable
from jaxplay.solve._sequence_form import Form
from jaxplay.solve.behaviour import Gaps, checked_table, gaps
from jaxplay.solve.graph import Graph
from jaxplay.solve.tree import GameTree

STATES_AT_ONCE = 1024
"""The number of positions in one call of a policy."""

Policy = Callable[[Any], Array] | np.ndarray
"""`states (B, ...) -> (B, A)` probabilities of actions, or a table of them: `(S, A)` in the order of a graph,
`(I, A)` in that of the information sets of a tree."""
Enumerated = Game[Any] | Graph | Solution
"""A game of perfect information, or a graph or solution of it, which saves the enumeration."""
Arrays = Enumerated | GameTree | Form
"""Any game, or its arrays, which save the enumeration."""


class Exploitability(NamedTuple):
    """What a policy that plays all seats gives away.

    Attributes:
        exploitability: NashConv divided by the number of players. For two players it is what the best
            opponent in a random seat wins more than the policy itself would. Zero at an equilibrium.
        nash_conv: the sum of the players' gains by turning to a best response.
        best_responses: `(P,)`, what each player earns by a best response to the policy of the others.
        values: `(P,)`, what the players earn when all follow the policy.
    """

    exploitability: float
    nash_conv: float
    best_responses: np.ndarray
    values: np.ndarray


def policy_values(game: Enumerated, policy: Policy) -> np.ndarray:
    """`(S, P)` float64: values by player id when all players follow `policy`."""
    graph = graph_of(game)
    table = policy_table(graph, policy)
    return backward(graph, lambda number, q, legal: table[number])


def best_response(game: Enumerated, policy: Policy, player: int) -> np.ndarray:
    """`(S, P)` float64: values by player id when `player` plays best against the policy of the others."""
    graph = graph_of(game)
    table = policy_table(graph, policy)

    def choose(number: np.ndarray, q: np.ndarray, legal: np.ndarray) -> np.ndarray:
        best = np.where(legal, own(graph, number, q), -np.inf).argmax(axis=1)
        greedy = np.arange(legal.shape[1]) == best[:, None]
        return np.where((graph.player[number] == player)[:, None], greedy, table[number])

    return backward(graph, choose)


def exploitability(game: Arrays, policy: Policy) -> Exploitability:
    """Exact exploitability of a policy, as OpenSpiel defines it, for any number of players.

    Args:
        game: the game. One of perfect information is enumerated as a graph of positions, any other as a tree
            of histories, in sequence form, or by its traces where these are too many (`trace_form`).
        policy: the policy, which plays all seats.

    Raises:
        UserError: the game cannot be enumerated, or the policy is no distribution somewhere.
    """
    arrays = arrays_of(game)
    if isinstance(arrays, Form):
        measure = partial(gaps, arrays)
        with jax.enable_x64(True):
            table = jnp.asarray(checked_table(arrays, policy))
            return told((measure if arrays.is_large else jax.jit(measure))(table))
    table = policy_table(arrays, policy)
    values = policy_values(arrays, table)[0]
    num_players = arrays.game.num_players
    best = np.array([best_response(arrays, table, player)[0, player] for player in range(num_players)])
    nash_conv = float((best - values).sum())
    return Exploitability(nash_conv / num_players, nash_conv, best, values)


def told(found: Gaps) -> Exploitability:
    """Compiled figures as plain numbers."""
    best, values = np.asarray(found.best_responses, float), np.asarray(found.values, float)
    return Exploitability(float(found.exploitability), float((best - values).sum()), best, values)


def arrays_of(game: Arrays) -> Graph | Form:
    """A game as arrays, which is enumerated where that has not been done.

    Raises:
        UserError: it cannot be enumerated.
    """
    if isinstance(game, Graph | Solution):
        return graph_of(game)
    if isinstance(game, Form):
        return game
    if isinstance(game, GameTree):
        return sequence_form(game)
    return reachable(game) if game.perfect_information else form_of(game)


def graph_of(game: Enumerated) -> Graph:
    """The positions of a game, which is enumerated where that has not been done."""
    if isinstance(game, Graph):
        return game
    return game.graph if isinstance(game, Solution) else reachable(game)


def policy_table(graph: Graph, policy: Policy) -> np.ndarray:
    """`(S, E)` float64: probabilities of the legal moves of every position, zero for all other moves.

    Raises:
        UserError: the policy gives no weight to any legal action of some position.
    """
    probs = policy if isinstance(policy, np.ndarray) else _ask(graph, policy)
    probs = np.pad(probs, ((0, 0), (0, num_edges(graph.game) - probs.shape[1])))
    probs = np.where(graph.child >= 0, probs, 0).astype(float)
    total = probs.sum(axis=1, keepdims=True)
    asked = (graph.child >= 0).any(axis=1) & (graph.player != CHANCE)
    if not (total[asked] > 0).all():
        raise UserError("the policy gives no weight to any legal action of some position")
    return np.divide(probs, total, out=np.zeros_like(probs), where=total > 0)


def _ask(graph: Graph, policy: Callable[[Any], Array]) -> np.ndarray:
    """`(S, A)`: the policy in all positions, asked in batches of fixed size."""
    ask, parts = jax.jit(policy), []
    for start in range(0, graph.num_states, STATES_AT_ONCE):
        place = np.minimum(np.arange(start, start + STATES_AT_ONCE), graph.num_states - 1)
        parts.append(np.asarray(ask(jax.tree.map(lambda x, i=place: x[i], graph.states))))
    return np.concatenate(parts)[: graph.num_states]
