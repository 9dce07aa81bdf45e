"""What a search finds, move by move, as protocols tell it."""

from typing import Any, NamedTuple

import jax
import numpy as np

from jaxplay.agent import Agent
from jaxplay.game import Game
from jaxplay.search import SearchOutput, variations


class MoveInfo(NamedTuple):
    """A move that a search has looked at.

    Attributes:
        action: its number.
        name: in the game's notation.
        visits: simulations that began with it.
        value: what the mover can expect from it, -1 to 1.
        prior: how likely the agent found it before the search, 0 to 1.
        line: the names of the moves that are expected, itself first.
    """

    action: int
    name: str
    visits: int
    value: float
    prior: float
    line: list[str]


class Findings(NamedTuple):
    """What a search says of one position.

    Attributes:
        moves: those that were visited, the one to play first, then by visits.
        value: what the mover can expect, -1 to 1.
        visits: simulations in all.
    """

    moves: list[MoveInfo]
    value: float
    visits: int


def findings(game: Game[Any], state: Any, found: SearchOutput, element: int = 0) -> Findings:
    """What a search found of one position of a batch; lines of play where its tree is at hand."""
    lines = variations(game, found, element) if found.tree is not None else {}
    bare = jax.device_get((found.action, found.visits, found.q, found.prior, found.value))
    action, visits, q, prior, value = (leaf[element] for leaf in bare)
    order = sorted(np.flatnonzero(visits), key=lambda a: (a != action, -visits[a], -prior[a]))
    moves = [
        MoveInfo(
            int(a),
            (name := game.move_to_string(state, int(a))),
            int(visits[a]),
            float(q[a]),
            float(prior[a]),
            lines.get(int(a), [name]),
        )
        for a in order
    ]
    return Findings(moves, float(np.ravel(value)[0]), int(visits.sum()))


def search_one(agent: Agent, state: Any, key: Any, num_simulations: int | None = None) -> Findings:
    """What an agent's search finds of one state."""
    batch = jax.tree.map(lambda leaf: leaf[None], state)
    return findings(agent.game, state, agent.search(batch, key, num_simulations=num_simulations))
