"""What a player thinks of a position, as JSON: moves by worth, the expected line, the search tree."""

from typing import Any

import numpy as np

from jaxplay.errors import UserError
from jaxplay.play.explain import meaning
from jaxplay.search import principal_variation, walk
from jaxplay.serve.tables import Table
from jaxplay.serve.thinking import Thought

MOST_MOVES = 40
"""Moves that are told, the best."""
MOST_NODES = 150
DEPTH = 5
"""Of the tree that is told."""
MOST_VALUED = 128
"""Positions of a game that are valued in one request."""
LINE = 12
"""Moves of the expected line."""


def check(table: Table, ply: int) -> None:
    """Refuse to analyse a position.

    Raises:
        UserError: nobody can, or it would show what is hidden.
    """
    if not table.is_open and (table.seat is None or not table.person_moves or ply != table.plies):
        raise UserError("where information is hidden, only your own decision can be analysed")
    if not table.is_open and table.opponent.agent is not None and table.opponent.agent.programs.searches:
        raise UserError("a search sees what is hidden, so that it has no analysis here")
    if table.opponent.agent is None:
        raise UserError(f"{table.opponent.player.name} plays without thinking: it has no analysis")
    state = table.state_at(ply)
    if bool(state.terminated) or int(state.current_player) < 0:
        raise UserError("nobody is to move in this position")


def told(table: Table, ply: int, thought: Thought) -> dict[str, Any]:
    """The analysis of position number `ply`.

    Fields of `moves` are those of KataGo's analysis JSON: `move`, `visits`, `winrate` (0 to 1, for the player
    to move), `prior`, `order`.
    """
    game, state = table.offer.game, table.state_at(ply)
    player, path = int(state.current_player), table.offer.board.path
    weights, own = thought.weights, thought.value if player == 0 or thought.value is None else -thought.value
    order = [
        int(action) for action in np.argsort(-weights, kind="stable")[:MOST_MOVES] if weights[action] > 0
    ]
    order.sort(key=lambda action: action != thought.action and thought.visits is not None)
    moves = [
        {
            "order": rank,
            "action": action,
            "move": game.move_to_string(state, action),
            "path": path(state, action),
            "weight": float(weights[action]),
            "visits": None if thought.visits is None else int(thought.visits[action]),
            "winrate": None if thought.q is None else _chance(table, float(thought.q[action])),
            "prior": None if thought.prior is None else float(thought.prior[action]),
        }
        for rank, action in enumerate(order)
    ]
    return {
        "ply": ply,
        "player": player,
        "winrate": None if own is None else _chance(table, own),
        "word": "" if own is None or not is_contest(table) else meaning(own),
        "visits": None if thought.visits is None else int(thought.visits.sum()),
        "moves": moves,
        "line": [] if thought.tree is None else principal_variation(game, thought.tree)[:LINE],
        "tree": [] if thought.tree is None else _tree(table, thought),
    }


def is_contest(table: Table) -> bool:
    """Whether two players win, draw or lose."""
    return table.offer.game.num_players == 2 and table.offer.game.zero_sum


def _chance(table: Table, value: float) -> float:
    """A value from -1 to 1 as a chance of winning from 0 to 1, in which a draw is half a win."""
    return min(max((value + 1) / 2, 0.0), 1.0) if is_contest(table) else value


def _tree(table: Table, thought: Thought) -> list[dict[str, Any]]:
    """The most visited nodes of a tree, depth first."""
    assert thought.tree is not None
    nodes = list(walk(table.offer.game, thought.tree, max_depth=DEPTH))
    least = sorted((node.visits for node in nodes), reverse=True)[:MOST_NODES][-1]
    return [
        {
            "depth": node.depth,
            "move": node.action,
            "visits": node.visits,
            "winrate": _chance(table, node.q),
            "player": node.player,
            "over": node.terminated,
        }
        for node in nodes
        if node.visits >= max(least, 2) or node.depth == 1
    ][: 2 * MOST_NODES]


def chances(table: Table) -> list[float | None]:
    """The chance that player 0 wins at each position, as far as it is known."""
    contest = is_contest(table)
    values = [table.values.get(ply) for ply in range(table.plies + 1)]
    if table.episode.over and contest:
        values[-1] = float(np.sign(table.episode.returns[0]))
    return [None if value is None else _chance(table, value) for value in values]


def unknown(table: Table) -> list[int]:
    """The decisions whose values are not known yet, the last `MOST_VALUED` of them."""
    states = [table.state_at(ply) for ply in range(table.plies + 1)]
    return [
        ply
        for ply, state in enumerate(states)
        if ply not in table.values and int(state.current_player) >= 0 and not bool(state.terminated)
    ][-MOST_VALUED:]
