"""Pubeval: the player of backgammon by which programs have been measured since 1993.

It judges where a turn leaves its own checkers by a sum of 122 weights, which Gerald Tesauro gave to the
public (`data/pubeval.csv`), others while the sides can still meet than in a race. It knows no dice to come.
"""

import csv
from functools import cache
from importlib import resources
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.arena.entrants import Player
from jaxplay.errors import UserError
from jaxplay.game import CHANCE, Game, make
from jaxplay.rollout.seats import Act

NAME = "pubeval"
POINTS = 24
CHECKERS = 15
MOST_MOVES = 4
"""Of a turn, by a double."""
WIN = 1e6


@cache
def weights() -> np.ndarray:
    """`(2, 122)` float32: of positions where the sides can meet, and of races."""
    text = (resources.files("jaxplay.arena") / "data" / "pubeval.csv").read_text()
    rows = list(csv.DictReader(text.splitlines()))
    return np.array([[float(row[kind]) for row in rows] for kind in ("contact", "race")], np.float32)


def is_backgammon(game: Game[Any]) -> bool:
    """Whether the game is backgammon, whatever its options."""
    return isinstance(game, type(make("backgammon")))


def pubeval_player(game: Game[Any]) -> Player:
    """Makes the turn that leaves the best sum, asked for one move of a checker at a time.

    Raises:
        UserError: the game is not backgammon.
    """
    if not is_backgammon(game):
        raise UserError(f"{NAME} plays backgammon, not {game}")
    return Player(NAME, _pubeval_act(game))


def is_race(board: Array) -> Array:
    """`()` bool: no checker has one of the other side before it. `board`: `(26,)`, see `BackgammonState`."""
    places = np.arange(len(board))
    own, other = jnp.where(board > 0, places, len(board)).min(), jnp.where(board < 0, places, -1).max()
    return other < own


def judged(board: Array, race: Array) -> Array:
    """`()` float32: the sum for the player whose checkers are positive on `board`, `(26,)`."""
    points = board[1 : POINTS + 1]
    counts = [points == -1, points == 1, points >= 2, points == 3, jnp.maximum(points - 3, 0) / 2]
    off = CHECKERS - jnp.maximum(board, 0).sum()
    rest = jnp.stack([-board[-1] / 2, off / CHECKERS])
    inputs = jnp.concatenate([jnp.stack(counts, axis=-1).astype(jnp.float32).reshape(-1), rest])
    return jnp.where(race, *(inputs[None] * weights()[::-1]).sum(axis=-1))


@cache
def _pubeval_act(game: Game[Any]) -> Act:
    actions = np.arange(game.num_actions)[None]

    def after(states: Any, action: Array, mover: Array, race: Array, left: int) -> Array:
        """`(N,)`: the best sum that `mover` can end its turn with, once `action` is made."""
        states = jax.vmap(game.step)(states, action)
        ended = states.terminated | (states.current_player == CHANCE) | (states.turn != mover)
        flipped = jnp.where((states.turn != mover)[:, None], -states.board[:, ::-1], states.board)
        reached = jnp.where(states.terminated, WIN, jax.vmap(judged)(flipped, race))
        if left == 0:
            return reached
        ordered = (states.dice[:, :1] != states.dice[:, 1:]) | (actions >= action[:, None]) | (actions < 6)
        legal = states.legal_action_mask[:, : game.num_actions] & ~ended[:, None] & ordered
        return jnp.where(ended, reached, best(states, legal, mover, race, left)[1])

    def best(states: Any, legal: Array, mover: Array, race: Array, left: int) -> tuple[Array, Array]:
        """`(N,)` each: the best of `legal` actions, and the sum it leads to; -inf where there is none."""
        count = legal.sum(axis=-1)
        order = jnp.argsort(~legal, axis=-1, stable=True)

        def look(number: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
            action = order[:, number]
            value = jnp.where(number < count, after(states, action, mover, race, left - 1), -jnp.inf)
            better = value > carry[1]
            return jnp.where(better, action, carry[0]), jnp.where(better, value, carry[1])

        return jax.lax.fori_loop(0, count.max(), look, (order[:, 0], jnp.full(len(count), -jnp.inf)))

    def turn(state: Any) -> Array:
        states = jax.tree.map(lambda leaf: leaf[None], state)
        legal = states.legal_action_mask[:, : game.num_actions] & ~states.terminated[:, None]
        race = jax.vmap(is_race)(states.board)
        return best(states, legal, states.turn, race, MOST_MOVES)[0][0]

    def act(params: None, key: Array, states: Any) -> Array:
        # One after the other: side by side all would walk as many lines as the richest of them has, and one
        # double in the batch has a hundred times the lines of the others.
        return jax.lax.map(turn, states)

    return act
