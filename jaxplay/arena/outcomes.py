"""Strength in Connect Four against exact play: how often a player keeps the outcome of a position.

The data: 750 positions after 10 to 26 random moves, each with the exact score of every column for the
player to move: 0 draws, a positive score wins and a negative one loses, the larger in size the sooner.
A move keeps the outcome if it wins a won position, or at least draws a drawn one. In none of the
positions do all legal moves come to the same.
"""

import csv
import math
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.rollout.seats import Act

FULL = -99
"""What the data says of a full column."""


class Positions(NamedTuple):
    """N positions and what comes of each move."""

    states: Any
    """`(N, ...)`: the player to move is the one the outcomes are for."""
    outcome: np.ndarray
    """`(N, 7)` int: 1 where the column wins, 0 where it draws, -1 where it loses or is full."""
    legal: np.ndarray
    """`(N, 7)` bool: columns with room."""


class Kept(NamedTuple):
    """Shares of positions in which the chosen move kept the outcome."""

    share: float
    """Of all positions."""
    won: float
    """Of positions that perfect play wins; nan if there are none."""
    drawn: float
    """Of positions that perfect play draws; nan if there are none."""
    lost: float
    """Of positions that perfect play loses (where every move keeps the outcome); nan if there are none."""
    num_positions: tuple[int, int, int]
    """Won, drawn, lost."""
    num_indifferent: int
    """Positions where every legal move has the same outcome."""


@cache
def load_positions() -> Positions:
    """The positions that are part of the package, replayed on the game; always the same object."""
    rows = _rows()
    score = np.array([[int(row[f"c{column}"]) for column in range(7)] for row in rows])
    legal = score != FULL
    return Positions(_replay(moves()), np.where(legal, np.sign(score), -1), legal)


def moves() -> np.ndarray:
    """The columns that lead to each position, `(N, L)` int32, with -1 behind the last."""
    lines = [row["moves"] for row in _rows()]
    length = max(map(len, lines))
    return np.array([[int(c) for c in line] + [-1] * (length - len(line)) for line in lines], np.int32)


@cache
def _rows() -> list[dict[str, str]]:
    with files("jaxplay.arena").joinpath("data/connect_four_exact.csv").open() as file:
        return list(csv.DictReader(file))


def _replay(moves: np.ndarray) -> Any:
    """States after `moves`, `(N, ...)`."""
    game = make("connect_four")

    def ply(state: Any, move: Array) -> tuple[Any, None]:
        after = game.step(state, move)
        return jax.tree.map(lambda a, b: jnp.where(move < 0, a, b), state, after), None

    start = game.init(jax.random.key(0))
    return jax.jit(jax.vmap(lambda line: jax.lax.scan(ply, start, line)[0]))(moves)


def outcome_kept(actions: np.ndarray, positions: Positions) -> Kept:
    """How often `actions`, `(N,)` int, keep the outcome of `positions`.

    Raises:
        UserError: an action is not legal.
    """
    rows = np.arange(len(positions.outcome))
    if not positions.legal[rows, actions].all():
        raise UserError("a player chose a full column")
    best = positions.outcome.max(axis=1)
    kept = positions.outcome[rows, actions] == best
    worst = np.where(positions.legal, positions.outcome, 1).min(axis=1)
    won, drawn, lost = (kept[best == sign] for sign in (1, 0, -1))
    numbers = (len(won), len(drawn), len(lost))
    return Kept(_share(kept), _share(won), _share(drawn), _share(lost), numbers, int((best == worst).sum()))


def random_share(positions: Positions) -> float:
    """The share of outcomes that random legal play keeps, in the mean."""
    best = positions.outcome == positions.outcome.max(axis=1, keepdims=True)
    return float((best.sum(axis=1) / positions.legal.sum(axis=1)).mean())


def _share(kept: np.ndarray) -> float:
    return float(kept.mean()) if len(kept) else math.nan


def measure(act: Act, params: Any, key: Array) -> Kept:
    """`outcome_kept` of a player as the arena takes it."""
    positions = load_positions()
    return outcome_kept(np.asarray(jax.jit(act)(params, key, positions.states)), positions)
