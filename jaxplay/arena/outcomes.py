"""Strength in Connect Four against exact play: how often a player keeps the outcome of a position.

The data: positions after 10 to 26 random moves, with what each column comes to for the player to move: 0 is
a draw, a positive number a win and a negative one a loss. A move keeps the outcome if it wins a won position,
or at least draws a drawn one. In none of the positions do all legal moves come to the same. There are two
sets: settings of presets were chosen on `tuned`, 750 positions; `held_out`, 1,000, are to be judged by.
`benchmarks/exact/connect_four.c` found these, and agrees with the 750. Of each set a tenth is drawn, and in a
tenth a win is at hand.
"""

import csv
import math
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.rollout.seats import Act

FULL = -99
"""What the data says of a full column."""
Set = Literal["tuned", "held_out"]
FILES: dict[Set, str] = {"tuned": "connect_four_exact.csv", "held_out": "connect_four_held_out.csv"}


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
def load_positions(name: Set = "tuned") -> Positions:
    """The positions of a set, replayed on the game; always the same object."""
    rows = _rows(name)
    score = np.array([[int(row[f"c{column}"]) for column in range(7)] for row in rows])
    legal = score != FULL
    return Positions(_replay(moves(name)), np.where(legal, np.sign(score), -1), legal)


def moves(name: Set = "tuned") -> np.ndarray:
    """The columns that lead to each position of a set, `(N, L)` int32, with -1 behind the last."""
    lines = [row["moves"] for row in _rows(name)]
    length = max(map(len, lines))
    return np.array([[int(c) for c in line] + [-1] * (length - len(line)) for line in lines], np.int32)


@cache
def _rows(name: Set) -> list[dict[str, str]]:
    with files("jaxplay.arena").joinpath("data", FILES[name]).open() as file:
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


def measure(act: Act, params: Any, key: Array, name: Set = "tuned") -> Kept:
    """`outcome_kept` of a player as the arena takes it, at the positions of a set."""
    positions = load_positions(name)
    return outcome_kept(np.asarray(jax.jit(act)(params, key, positions.states)), positions)
