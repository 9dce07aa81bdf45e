"""How much a mixture of policies gives away, where its player samples one of them before each game.

Such a player is not the policy that plays each position by the mean of its members: a responder sees the
moves, and so how likely each member is. What the responder knows is the whole history. So a best response is
found on the tree of histories, from its ends, with the weight of each history under each member.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from jaxplay.game import CHANCE
from jaxplay.solve._histories import MAX_HISTORIES, Ply, histories
from jaxplay.solve._sequence_form import Form
from jaxplay.solve.behaviour import checked_table, gaps_of_plans, mixture, weights_of
from jaxplay.solve.graph import Graph
from jaxplay.solve.response import (
    Arrays,
    Enumerated,
    Exploitability,
    Policy,
    arrays_of,
    graph_of,
    policy_table,
    told,
)


@dataclass(frozen=True)
class Tree:
    """The histories of a game, to measure many mixtures.

    Attributes:
        graph: the positions.
        plies: the histories.
    """

    graph: Graph
    plies: list[Ply]


def tree_of(game: Enumerated, *, max_histories: int = MAX_HISTORIES) -> Tree:
    """The histories of a game.

    Args:
        game: a game of perfect information.
        max_histories: the largest number of histories to keep.

    Raises:
        UserError: the game cannot be enumerated, or has too many histories.
    """
    graph = graph_of(game)
    return Tree(graph, histories(graph, max_histories=max_histories))


def mixture_exploitability(
    game: Arrays | Tree, policies: Sequence[Policy], weights: Sequence[float] | np.ndarray
) -> Exploitability:
    """Exact exploitability of a mixture over M policies, each of which plays whole games.

    Every player samples a policy of its own. A best response knows the policies, the weights and the moves
    made, but not what was sampled. With one policy this is `exploitability`.

    Args:
        game: any game; a `Tree` of one of perfect information, or a `SequenceForm` of any other, saves the
            enumeration.
        policies: the M policies, see `jaxplay.solve.exploitability`.
        weights: `(M,)` numbers of at least 0, of any positive sum.

    Raises:
        ValueError: the weights do not fit.
        UserError: see `tree_of`.
    """
    share = weights_of(policies, weights)
    kept = share > 0
    members = [policy for policy, keep in zip(policies, kept, strict=True) if keep]
    arrays = game if isinstance(game, Tree) else arrays_of(game)
    if isinstance(arrays, Form):
        return _in_sequence_form(arrays, members, share[kept])
    tree = arrays if isinstance(arrays, Tree) else tree_of(arrays)
    tables = [policy_table(tree.graph, policy) for policy in members]
    reach = _reach(tree, np.stack(tables, axis=-1), share[kept])
    num_players = tree.graph.game.num_players
    values = np.array([_value(tree, reach, player, best=False) for player in range(num_players)])
    best = np.array([_value(tree, reach, player, best=True) for player in range(num_players)])
    nash_conv = float((best - values).sum())
    return Exploitability(nash_conv / num_players, nash_conv, best, values)


def _in_sequence_form(form: Form, policies: Sequence[Policy], weights: np.ndarray) -> Exploitability:
    tables = np.stack([checked_table(form, policy) for policy in policies])
    with jax.enable_x64(True):
        return told(gaps_of_plans(form, mixture(form, jnp.asarray(tables), jnp.asarray(weights))))


def _reach(tree: Tree, tables: np.ndarray, weights: np.ndarray) -> list[np.ndarray]:
    """`(n, P + 1)` for each ply: probabilities that each player makes its moves of a history, and chance its.

    Args:
        tree: the histories of the game.
        tables: `(S, E, M)`, each member's probabilities of moves.
        weights: `(M,)`, the weights of the members.
    """
    graph, num_players = tree.graph, tree.graph.game.num_players
    member = np.broadcast_to(weights, (1, num_players, len(weights)))
    reach = [np.ones((1, num_players + 1))]
    for before, ply in zip(tree.plies, tree.plies[1:], strict=False):
        at = before.state[ply.parent]
        mover = graph.player[at]
        member = member[ply.parent]
        chosen = np.flatnonzero(mover != CHANCE)
        member[chosen, mover[chosen]] *= tables[at[chosen], ply.edge[chosen]]
        luck = reach[-1][ply.parent, -1]
        if graph.probs is not None:
            luck = luck * np.where(mover == CHANCE, graph.probs[at, ply.edge], 1.0)
        reach.append(np.concatenate([member.sum(-1), luck[:, None]], axis=1))
    return reach


def _value(tree: Tree, reach: list[np.ndarray], player: int, *, best: bool) -> float:
    """What `player` earns by its own mixture, or by a best response, against the mixtures of the others.

    Values of histories are weighted by the probabilities of all that `player` does not decide (of everything,
    if it follows the mixture). The values of moves are then added up, except where `player` chooses the best.
    """
    graph, below = tree.graph, np.zeros(len(tree.plies[-1].state))
    for depth in range(len(tree.plies) - 1, 0, -1):
        ply, before = tree.plies[depth], tree.plies[depth - 1]
        others = np.delete(reach[depth], player, axis=1) if best else reach[depth]
        at = before.state[ply.parent]
        below = below + others.prod(axis=1) * graph.rewards[at, ply.edge, player]
        below = _gather(ply, below, (graph.player[before.state] == player) & best)
    return float(below[0])


def _gather(ply: Ply, values: np.ndarray, chooses: np.ndarray) -> np.ndarray:
    """`(m,)`: for each of m histories the sum of its continuations, or the greatest where it `chooses`."""
    first = np.flatnonzero(np.diff(ply.parent, prepend=-1))
    parent = ply.parent[first]
    total, most = np.add.reduceat(values, first), np.maximum.reduceat(values, first)
    gathered = np.zeros(len(chooses))
    gathered[parent] = np.where(chooses[parent], most, total)
    return gathered
