"""Players that look a fixed number of moves ahead, and judge what they see there by hand-made rules.

They are measures: anybody can make the same player again. Looking at every line to the same depth finds the
values that alpha-beta search of that depth finds, which only leaves out lines that cannot matter.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.arena.entrants import Player
from jaxplay.errors import UserError
from jaxplay.game import Game
from jaxplay.rollout.seats import Act
from jaxplay.sampling import kth_set

Judge = Callable[[Any], Array]
"""What a position is worth to player 0, `() -> ()` float32 from -1 to 1."""

MOST_DEPTH = 6
"""Moves ahead, at most: each takes as many times as long as there are moves."""

WIN = 2.0
"""Worth of a won game, above all judgements."""


def minimax_player(game: Game[Any], depth: int) -> Player:
    """Looks `depth` moves ahead, and judges by the game's `heuristic`; without one, all positions are equal.

    Of moves that are worth the same it samples one.

    Raises:
        UserError: the game has chance, hidden information, or not two players with opposite interests; or
            `depth` is not from 1 to `MOST_DEPTH`.
    """
    if not 1 <= depth <= MOST_DEPTH:
        raise UserError(f"minimax:{depth} looks too far ahead; allowed: minimax:1 to minimax:{MOST_DEPTH}")
    _check(game, f"minimax:{depth}")
    return Player(f"minimax:{depth}", _minimax_act(game, depth, getattr(game, "heuristic", _nothing)))


def greedy_player(game: Game[Any]) -> Player:
    """Makes the move after which its score is best: in Othello, the one that leaves it most discs.

    Raises:
        UserError: see `minimax_player`, or the game counts no score (`jaxplay.game.Scored`).
    """
    _check(game, "greedy")
    if not getattr(game, "max_score", 0):
        raise UserError(f"greedy plays games that count a score (go, othello), not {game}")
    return Player("greedy", _minimax_act(game, 1, _score_of(game)))


def is_judged(game: Game[Any]) -> bool:
    """Whether the game has a hand-made `heuristic` (`jaxplay.game.Judged`)."""
    return getattr(type(game), "heuristic", None) is not None


def _check(game: Game[Any], name: str) -> None:
    if game.num_chance_outcomes or not game.perfect_information:
        raise UserError(f"{name} needs a game without chance and hidden information, not {game}")
    if game.num_players != 2 or not game.zero_sum:
        raise UserError(f"{name} needs a zero-sum game for two, not {game}")


def _nothing(state: Any) -> Array:
    return jnp.float32(0)


@cache
def _score_of(game: Any) -> Judge:
    return lambda state: game.score(state) / game.max_score


@cache
def _minimax_act(game: Game[Any], depth: int, judge: Judge) -> Act:
    def legal_of(states: Any) -> Array:
        """`(N, A)`: none where the game is over, so that nobody waits for it."""
        return states.legal_action_mask[:, : game.num_actions] & ~states.terminated[:, None]

    def worth(states: Any) -> Array:
        """`(N,)`: of positions that are not over, to the player to move."""
        judged = jax.vmap(judge)(states)
        return jnp.where(states.current_player == 0, judged, -judged)

    def after(states: Any, number: Array, depth: int) -> tuple[Array, Array]:
        """`(N,)` each: the `number`-th legal action, and its worth to who makes it; -inf: there is none."""
        legal = legal_of(states)
        count = legal.sum(-1)
        place = (jnp.minimum(number, count - 1) + 0.5) / jnp.maximum(count, 1)
        action = jax.vmap(kth_set)(legal, place)
        children = jax.vmap(game.step)(states, action)
        goes_on = best(children, depth - 1)
        again = children.current_player == states.current_player
        mine = jnp.take_along_axis(children.rewards, states.current_player[:, None], axis=-1)[:, 0]
        value = jnp.where(children.terminated, WIN * mine, jnp.where(again, goes_on, -goes_on))
        return action, jnp.where(number < count, value, -jnp.inf)

    def best(states: Any, depth: int) -> Array:
        """`(N,)`: what best play for `depth` moves is worth to the player to move."""
        if depth == 0:
            return worth(states)
        most = legal_of(states).sum(-1).max()
        found = jnp.full(states.terminated.shape, -jnp.inf)
        return jax.lax.fori_loop(0, most, lambda k, v: jnp.maximum(v, after(states, k, depth)[1]), found)

    def act(params: None, key: Array, states: Any) -> Array:
        def look(number: Array, carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
            action, value, tie = carry
            new, worth = after(states, number, depth)
            luck = jax.random.uniform(jax.random.fold_in(key, number), tie.shape)
            better = (worth > value) | ((worth == value) & (luck > tie))
            return (
                jnp.where(better, new, action),
                jnp.where(better, worth, value),
                jnp.where(better, luck, tie),
            )

        count = len(states.terminated)
        first = jnp.zeros(count, jnp.int32), jnp.full(count, -jnp.inf), jnp.zeros(count)
        return jax.lax.fori_loop(0, legal_of(states).sum(-1).max(), look, first)[0]

    return act
